"""What the cards say of time."""

import pytest

from kiosk import i18n
from kiosk.screens.customer.phrases import counter_time_phrase
from kiosk.services.catalog import Minutes
from kiosk.services.wait import LONGEST, Wait

SERVICE = Minutes(low=4, high=9, source="C")


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (None, "Takes about 4–9 min, after the wait"),
        (Wait(0, 0, 0), "Takes about 4–9 min, with the wait"),
        (Wait(1, 0, 5), "Takes about 4–15 min, with the wait"),
        (Wait(11, 20, 50), "Takes about 20–60 min, with the wait"),
        (Wait(40, 60, LONGEST + 10), "Takes more than 90 min, with the wait"),
    ],
)
def test_the_counters_time_is_no_more_exact_than_the_wait(wait: Wait | None, said: str) -> None:
    before = i18n.language()
    i18n.use_language("en")
    try:
        assert counter_time_phrase(wait, SERVICE) == said
    finally:
        i18n.use_language(before)
