"""A customer's call for help goes round the branch by itself, and the answer comes back."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from kiosk.background import BackgroundSync
from kiosk.bootstrap import build, build_staff
from kiosk.config import load
from kiosk.db import Database
from kiosk.services.branch import enrol, initialise
from kiosk.services.customer import CustomerServices
from kiosk.services.journal import new_id
from kiosk.services.staff.help_calls import HelpCalls

PATIENCE = 20.0
Machine = tuple[CustomerServices, HelpCalls, BackgroundSync]


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """A terminal in the lobby and a laptop of staff; the next round by itself is an hour away."""
    with ExitStack() as stack:
        yield machine(tmp_path, "T1", 1, stack), machine(tmp_path, "T2", 2, stack)


def machine(folder: Path, code: str, digit: int, stack: ExitStack) -> Machine:
    given = {
        "KIOSK_DATA_FOLDER": str(folder / code),
        "KIOSK_BRANCH_DATABASE": f"sqlite:///{folder / 'branch.db'}",
        "KIOSK_TERMINAL_CODE": code,
        "KIOSK_TERMINAL_DIGIT": str(digit),
        "KIOSK_SYNC_EVERY": "3600",
    }
    config = load(None, given)
    with closing(Database(config.branch_database_url, create=True)) as branch:
        initialise(branch, config)
        enrol(branch, config.branch.code, code, digit)
    services = build(config)
    stack.callback(services.close)
    staff = build_staff(config, services)
    stack.callback(staff.close)
    beside = BackgroundSync(environment=os.environ | given)
    beside.start()
    stack.callback(beside.stop)
    return services, staff.help_calls, beside


def heard(holds: Callable[[], bool], beside: BackgroundSync) -> None:
    """Wait as the screens do: look, and wish for a round as long as nothing was heard."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it was not heard"
        beside.bring_now()
        time.sleep(0.2)


def test_a_call_is_heard_at_another_machine_and_the_customer_hears_who_comes(
    machines: tuple[Machine, Machine],
) -> None:
    (lobby, _, beside), (_, calls, beside_laptop) = machines
    call = new_id()
    lobby.visits.ask_help(call, new_id(), "HomeScreen", None)
    heard(lambda: [each.id for each in calls.open_calls()] == [call], beside)
    calls.take(call, "2001")
    beside_laptop.bring_now()
    heard(lambda: lobby.lobby.who_comes(call) is not None, beside)
