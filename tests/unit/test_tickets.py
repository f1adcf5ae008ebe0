"""Tickets: one for each request, numbered without a gap, whatever happens in between."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from support import (
    BRANCH,
    FakeClock,
    TickingClock,
    change,
    default_catalog,
    default_rules,
    make_journal,
    make_store,
    rows,
)

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.branch_queue import BranchQueue
from kiosk.services.diversion import Diversions, OfferMade
from kiosk.services.journal import Journal, new_id
from kiosk.services.report import day_report
from kiosk.services.tickets import IssuedTicket, TicketRequest, Tickets
from kiosk.services.visits import Visits
from kiosk.services.wait import Wait

CASH, BALANCE, AGENCY = "large_withdrawal", "balance", "agency"  # queues A, B and F


@pytest.fixture
def tickets(journal: Journal) -> Tickets:
    return make_tickets(journal)


def alone(journal: Journal) -> BranchQueue:
    return BranchQueue(journal, sees_all_tickets=True)


def make_tickets(journal: Journal, *, digit: int = 1, counters: int = 3) -> Tickets:
    return Tickets(journal, default_rules(counters), digit, alone(journal))


def request(service: str | None = CASH, arrived_at: datetime | None = None) -> TicketRequest:
    arrived = arrived_at or datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    return TicketRequest(new_id(), new_id(), arrived, service)


def issue(tickets: Tickets, service: str | None = CASH, times: int = 1) -> list[str]:
    return [tickets.issue(request(service)).number for _ in range(times)]


# --- priority ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fell_back", "left_out", "priority"),
    [
        (False, False, "normal"),
        (True, False, "returned"),
        (False, True, "senior"),
        (True, True, "senior"),
    ],
)
def test_a_ticket_has_the_priority_of_its_visit(
    tickets: Tickets, journal: Journal, path: Path, fell_back: bool, left_out: bool, priority: str
) -> None:
    wanted = request(BALANCE)
    visits, diversions = Visits(journal), Diversions(journal, 1)
    visits.start(wanted.visit, "en")
    offer = OfferMade(new_id(), wanted.visit, BALANCE, "mobile")
    diversions.offer(offer, {}, None)
    diversions.accept(offer)
    if fell_back:
        diversions.fall_back(offer)
    if left_out:
        visits.leave_out(wanted.visit)
    tickets.issue(wanted)
    assert rows(path, "SELECT priority, steps FROM ticket") == [(priority, 0)]
    assert rows(path, "SELECT priority FROM event WHERE stage = 'issued'") == [(priority,)]


# --- numbers ----------------------------------------------------------------------------------


def test_a_number_is_the_queue_s_letter_the_terminal_s_digit_and_three_more(
    tickets: Tickets,
) -> None:
    assert issue(tickets, CASH, 3) == ["A1001", "A1002", "A1003"]
    for service in default_catalog().services:
        ticket = tickets.issue(request(service.code))
        assert re.fullmatch(r"[A-F]1[0-9]{3}", ticket.number)
        assert ticket.number[0] == ticket.queue == service.queue
        assert ticket.service == service.code


def test_every_queue_counts_for_itself(tickets: Tickets) -> None:
    assert issue(tickets, CASH, 2) == ["A1001", "A1002"]
    assert issue(tickets, BALANCE) == ["B1001"]
    assert issue(tickets, AGENCY) == ["F1001"]
    assert issue(tickets, CASH) == ["A1003"]


def test_a_customer_who_names_no_service_stands_in_the_first_queue(tickets: Tickets) -> None:
    ticket = tickets.issue(request(None))
    assert (ticket.number, ticket.queue, ticket.service) == ("A1001", "A", None)


def test_terminals_that_cannot_see_each_other_never_give_the_same_number(tmp_path: Path) -> None:
    given = []
    for digit in range(10):
        journal = make_journal(make_store(tmp_path / f"{digit}.db"), FakeClock())
        given += issue(make_tickets(journal, digit=digit), times=3)
    assert len(set(given)) == 30


def test_numbers_begin_anew_every_business_day(tickets: Tickets, clock: FakeClock) -> None:
    clock.time = datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)  # one second before midnight
    assert issue(tickets, times=2) == ["A1001", "A1002"]
    clock.advance(1)
    assert issue(tickets, times=2) == ["A1001", "A1002"]
    clock.jump(seconds=-1)  # and a day that comes back goes on
    assert issue(tickets) == ["A1003"]


def test_midnight_between_two_looks_at_the_clock(store: Database, path: Path) -> None:
    midnight = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    for looks in range(1, 8):
        journal = make_journal(
            store, TickingClock(midnight - timedelta(seconds=looks), timedelta(seconds=1))
        )
        make_tickets(journal).issue(request())
    for day in rows(path, "SELECT DISTINCT business_date FROM ticket"):
        found = rows(path, "SELECT number FROM ticket WHERE business_date = ? ORDER BY 1", *day)
        assert [row[0] for row in found] == [f"A1{n:03d}" for n in range(1, len(found) + 1)]


def test_numbers_go_on_after_a_restart(tickets: Tickets, store: Database, path: Path) -> None:
    assert issue(tickets) == ["A1001"]
    store.close()
    again = make_journal(Database(f"sqlite:///{path}"), FakeClock())
    assert issue(make_tickets(again)) == ["A1002"]


def test_a_number_that_was_given_back_is_not_given_again(tickets: Tickets) -> None:
    last = tickets.issue(request())
    tickets.cancel(last.id)
    assert issue(tickets) == ["A1002"]


def test_after_the_last_number_of_a_day_it_is_said(
    tickets: Tickets, clock: FakeClock, path: Path
) -> None:
    tickets.issue(request())
    change(path, "UPDATE ticket SET number = 'A1998'")
    assert issue(tickets) == ["A1999"]
    before = rows(path, "SELECT count(*) FROM event")
    with pytest.raises(KioskError) as caught:
        tickets.issue(request())
    assert (caught.value.code, caught.value.params) == ("ticket_numbers_used_up", {"queue": "A"})
    assert rows(path, "SELECT count(*) FROM event") == before
    assert issue(tickets, BALANCE) == ["B1001"]  # the other queues go on
    clock.advance(days=1)
    assert issue(tickets) == ["A1001"]


# --- exactly once -----------------------------------------------------------------------------


def test_the_same_request_gives_the_same_ticket(tickets: Tickets, path: Path) -> None:
    this = request()
    first = tickets.issue(this)
    assert tickets.issue(this) == first
    assert tickets.issue(this) == first
    assert rows(path, "SELECT count(*) FROM event WHERE kind = 'ticket'") == [(1,)]
    assert rows(path, "SELECT count(*) FROM ticket") == [(1,)]
    assert issue(tickets) == ["A1002"]


def test_threads_at_once_get_numbers_without_a_gap(tickets: Tickets, path: Path) -> None:
    start = threading.Barrier(8)

    def issue_some() -> list[str]:
        start.wait()
        return issue(tickets, times=5)

    with ThreadPoolExecutor(8) as pool:
        found = [future.result() for future in [pool.submit(issue_some) for _ in range(8)]]
    numbers = sorted(number for some in found for number in some)
    assert numbers == [f"A1{n:03d}" for n in range(1, 41)]
    seqs = rows(path, "SELECT seq FROM event ORDER BY seq")
    assert seqs == [(n,) for n in range(1, 41)]


def test_threads_with_one_request_get_one_ticket(tickets: Tickets, path: Path) -> None:
    this, start = request(), threading.Barrier(8)

    def ask() -> IssuedTicket:
        start.wait()
        return tickets.issue(this)

    with ThreadPoolExecutor(8) as pool:
        found = {future.result() for future in [pool.submit(ask) for _ in range(8)]}
    assert {ticket.number for ticket in found} == {"A1001"}
    assert rows(path, "SELECT count(*) FROM ticket") == [(1,)]


# --- giving back ------------------------------------------------------------------------------


def test_a_ticket_can_be_given_back_once_and_it_stays_so(
    tickets: Tickets, store: Database, path: Path, clock: FakeClock
) -> None:
    this = request()
    ticket = tickets.issue(this)
    clock.advance(60)
    for _ in range(3):
        tickets.cancel(ticket.id)
    assert rows(path, "SELECT stage FROM event ORDER BY seq") == [("issued",), ("cancelled",)]
    assert rows(path, "SELECT state, cancelled_at FROM ticket") == [
        ("cancelled", "2026-11-23 01:31:00.000000")
    ]
    assert day_report(store, BRANCH, clock.now().date()).tickets == 0


def test_giving_back_what_nobody_issued_changes_nothing(tickets: Tickets, path: Path) -> None:
    tickets.cancel(new_id())
    assert rows(path, "SELECT count(*) FROM event") == [(0,)]


def test_a_cancelled_event_says_what_the_issued_one_said(tickets: Tickets, path: Path) -> None:
    ticket = tickets.issue(request(BALANCE))
    tickets.cancel(ticket.id)
    same = "visit, ticket, ticket_number, queue, service, transferable, arrived_at"
    found = rows(path, f"SELECT {same} FROM event")  # noqa: S608 (a test's own words)
    assert len(found) == 2
    assert found[0] == found[1]
    assert None not in found[0]


# --- what a ticket keeps ----------------------------------------------------------------------


def test_the_time_of_arrival_is_kept_through_every_detour(
    tickets: Tickets, journal: Journal, clock: FakeClock, path: Path
) -> None:
    visit = new_id()
    arrived = Visits(journal).start(visit, "en")
    clock.advance(minutes=25)
    tickets.issue(TicketRequest(new_id(), visit, arrived, CASH))
    assert rows(path, "SELECT arrived_at, issued_at FROM ticket") == [
        ("2026-11-23 01:30:00.000000", "2026-11-23 01:55:00.000000")
    ]


@pytest.mark.parametrize(
    ("service", "transferable"), [(BALANCE, 1), ("formal_loss", 1), (CASH, 0), (None, 0)]
)
def test_a_ticket_knows_whether_a_channel_could_have_done_it(
    tickets: Tickets, path: Path, service: str | None, transferable: int
) -> None:
    tickets.issue(request(service))
    assert rows(path, "SELECT transferable FROM ticket") == [(transferable,)]


# --- the wait ---------------------------------------------------------------------------------


def wait_of(tickets: Tickets) -> Wait:
    wait = tickets.wait()
    assert wait is not None
    return wait


def test_nobody_waits_while_a_counter_is_free(tickets: Tickets) -> None:
    assert wait_of(tickets) == Wait(0, 0, 0)
    for _ in range(3):
        assert tickets.issue(request()).wait == Wait(0, 0, 0)
    assert wait_of(tickets) != Wait(0, 0, 0)


def test_the_wait_on_the_ticket_is_that_of_the_event(tickets: Tickets, path: Path) -> None:
    issue(tickets, times=9)
    expected = wait_of(tickets)
    assert tickets.issue(request()).wait == expected
    found = rows(
        path,
        "SELECT payload ->> '$.wait.ahead', payload ->> '$.wait.low', payload ->> '$.wait.high'"
        " FROM event ORDER BY seq DESC LIMIT 1",
    )
    assert found == [(expected.ahead, expected.low, expected.high)]
    assert expected.ahead == 6


def test_nobody_waits_behind_their_own_ticket(tickets: Tickets) -> None:
    issue(tickets, times=5)
    this = request()
    first = tickets.issue(this).wait
    assert tickets.issue(this).wait == first
    assert first is not None
    assert first.ahead == 2


def test_a_ticket_that_was_given_back_is_not_waited_for(tickets: Tickets) -> None:
    given = [tickets.issue(request()) for _ in range(6)]
    assert wait_of(tickets).ahead == 3
    for ticket in given[:3]:
        tickets.cancel(ticket.id)
    assert wait_of(tickets) == wait_of(tickets)
    assert wait_of(tickets).ahead == 0


def test_yesterday_s_tickets_are_not_waited_for(tickets: Tickets, clock: FakeClock) -> None:
    clock.time = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    issue(tickets, times=30)
    assert wait_of(tickets).ahead > 20
    clock.advance(minutes=1)
    assert wait_of(tickets) == Wait(0, 0, 0)


def test_a_catalog_that_drops_a_service_at_noon_stops_nobody(
    tickets: Tickets, journal: Journal
) -> None:
    issue(tickets, AGENCY, times=9)
    catalog = default_catalog()
    fewer = catalog.model_copy(
        update={"services": tuple(each for each in catalog.services if each.code != AGENCY)}
    )
    later = Tickets(journal, default_rules(3, fewer), 1, alone(journal))
    assert wait_of(later).ahead == 6
    assert later.issue(request(CASH)).number == "A1001"


def test_ids_of_tickets_are_those_of_the_requests(tickets: Tickets, path: Path) -> None:
    this = request()
    assert tickets.issue(this).id == this.id
    assert rows(path, "SELECT id FROM ticket") == [(this.id.hex,)]
    assert isinstance(this.id, UUID)


def test_beside_other_terminals_nothing_is_said_about_the_wait(
    journal: Journal, path: Path
) -> None:
    queue = BranchQueue(journal, sees_all_tickets=False)
    tickets = Tickets(journal, default_rules(), 1, queue)
    assert tickets.wait() is None
    assert tickets.issue(request()).wait is None
    assert rows(path, "SELECT payload ->> '$.wait' FROM event WHERE kind = 'ticket'") == [(None,)]


def test_a_ticket_for_another_service_takes_the_place_of_the_first(
    tickets: Tickets, path: Path
) -> None:
    first = tickets.issue(request(CASH))
    other = request(AGENCY)
    second = tickets.issue(replace(other, instead_of=first.id))
    assert tickets.issue(replace(other, instead_of=first.id)) == second
    assert rows(path, "SELECT number, state FROM ticket ORDER BY issued_at, number") == [
        (first.number, "cancelled"),
        (second.number, "waiting"),
    ]
