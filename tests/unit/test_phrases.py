"""What the cards say of time."""

import pytest

from kiosk import i18n
from kiosk.screens.customer.phrases import ahead_phrase, counter_time_phrase, wait_phrase
from kiosk.services.catalog_parts import Minutes
from kiosk.services.wait import Wait

SERVICE = Minutes(low=4, high=9, source="C")


@pytest.mark.parametrize(
    ("wait", "said", "at_the_counter"),
    [
        (None, "", "Takes about 4–9 min, after the wait"),
        (Wait(7, None, None), "", "Takes about 4–9 min, after the wait"),
        (Wait(0, 0, 0), "No wait just now", "Takes about 4–9 min, with the wait"),
        (Wait(1, 0, 5), "Wait: under 5 min", "Takes about 4–15 min, with the wait"),
        (Wait(11, 20, 50), "Wait: about 20–50 min", "Takes about 20–60 min, with the wait"),
        (Wait(30, 60, 100), "Wait: about 60–100 min", "Takes about 60–110 min, with the wait"),
        (Wait(40, 60, None), "Wait: more than 60 min", "Takes more than 60 min, with the wait"),
        (Wait(50, 90, None), "Wait: more than 90 min", "Takes more than 90 min, with the wait"),
    ],
)
def test_the_counters_time_is_no_more_exact_than_the_wait(
    wait: Wait | None, said: str, at_the_counter: str
) -> None:
    before = i18n.language()
    i18n.use_language("en")
    try:
        assert wait_phrase(wait) == said
        assert counter_time_phrase(wait, SERVICE) == at_the_counter
        assert ahead_phrase(Wait(7, None, None)) == "About 7 people ahead of you"
    finally:
        i18n.use_language(before)
