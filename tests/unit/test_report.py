"""The figures of a day, each with the counts that it is made of."""

import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import BRANCH, FakeClock, default_rules, make_journal, make_store

from kiosk.db import Database
from kiosk.i18n import format_share, use_language
from kiosk.services.branch_queue import BranchQueue
from kiosk.services.diversion import Diversions, Evidence, OfferMade
from kiosk.services.journal import Journal, new_id
from kiosk.services.report import DayReport, Share, day_report
from kiosk.services.tickets import TicketRequest, Tickets
from kiosk.services.visits import EndReason, Visits
from kiosk.services.wait import Wait

DAY = date(2026, 11, 23)
NO_WAIT = Wait(0, 0, 0)
EMPTY = DayReport(BRANCH, DAY, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ())


class Lobby:
    """Customers who do as they are told."""

    def __init__(self, store: Database, clock: FakeClock) -> None:
        journal: Journal = make_journal(store, clock)
        self.clock = clock
        self.visits = Visits(journal)
        self.diversions = Diversions(journal, 1)
        self.tickets = Tickets(
            journal, default_rules(), 1, BranchQueue(journal, sees_all_tickets=True)
        )

    def customer(
        self,
        *steps: str,
        service: str = "balance",
        channel: str = "mobile",
        reason: str | None = None,
    ) -> None:
        made = OfferMade(new_id(), new_id(), service, channel)
        arrived = self.visits.start(made.visit, "zh_CN")
        for step in steps:
            self.clock.advance(20)
            match step:
                case "left out":
                    self.visits.leave_out(made.visit)
                case "offer":
                    self.diversions.offer(made, {}, NO_WAIT)
                case "accept":
                    self.diversions.accept(made)
                case "decline":
                    self.diversions.decline(made, reason)
                case "complete":
                    self.diversions.complete(made, Evidence.CUSTOMER_SAID)
                case "fall back":
                    self.diversions.fall_back(made, reason)
                case "ticket" | "ticket and back":
                    ticket = self.tickets.issue(
                        TicketRequest(new_id(), made.visit, arrived, service)
                    )
                    if step != "ticket":
                        self.tickets.cancel(ticket.id)
        self.visits.end(made.visit, "zh_CN", EndReason.FINISHED)


@pytest.fixture
def lobby(store: Database) -> Lobby:
    return Lobby(store, FakeClock())


def test_a_day_in_the_branch_counted_by_hand(lobby: Lobby, store: Database) -> None:
    lobby.customer("offer", "accept", "complete")
    lobby.customer("offer", "accept", "complete", channel="atm")
    lobby.customer("offer", "accept", "fall back", "ticket", reason="app_error")
    lobby.customer("offer", "accept", "complete", "fall back", "ticket")
    lobby.customer("offer", "decline", "ticket", reason="prefers_person")
    lobby.customer("offer", "decline", "ticket and back", reason="limit")
    lobby.customer("offer", "accept")  # and walked away
    lobby.customer("ticket", service="large_withdrawal")
    lobby.customer("left out", "ticket")
    lobby.customer("offer", "accept", "left out", "complete", "ticket")
    lobby.customer()
    report = day_report(store, BRANCH, DAY)
    assert report == DayReport(
        branch=BRANCH,
        day=DAY,
        visits=11,
        visits_left_out=2,
        offered=7,
        accepted=5,
        declined=2,
        completed=2,
        fell_back=2,
        tickets=6,
        tickets_left_out=2,
        tickets_transferable=3,
        decline_reasons=(("limit", 1), ("prefers_person", 1)),
    )
    assert report.acceptance == Share(5, 7)
    assert report.completion == Share(2, 5)
    assert report.fall_back == Share(2, 5)
    assert report.unknown_outcome == Share(1, 5)
    assert report.diversion_share == Share(2, 5)
    assert report.diversion_ratio == Share(2, 4)
    assert (report.proof, report.claim) == (None, Share(2, 5))  # no journal has come


def test_reasons_stand_in_the_order_of_their_number(lobby: Lobby, store: Database) -> None:
    for reason in ["limit", "prefers_person", "limit", None, "no_smartphone", "limit", None]:
        lobby.customer("offer", "decline", reason=reason)
    lobby.customer("offer", "decline", "accept", reason="no_smartphone")  # changed their mind
    lobby.customer("left out", "offer", "decline", reason="prefers_person")
    report = day_report(store, BRANCH, DAY)
    assert report.decline_reasons == (
        ("limit", 3), ("", 2), ("no_smartphone", 1), ("prefers_person", 1)
    )  # fmt: skip
    assert sum(count for _, count in report.decline_reasons) == report.declined == 7


@settings(max_examples=20)
@given(
    st.lists(
        st.sampled_from(
            [
                ("offer",), ("offer", "accept"), ("offer", "accept", "complete"),
                ("offer", "accept", "fall back"), ("offer", "accept", "complete", "fall back"),
                ("offer", "accept", "fall back", "complete"), ("offer", "decline", "accept"),
                ("offer", "accept", "left out"), ("left out", "offer", "accept"),
                ("offer", "accept", "complete", "left out"), ("offer", "decline"),
            ]
        ),
        max_size=6,
    )
)  # fmt: skip
def test_every_accepted_offer_has_one_outcome(customers: list[tuple[str, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder) / "store.db")
        lobby = Lobby(store, FakeClock())
        for steps in customers:
            lobby.customer(*steps)
        report = day_report(store, BRANCH, DAY)
        store.close()
    unknown = [
        steps for steps in customers
        if "accept" in steps and not {"complete", "fall back", "left out"} & set(steps)
    ]  # fmt: skip
    assert report.unknown_outcome == Share(len(unknown), report.accepted)
    assert report.completed + report.fell_back + len(unknown) == report.accepted


def test_other_days_and_branches_have_their_own_report(lobby: Lobby, store: Database) -> None:
    lobby.customer("offer", "decline")
    lobby.clock.time = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)  # a minute before midnight
    lobby.customer("offer", "accept", "decline", "complete", "ticket")
    lobby.clock.advance(minutes=1)
    lobby.customer("offer", "accept")
    assert day_report(store, BRANCH, DAY).visits == 2
    assert day_report(store, BRANCH, DAY).completed == 1
    tomorrow = day_report(store, BRANCH, DAY + timedelta(days=1))
    assert tomorrow.accepted == 1
    assert (tomorrow.decline_reasons, tomorrow.declined) == ((), 0)
    assert day_report(store, BRANCH, DAY - timedelta(days=1)).visits == 0
    assert day_report(store, "0002", DAY).visits == 0


def test_a_day_without_customers_has_no_data(store: Database) -> None:
    report = day_report(store, BRANCH, DAY)
    assert report == EMPTY
    shares = (
        report.diversion_share, report.diversion_ratio, report.acceptance, report.completion,
        report.fall_back, report.unknown_outcome,
    )  # fmt: skip
    assert {format_share(each.numerator, each.denominator) for each in shares} == {"no data"}


def test_no_data_is_said_in_the_language_of_the_reader() -> None:
    told = set()
    for language in ("en", "zh_CN", "zh_TW"):
        use_language(language)
        told.add(format_share(0, 0))
    assert len(told) == 3


@pytest.mark.parametrize(
    ("completed", "tickets", "told"),
    [
        # the branch bank's 41.53 % and the network's 56.3 % (mission-facts S4)
        (4_153, 5_847, "41.5 % (4153/10000)"),
        (563, 437, "56.3 % (563/1000)"),
        (0, 3, "0.0 % (0/3)"),
        (3, 0, "100.0 % (3/3)"),
    ],
)
def test_the_share_of_what_moved(completed: int, tickets: int, told: str) -> None:
    report = DayReport(
        BRANCH, DAY, 0, 0, completed, completed, 0, completed, 0, tickets, 0, tickets, ()
    )
    share = report.diversion_share
    assert format_share(share.numerator, share.denominator) == told


def test_the_ratio_is_another_figure_and_may_exceed_all() -> None:
    report = DayReport(BRANCH, DAY, 0, 0, 12, 12, 0, 12, 0, 9, 1, 5, ())
    assert report.diversion_share == Share(12, 17)
    assert report.diversion_ratio == Share(12, 8)
    assert format_share(12, 8) == "150.0 % (12/8)"


def test_nine_approached_of_132_served_are_6_8_percent() -> None:
    assert format_share(9, 132) == "6.8 % (9/132)"


counts = st.integers(0, 10_000)


@settings(max_examples=50)
@given(counts, counts, counts, counts, counts)
def test_no_rate_counts_more_than_there_is(
    accepted: int, completed: int, proven: int, transferable: int, left_out: int
) -> None:
    completed = min(completed, accepted)
    proven = min(proven, completed)
    report = DayReport(
        BRANCH, DAY, accepted, 0, accepted, accepted, 0, completed, accepted - completed,
        transferable + left_out, left_out, transferable, (),
    )  # fmt: skip
    assert report.proof is report.proven_share is report.proven_ratio is None
    report = replace(report, proven=proven, is_provable=True)
    assert report.proof is not None
    for share in (
        report.diversion_share, report.completion, report.fall_back, report.acceptance,
        report.proof, report.claim, report.proven_share,
    ):  # fmt: skip
        assert share is not None
        assert 0 <= share.numerator <= share.denominator
    assert report.proof.numerator + report.claim.numerator == report.completion.numerator
    assert report.diversion_ratio.denominator == transferable


def test_a_report_changes_nothing_and_needs_no_lock(lobby: Lobby, store: Database) -> None:
    lobby.customer("offer")
    with store.write():
        assert day_report(store, BRANCH, DAY).offered == 1
