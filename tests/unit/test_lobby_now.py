"""What staff see of the lobby: the longest wait first, counters, terminals that are in use."""

from datetime import timedelta
from pathlib import Path

from desk_world import BRANCH, Hall
from support import SHANGHAI, FakeClock, default_catalog, make_journal, make_store

from kiosk.db import Database
from kiosk.models.payloads import TicketIssued, VisitEnded, VisitStarted
from kiosk.models.states import CounterState
from kiosk.services.journal import Fact, Journal, Origin, new_id
from kiosk.services.lobby_watch import BranchToAsk
from kiosk.services.staff.now import Lobbies, Lobby, lobby_of_branch
from kiosk.services.staff.usual import usual_first


def lobby(hall: Hall) -> Lobby:
    with hall.database.read() as connection:
        return lobby_of_branch(connection, BRANCH, hall.zone, hall.clock.now())


def visits(hall: Hall, terminal: str = "T1") -> Journal:
    return Journal(hall.database, Origin(BRANCH, terminal, 1), hall.clock, hall.zone, "release-1")


def test_who_waits_longest_comes_first_and_who_is_served_waits_no_more(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    desk = hall.open_desk(1)
    assert lobby(hall).waiting == ()
    for _ in range(3):
        hall.customer()
        hall.clock.advance(minutes=5)
    desk.call_next(new_id())
    found = lobby(hall)
    assert [(each.service, each.count, each.longest) for each in found.waiting] == [
        ("cash", 2, timedelta(minutes=10))
    ]
    assert found.count == 2
    [counter] = found.counters
    assert (counter.number, counter.state, counter.in_hand is not None) == (
        1, CounterState.OPEN, True,
    )  # fmt: skip


def test_a_terminal_is_in_use_until_its_visit_has_ended(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    hall.world.terminal()
    journal, visit = visits(hall), new_id()
    since = hall.clock.now()

    def in_use() -> list[object]:
        return [each.in_use_since for each in lobby(hall).terminals if each.code == "T1"]

    assert in_use() == [None]
    journal.record(Fact(VisitStarted(), visit=visit, language="en"))
    assert in_use() == [since]
    hall.clock.advance(minutes=31)
    assert in_use() == [None], "its end has not come, and nobody stands so long at a terminal"
    journal.record(Fact(VisitEnded(), visit=visit, language="en", reason="finished"))
    journal.record(Fact(VisitStarted(), visit=new_id(), language="en"))
    assert in_use() == [hall.clock.now()]


def test_a_branch_that_cannot_be_read_is_not_asked_each_second(tmp_path: Path) -> None:
    store, clock = make_store(tmp_path / "store.db"), FakeClock()
    branch = Database(f"sqlite:///{tmp_path / 'branch.db'}", create=True)
    lobbies = Lobbies(make_journal(store, clock), BranchToAsk(branch, clock), SHANGHAI, clock)
    assert not lobbies.read().is_whole, "there is no table in it"
    branch.migrate()
    clock.advance(59)
    assert not lobbies.read().is_whole
    clock.advance(1)
    assert lobbies.read().is_whole
    branch.close()
    store.close()


def test_what_customers_come_for_most_stands_first(tmp_path: Path) -> None:
    store, clock, catalog = make_store(tmp_path / "store.db"), FakeClock(), default_catalog()
    journal = make_journal(store, clock)

    def codes() -> list[str]:
        return [each.code for each in usual_first(journal, catalog)]

    by_number = [each.code for each in sorted(catalog.services, key=lambda each: each.number)]
    assert codes() == by_number

    codes_seen: list[str] = []

    def came(service: str) -> None:
        journal.record(
            Fact(
                TicketIssued(wait=None), visit=new_id(), ticket=new_id(), service=service,
                ticket_number=f"A1{len(codes_seen):03}", queue="A", transferable=True,
                priority="normal", arrived_at=clock.now(),
            )
        )  # fmt: skip
        codes_seen.append(service)

    came("funds")
    clock.advance(days=29)
    for service in ("withdrawal", "pin_reset", "pin_reset"):
        came(service)
    assert codes()[:2] == ["pin_reset", "withdrawal"]
    assert codes()[2:] == [each for each in by_number if each not in codes()[:2]]
    store.close()
