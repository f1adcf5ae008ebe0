"""Offers: offered is not accepted, accepted is not done, and done needs somebody who knows."""

import json
from pathlib import Path

import pytest
from support import FakeClock, rows

from kiosk.services.diversion import Diversions, Evidence, OfferMade
from kiosk.services.journal import Journal, new_id
from kiosk.services.visits import Visits
from kiosk.services.wait import Wait

STAGES = "offered_at, accepted_at, declined_at, completed_at, fell_back_at"
FIGURES = "SELECT sum(offered), sum(accepted), sum(declined), sum(completed), sum(fell_back)"
COUNTS = f"{FIGURES} FROM hourly_figures"


@pytest.fixture
def diversions(journal: Journal) -> Diversions:
    return Diversions(journal, 1)


@pytest.fixture
def offer(journal: Journal, diversions: Diversions) -> OfferMade:
    """An offer that a customer has before them."""
    visit = new_id()
    Visits(journal).start(visit, "zh_CN")
    made = OfferMade(new_id(), visit, "balance", "mobile")
    diversions.offer(made, {"card": "yes"}, Wait(3, 5, 15, "5f"))
    return made


def test_an_offer_keeps_the_answers_and_the_wait_that_was_shown(
    offer: OfferMade, path: Path
) -> None:
    [(payload, number)] = rows(path, "SELECT payload, offer FROM event WHERE stage = 'offered'")
    assert json.loads(str(payload)) == {
        "answers": {"card": "yes"},
        "wait": {"ahead": 3, "low": 5, "high": 15, "snapshot": "5f"},
    }
    assert number == offer.id.hex
    assert rows(path, COUNTS) == [(1, 0, 0, 0, 0)]


def test_the_stages_of_a_diversion_that_went_well(
    diversions: Diversions, offer: OfferMade, clock: FakeClock, path: Path
) -> None:
    clock.advance(10)
    diversions.accept(offer)
    clock.advance(10)
    diversions.complete(offer, Evidence.CUSTOMER_SAID)
    assert rows(path, f"SELECT {STAGES}, evidence FROM diversion") == [  # noqa: S608
        (
            "2026-11-23 01:30:00.000000",
            "2026-11-23 01:30:10.000000",
            None,
            "2026-11-23 01:30:20.000000",
            None,
            "customer_said",
        )
    ]
    assert rows(path, COUNTS) == [(1, 1, 0, 1, 0)]


@pytest.mark.parametrize("evidence", Evidence)
def test_who_knows_that_it_was_done_is_kept(
    diversions: Diversions, offer: OfferMade, path: Path, evidence: Evidence
) -> None:
    diversions.accept(offer)
    diversions.complete(offer, evidence)
    assert rows(path, "SELECT evidence FROM diversion") == [(evidence.value,)]


def test_a_decline_and_then_the_reason(
    diversions: Diversions, offer: OfferMade, clock: FakeClock, path: Path
) -> None:
    diversions.decline(offer)
    assert rows(path, "SELECT decline_reason FROM diversion") == [(None,)]
    clock.advance(5)
    diversions.decline(offer, "limit")
    assert rows(path, "SELECT decline_reason, declined_at FROM diversion") == [
        ("limit", "2026-11-23 01:30:00.000000")
    ]
    assert rows(path, COUNTS) == [(1, 0, 1, 0, 0)]


def test_what_came_to_nothing_after_all_is_not_done(
    diversions: Diversions, offer: OfferMade, path: Path
) -> None:
    diversions.accept(offer)
    diversions.complete(offer, Evidence.CUSTOMER_SAID)
    diversions.fall_back(offer, "app_error")
    assert rows(path, "SELECT failure_reason, decline_reason FROM diversion") == [
        ("app_error", None)
    ]
    assert rows(path, COUNTS) == [(1, 1, 0, 0, 1)]


def test_saying_it_twice_changes_no_figure(
    diversions: Diversions, offer: OfferMade, path: Path
) -> None:
    for _ in range(2):
        diversions.offer(offer, {}, Wait(0, 0, 0))
        diversions.accept(offer)
        diversions.complete(offer, Evidence.STAFF_SAW)
    assert rows(path, COUNTS) == [(1, 1, 0, 1, 0)]
    assert rows(path, "SELECT count(*) FROM diversion") == [(1,)]


def test_two_offers_of_one_visit_stay_apart(
    diversions: Diversions, offer: OfferMade, path: Path
) -> None:
    other = OfferMade(new_id(), offer.visit, "balance", "atm")
    diversions.offer(other, {}, Wait(0, 0, 0))
    diversions.accept(other)
    diversions.decline(offer)
    found = rows(path, "SELECT channel, offered, accepted, declined FROM hourly_figures"
                       " WHERE channel <> '' ORDER BY channel")  # fmt: skip
    assert found == [("atm", 1, 1, 0), ("mobile", 1, 0, 1)]
