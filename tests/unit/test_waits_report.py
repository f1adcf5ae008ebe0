"""What was said of the wait, held against it; and what counters did, in the day's figures."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from counters_here import CountersHere
from sync_world import TerminalHere, World
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.languages import LANGUAGES
from kiosk.models.payloads import (
    CounterOpened,
    DiversionCompleted,
    DiversionOffered,
    TicketCalled,
    TicketHeld,
    TicketIssued,
    TicketNoShow,
    TicketResumed,
    TicketStarted,
    VisitLeftOut,
    VisitStarted,
    WaitShown,
)
from kiosk.services.journal import Fact, new_id
from kiosk.services.report import DayReport, Share, day_report
from kiosk.services.spread import NO_DATA, Spread, spread_of
from kiosk.services.waits_report import Kept, WaitsReport, waits_report

DAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NONE = Kept(0, 0, 0, 0, 0, NO_DATA)
Range = tuple[int, int | None]


@dataclass
class Branch:
    world: World
    terminal: TerminalHere
    counters: CountersHere
    issued: int = 0

    def at(self, minute: float) -> "Branch":
        self.world.clock.time = NINE + timedelta(minutes=minute)
        return self

    def issue(
        self,
        said: Range | None = (5, 15),
        queue: str = "A",
        *,
        offered: bool = False,
        left_out: bool = False,
        completed: bool = False,
    ) -> UUID:
        """A ticket with what was said on it; some of its customers had seen an offer."""
        self.issued += 1
        visit, ticket, now = new_id(), new_id(), self.world.clock.now()
        shown = WaitShown(ahead=3, low=said[0], high=said[1]) if said else None
        journal = self.terminal.journal
        journal.record(Fact(VisitStarted(), visit=visit, language="en", arrived_at=now))
        if left_out:
            journal.record(Fact(VisitLeftOut(), visit=visit))
        route = {"service": "transfer", "channel": "mobile"}
        offer = new_id()
        if offered or completed:
            journal.record(
                Fact(DiversionOffered(answers={}, wait=shown), visit=visit, offer=offer, **route)  # type: ignore[arg-type]
            )
        if completed:
            journal.record(
                Fact(
                    DiversionCompleted(),
                    visit=visit,
                    offer=offer,
                    evidence="staff_saw",
                    **route,  # type: ignore[arg-type]
                )
            )
        journal.record(
            Fact(
                TicketIssued(wait=shown), visit=visit, ticket=ticket,
                ticket_number=f"{queue}1{self.issued:03}", queue=queue, service="transfer",
                transferable=True, arrived_at=now, priority="normal",
            )
        )  # fmt: skip
        self.terminal.sync()
        return ticket

    def told_and_called(self, said: Range | None, after: float, **how: object) -> None:
        start = (self.world.clock.now() - NINE).total_seconds() / 60
        ticket = self.issue(said, **how)  # type: ignore[arg-type]
        self.at(start + after)
        self.counters.step(1, ticket, TicketCalled(), TicketStarted())
        self.counters.finish(1, ticket)
        self.at(start)

    def waits(self, day: date = DAY) -> WaitsReport:
        return waits_report(self.world.branch, "0001", day)

    def figures(self) -> DayReport:
        return day_report(self.world.branch, "0001", DAY)


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    world = World(tmp_path)
    world.clock.time = NINE
    made = Branch(world, world.terminal(), CountersHere(world, {1: None}))
    made.counters.say(1, CounterOpened())
    return made


# --- the wait ---------------------------------------------------------------------------------


def test_each_wait_is_inside_later_or_earlier(branch: Branch) -> None:
    for after in (4.0, 4.5, 5.0, 10.0, 15.0, 15.5, 16.0, 20.0, 20.1):
        branch.told_and_called((5, 15), after)
    total = branch.waits().total
    assert (total.told, total.inside, total.earlier, total.later) == (9, 5, 1, 3)
    assert total.much_later == 1
    assert total.waited == spread_of([4.0, 4.5, 5.0, 10.0, 15.0, 15.5, 16.0, 20.0, 20.1])


def test_more_than_is_kept_however_long_it_takes_and_broken_by_a_short_wait(
    branch: Branch,
) -> None:
    branch.told_and_called((60, None), 200)
    branch.told_and_called((60, None), 30)
    total = branch.waits().total
    assert (total.inside, total.later, total.earlier) == (1, 0, 1)


def test_who_was_told_of_no_wait_stands_apart(branch: Branch) -> None:
    branch.told_and_called((0, 0), 0.4)
    branch.told_and_called((0, 0), 3)
    branch.told_and_called(None, 9)
    branch.issue()
    found = branch.waits()
    assert found.total == NONE
    assert (found.no_wait.told, found.no_wait.inside, found.no_wait.later) == (2, 1, 1)
    assert (found.told_no_range, found.not_called) == (1, 1)


def test_a_second_call_does_not_count(branch: Branch) -> None:
    ticket = branch.issue()
    branch.at(10)
    branch.counters.step(1, ticket, TicketCalled(), TicketNoShow())
    assert branch.waits().total.inside == 1


def test_it_is_told_by_queue_and_hour_and_for_who_saw_an_offer(branch: Branch) -> None:
    branch.told_and_called((5, 15), 10)
    branch.at(60).told_and_called((5, 15), 20, queue="B", offered=True)
    branch.at(61).told_and_called((5, 15), 3, queue="B")
    found = branch.waits()
    assert [(letter, kept.told, kept.inside) for letter, kept in found.by_queue] == [
        ("A", 1, 1), ("B", 2, 0),
    ]  # fmt: skip
    assert [(hour, kept.told) for hour, kept in found.by_hour] == [(9, 1), (10, 2)]
    assert (found.after_offer.told, found.after_offer.later) == (1, 1)
    assert (found.without_offer.told, found.without_offer.earlier) == (2, 1)
    assert branch.waits(DAY - timedelta(days=1)).total == NONE


# --- the command ------------------------------------------------------------------------------


def report(branch: Branch, *words: str, language: str = "en") -> list[str]:
    shown = CliRunner().invoke(
        app,
        ["report", *words],
        env={"KIOSK_DATA_FOLDER": str(branch.world.folder), "LC_ALL": f"{language}.UTF-8"},
    )
    assert shown.exit_code == 0, shown.output
    return shown.stdout.splitlines()


def test_the_waits_of_a_day_can_be_read(branch: Branch) -> None:
    for after in (10, 30):
        branch.told_and_called((5, 15), after)
    lines = report(branch, "waits", "--day", "2026-11-23")
    assert lines[0].endswith("2026-11-23")
    [whole] = [line.split() for line in lines if line.startswith("All ")]
    assert " ".join(whole) == "All 2 50.0 % 50.0 % 50.0 % 0.0 % 20.0 10.0 30.0"
    assert all(len(line) <= 100 for line in lines)


def test_a_day_without_waits_has_no_data(branch: Branch) -> None:
    lines = report(branch, "waits", "--day", "2026-11-20")
    assert next(line for line in lines if line.startswith("All ")).count("no data") == 7
    assert "Not called: 0" in lines


def test_programs_read_the_waits_as_json(branch: Branch) -> None:
    branch.told_and_called((5, 15), 10)
    [line] = report(branch, "waits", "--day", "2026-11-23", "--json")
    told = json.loads(line)
    assert (told["branch"], told["day"], told["total"]["inside"]) == ("0001", "2026-11-23", 1)
    assert told["by_queue"][0][1]["waited"] == {"count": 1, "mean": 10, "median": 10, "p90": 10}
    [line] = report(branch, "waits", "--day", "2026-11-20", "--json")
    assert json.loads(line)["total"]["waited"]["mean"] is None


def test_a_day_that_is_none_is_refused(branch: Branch) -> None:
    shown = CliRunner().invoke(app, ["report", "waits", "--day", "tomorrow"])
    assert shown.exit_code != 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_lines(branch: Branch, language: str) -> None:
    branch.told_and_called((5, 15), 10)
    words = ("waits", "--day", "2026-11-23")
    assert len(report(branch, *words, language=language)) == len(report(branch, *words))


# --- the day's figures ------------------------------------------------------------------------


def test_what_counters_did_is_in_the_day_s_figures(branch: Branch) -> None:
    served, held, missing, left = (branch.issue() for _ in range(4))
    branch.at(10).counters.step(1, served, TicketCalled())
    branch.at(11).counters.step(1, served, TicketStarted())
    branch.at(17).counters.finish(1, served)
    branch.counters.step(1, held, TicketCalled(), TicketStarted())
    branch.at(20).counters.step(1, held, TicketHeld())
    branch.at(40).counters.step(1, held, TicketResumed())
    branch.at(45).counters.finish(1, held)
    branch.at(50).counters.step(1, missing, TicketCalled(), TicketNoShow())
    branch.at(500).counters.expire(left)
    found = branch.figures()
    assert (found.served, found.no_show, found.expired) == (2, 1, 1)
    # waits of 10, 17 and 50 minutes; services of 6, and of 3 and 5 around the hold
    assert found.waiting == Spread(3, 77 / 3, 17, 50)
    assert found.service == Spread(2, 7, 6, 8)


def test_the_ratio_counts_what_was_served_where_counters_report(branch: Branch) -> None:
    for how in ({}, {"left_out": True}, {"completed": True}):
        branch.issue(**how)  # type: ignore[arg-type]
    assert branch.figures().diversion_ratio == Share(1, 2)  # tickets stand for transactions
    branch.told_and_called((5, 15), 10)
    branch.told_and_called((5, 15), 12, left_out=True)
    assert branch.figures().diversion_ratio == Share(1, 1)
    assert branch.figures().tickets == 5


def test_a_branch_whose_counters_do_not_report_has_no_data_of_them(branch: Branch) -> None:
    branch.issue()
    found = branch.figures()
    assert (found.waiting, found.service, found.served_counted) == (NO_DATA, NO_DATA, None)


def test_the_lines_say_which_ratio_it_is(tmp_path: Path) -> None:
    world = World(tmp_path, is_now=True)
    branch = Branch(world, world.terminal(), CountersHere(world, {1: None}))
    ticket = branch.issue(completed=True)
    before = report(branch, "today")
    assert "Waiting time: no data" in before
    assert "  Diversion rate, ratio (completed ÷ counter tickets): 100.0 % (1/1)" in before
    branch.counters.step(1, ticket, TicketCalled(), TicketStarted())
    branch.counters.finish(1, ticket)
    after = report(branch, "today")
    assert "At the counters: 1 served, 0 did not come, 0 left over" in after
    assert "  Diversion rate, ratio (completed ÷ served at counters): 100.0 % (1/1)" in after
    assert any(line.startswith("Service time: mean 0.0 min, median 0.0") for line in after)
    assert not [line for line in report(branch, "today", "--store") if "counters:" in line]


def test_ranks_are_those_of_the_waits_themselves() -> None:
    assert spread_of([]) == NO_DATA
    assert spread_of([3.0]) == Spread(1, 3.0, 3.0, 3.0)
    assert spread_of([float(each) for each in range(10, 0, -1)]) == Spread(10, 5.5, 5.0, 9.0)
