"""Faults that were found in other queue systems, each with a test that this one does not have it.

Held elsewhere:
- a priority that goes last, or always first: `test_queue_order.py`;
- two tellers who call the same customer: `test_desk_together.py`;
- numbers that two requests share (max + 1, or a count, without a lock):
  `test_tickets.py::test_threads_at_once_get_numbers_without_a_gap`;
- no ticket without a printer: `tests/ui/test_slips.py`, `test_printing.py`;
- events that are dropped, doubled or called saved before they are: `test_sync_histories.py`,
  `tests/crash`;
- settings that customers can change: `tests/pty/test_no_way_out.py`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk_world import BRANCH, Hall
from support import rows

from kiosk.config import Config, Queue
from kiosk.errors import KioskError
from kiosk.i18n import format_share
from kiosk.models.states import TicketState
from kiosk.services.desk import BranchDesk
from kiosk.services.desk_view import ToQueue, ToStaff
from kiosk.services.journal import new_id
from kiosk.services.report import day_report


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(tmp_path)
    yield made
    made.close()


def everything(hall: Hall, but: object = None) -> list[tuple[object, ...]]:
    """The tickets as they stand, but for one."""
    found = rows(hall.world.branch_path, "SELECT * FROM ticket ORDER BY number")
    return [row for row in found if row[0] != but]


def test_an_action_changes_one_ticket_only(hall: Hall) -> None:
    """FQM: `self.ticket.query.update(payload)` without a filter changed every ticket."""
    tickets = [hall.customer() for _ in range(3)]
    hall.enrol(2)
    desk = hall.open_desk(1)
    others = everything(hall, but=tickets[1].hex)
    desk.call(new_id(), tickets[1])
    for action in (
        desk.recall, desk.start, desk.hold, lambda request: desk.resume(request, tickets[1]),
        lambda request: desk.transfer(request, ToQueue("B")),
        lambda request: desk.call(request, tickets[1]), desk.no_show,
        lambda request: desk.requeue(request, tickets[1]),
    ):  # fmt: skip
        action(new_id())
        assert everything(hall, but=tickets[1].hex) == others


def test_the_day_is_that_of_the_call_and_not_of_the_start_of_the_program(hall: Hall) -> None:
    """FQM: a default of `datetime.utcnow().date`, bound at import, dated every ticket alike."""
    desk = hall.open_desk(1)
    hall.customer()
    hall.clock.advance(days=1)
    desk.open(new_id(), "s1")
    ticket = hall.customer()
    called = desk.call_next(new_id())
    assert called is not None
    assert called.id == ticket
    days = hall.world.rows("SELECT DISTINCT business_date FROM event ORDER BY business_date")
    assert days == [("2026-11-23",), ("2026-11-24",)]


def test_a_ticket_after_five_in_the_afternoon_is_of_today(hall: Hall) -> None:
    """The Q, PR 626: a day in UTC rolls over in the branch's afternoon, and tickets go wrong."""
    hall.clock.time = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    desk = hall.open_desk(1)
    ticket = hall.customer()
    hall.clock.advance(minutes=29)
    called = desk.call_next(new_id())
    assert called is not None
    assert called.id == ticket


def test_a_no_show_is_set_by_what_the_teller_does(hall: Hall) -> None:
    """FQM: "Unattended" is displayed and counted, and nothing ever sets it."""
    ticket = hall.customer()
    desk = hall.open_desk(1)
    desk.call_next(new_id())
    desk.no_show(new_id())
    assert hall.state(ticket) is TicketState.NO_SHOW
    [(counted,)] = hall.world.rows("SELECT sum(no_show) FROM hourly_figures")
    assert counted == 1


def test_a_no_show_that_comes_back_stands_in_the_queue_that_is_seen(hall: Hall) -> None:
    """NovoSGA, attendance-bundle 3: a reactivated no-show was not shown in the queue."""
    ticket = hall.customer()
    desk, other = hall.open_desk(1), hall.open_desk(2)
    desk.call_next(new_id())
    desk.no_show(new_id())
    desk.requeue(new_id(), ticket)
    for each in (desk, other):
        assert [place.ticket.id for place in each.view().waiting] == [ticket]


def test_the_end_of_the_day_deletes_nothing(hall: Hall) -> None:
    """FQM: a reset deletes the tickets, and the history with them."""
    waiting = hall.customer()
    served = hall.customer()
    desk = hall.open_desk(1)
    desk.call(new_id(), served)
    desk.start(new_id())
    desk.finish(new_id(), ["cash"])
    before = hall.world.rows("SELECT count(*) FROM event")
    hall.end_of_day()
    assert hall.world.rows("SELECT count(*) FROM event") == [(int(str(before[0][0])) + 1,)]
    assert hall.state(served) is TicketState.SERVED
    assert hall.state(waiting) is TicketState.EXPIRED


def test_who_is_being_served_has_not_left_before_it(hall: Hall) -> None:
    """The Q: `citizen_left` says "left before receiving services" of who is being served."""
    ticket = hall.customer()
    desk = hall.open_desk(1)
    desk.call_next(new_id())
    desk.start(new_id())
    with pytest.raises(KioskError, match="ticket_serving"):
        desk.no_show(new_id())
    hall.give_back(ticket)  # the terminal knows nothing of the call yet
    assert hall.state(ticket) is TicketState.SERVING
    desk.finish(new_id(), [])
    assert hall.state(ticket) is TicketState.SERVED


def test_equals_are_not_called_last_in_first_out(hall: Hall) -> None:
    """NovoSGA v2.2: the default order became `dataChegada DESC`."""
    came = []
    for _ in range(4):
        came.append(hall.customer())
        hall.clock.advance(seconds=1)
    desk = hall.open_desk(1)
    called = []
    for _ in came:
        ticket = desk.call_next(new_id())
        assert ticket is not None
        called.append(ticket.id)
        desk.no_show(new_id())
    assert called == came


def test_a_transfer_out_of_a_service_is_no_mistake_and_keeps_its_time(hall: Hall) -> None:
    """NovoSGA: a redirect from a started service says "triage error" and sets its time to 0."""
    ticket = hall.customer("A")
    first, second = hall.open_desk(1, "A"), hall.open_desk(2, "B")
    first.call_next(new_id())
    first.start(new_id())
    hall.clock.advance(minutes=4)
    first.transfer(new_id(), ToQueue("B"))
    assert hall.state(ticket) is TicketState.WAITING
    assert hall.ticket(ticket).service_seconds == 240
    second.call_next(new_id())
    second.start(new_id())
    hall.clock.advance(minutes=1)
    second.finish(new_id(), ["transfer"])
    assert hall.ticket(ticket).service_seconds == 300


def test_a_transfer_to_a_person_arrives(hall: Hall) -> None:
    """NovoSGA: a typo (`$$novoAtendente`) breaks the redirect to a person."""
    ticket = hall.customer()
    first, second = hall.open_desk(1, staff="s1"), hall.open_desk(2, staff="s2")
    first.call_next(new_id())
    first.transfer(new_id(), ToStaff("s2"))
    called = second.call_next(new_id())
    assert called is not None
    assert called.id == ticket


def test_a_ticket_waits_for_no_counter_in_particular(hall: Hall) -> None:
    """FQM 58, 159, 308: a ticket was given to a counter when it was issued."""
    desks = [hall.open_desk(number) for number in (1, 2)]
    tickets = {hall.customer() for _ in range(4)}
    for desk in desks:
        assert {each.ticket.id for each in desk.view().waiting} == tickets
    called = [desks[1].call_next(new_id())]
    desks[1].no_show(new_id())
    called.append(desks[1].call_next(new_id()))
    assert all(called), "one that is alone calls them all"


def test_a_chosen_ticket_can_be_called(hall: Hall) -> None:
    """NovoSGA 323, four users: there is no way to call a customer who stands at the counter."""
    hall.customer()
    chosen = hall.customer()
    assert hall.open_desk(1).call(new_id(), chosen).id == chosen


def test_who_is_finished_is_not_counted_as_waiting(hall: Hall) -> None:
    """OpenMRS, PR 1031: the number of those who wait included finished people."""
    for _ in range(3):
        hall.customer()
    desk = hall.open_desk(1)
    desk.call_next(new_id())
    desk.start(new_id())
    desk.finish(new_id(), [])
    desk.call_next(new_id())
    desk.hold(new_id())
    assert len(desk.view().waiting) == 1


def test_an_average_of_nobody_is_no_data(hall: Hall) -> None:
    """OpenMRS: the mean wait divides by the number of entries, and is NaN on a new day."""
    report = day_report(hall.database, BRANCH, hall.clock.now().date())
    for share in (report.acceptance, report.completion, report.diversion_share):
        assert format_share(share.numerator, share.denominator) == "no data"


def test_a_lone_machine_with_a_file_is_enough(tmp_path: Path) -> None:
    """The Q, NovoSGA, OpenMRS: none runs without a database server and more."""
    hall = Hall(tmp_path)
    ticket = hall.customer()
    hall.enrol(1)
    config = Config(data_folder=tmp_path)
    desk = BranchDesk(hall.database, BRANCH, 1, config.zone, hall.clock, Queue(), "release-1")
    desk.open(new_id(), "s1")
    called = desk.call_next(new_id())
    assert called is not None
    assert called.id == ticket
    hall.close()
