"""Where journals are read and matched: what it does when they are too much for it."""

from pathlib import Path

import pytest

from kiosk.errors import KioskError
from kiosk.services.reconcile.workbench import workbench


def test_what_does_not_fit_into_memory_is_a_sentence(tmp_path: Path) -> None:
    too_much = "SELECT list(range) FROM range(50_000_000)"  # one value, which can't be put down
    with pytest.raises(KioskError) as refused, workbench(tmp_path) as connection:
        connection.execute(too_much).fetchall()
    assert refused.value.code == "reconcile_too_large"
