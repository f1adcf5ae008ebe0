"""Learning overnight: from the branch's own events, published to its terminals, never twice."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from counters_here import CountersHere
from support import default_rules
from sync_world import FORMS, TerminalHere, World, world_on
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.models.payloads import CounterOpened, TicketCalled, TicketIssued, TicketStarted
from kiosk.services.journal import Fact, new_id
from kiosk.services.learned_release import LearnedRelease
from kiosk.services.learning import learn_day
from kiosk.services.waiting.learned import Learned

RULES = default_rules()
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


world = world_on(*FORMS[:2])


@pytest.fixture
def here(tmp_path: Path) -> World:
    return World(tmp_path)


class Branch:
    """One counter, and a day for it to be busy on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.terminal: TerminalHere = world.terminal()
        self.counters = CountersHere(world, {1: None})
        self._number = 0

    def live(self, day: date, minutes: float = 6, customers: int = 4) -> None:
        """Customers come together, and are served one after the other."""
        clock = self.world.clock
        clock.time = datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC)
        self.counters.say(1, CounterOpened())
        tickets = [self.issue() for _ in range(customers)]
        self.terminal.sync()
        for ticket in tickets:
            self.counters.step(1, ticket, TicketCalled(), TicketStarted())
            clock.advance(minutes=minutes)
            self.counters.finish(1, ticket)

    def issue(self) -> UUID:
        self._number += 1
        ticket = new_id()
        self.terminal.journal.record(
            Fact(
                TicketIssued(wait=None), visit=new_id(), ticket=ticket,
                ticket_number=f"A1{self._number:03}", queue="A", service="balance",
                transferable=True, arrived_at=self.world.clock.now(), priority="normal",
            )
        )  # fmt: skip
        return ticket

    def learn(self, day: date) -> Learned:
        with self.world.branch.write() as connection:
            return learn_day(connection, "0001", day, RULES, self.world.clock.now())

    def versions(self) -> list[tuple[object, ...]]:
        query = "SELECT version FROM release WHERE name = 'learned' ORDER BY version"
        return self.world.rows(query)


def held(terminal: TerminalHere) -> Learned:
    with terminal.store.read() as connection:
        return LearnedRelease("0001").newest(connection)


def test_what_a_day_taught_comes_down_to_the_terminals(world: World) -> None:
    branch = Branch(world)
    branch.live(MONDAY)
    learned = branch.learn(MONDAY)
    # six minutes beside the catalog's, four times
    usual = RULES.setup.minutes_of("balance")
    assert learned.minutes["balance"].weight == 19
    assert min(usual, 6) <= learned.minutes["balance"].value <= max(usual, 6)
    assert learned.through == MONDAY
    assert held(branch.terminal) == Learned()
    branch.terminal.sync()
    assert held(branch.terminal) == learned


def test_a_day_is_learned_once_however_often_it_is_asked_for(here: World) -> None:
    branch = Branch(here)
    branch.live(MONDAY)
    once = branch.learn(MONDAY)
    assert branch.learn(MONDAY) == once
    branch.live(MONDAY + DAY, minutes=9)
    twice = branch.learn(MONDAY + DAY)
    assert [branch.learn(MONDAY + DAY) for _ in range(3)] == [twice] * 3
    assert twice != once
    assert branch.learn(MONDAY) == twice  # that day is in it already
    assert len(branch.versions()) == 2


def test_events_that_came_late_are_learned_from_the_next_time(here: World) -> None:
    branch = Branch(here)
    branch.live(MONDAY)
    branch.learn(MONDAY)
    branch.live(MONDAY + DAY, customers=2)
    early = branch.learn(MONDAY + DAY)
    branch.live(MONDAY + DAY, customers=3)
    for _ in range(3):
        late = branch.learn(MONDAY + DAY)
    assert (early.minutes["balance"].weight, late.minutes["balance"].weight) == (21, 24)


def test_days_that_were_not_closed_are_caught_up_with(here: World) -> None:
    branch, other = Branch(here), MONDAY + 2 * DAY
    for day in (MONDAY, MONDAY + DAY, other):
        branch.live(day)
    at_once = branch.learn(other)
    here.change("DELETE FROM release WHERE name = 'learned'")
    for day in (MONDAY, MONDAY + DAY, other):
        each = branch.learn(day)
    assert each == at_once


def test_a_branch_without_tickets_publishes_nothing(here: World) -> None:
    branch = Branch(here)
    assert branch.learn(MONDAY) == Learned()
    assert branch.versions() == []


def run(world: World, *words: str) -> str:
    shown = CliRunner().invoke(
        app,
        ["queue", *words],
        env={"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": "en.UTF-8"},
    )
    assert shown.exit_code == 0, shown.output
    return shown.stdout


def test_the_end_of_the_day_learns_from_it(here: World) -> None:
    branch = Branch(here)
    assert "nothing to learn from" in run(here, "learn", "--day", "2026-11-23")
    branch.live(MONDAY)
    run(here, "close-day", "--day", "2026-11-23")
    assert branch.versions() == [(1,)]
    assert "Learned through 2026-11-23, from " in run(here, "learn", "--day", "2026-11-23")
    assert branch.versions() == [(1,)]
