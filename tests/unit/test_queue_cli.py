"""`kiosk queue` as IT and the lobby's manager read it."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from desk_world import Hall
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.exit_codes import ExitCode
from kiosk.i18n import use_language
from kiosk.models.states import Priority, TicketState
from kiosk.services.desk_view import ToCounter
from kiosk.services.journal import new_id
from kiosk.services.releases import Name, publish


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    made = Hall(tmp_path)
    monkeypatch.setenv("KIOSK_DATA_FOLDER", str(tmp_path))
    monkeypatch.setattr("kiosk.clock.SystemClock.now", lambda _: made.clock.now())
    yield made
    made.close()


def say(*words: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, ["queue", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, (done.stdout + done.stderr).splitlines()


def number(hall: Hall, ticket: UUID) -> str:
    return hall.ticket(ticket).number


def test_the_list_is_the_order_of_calling_with_the_reason(hall: Hall) -> None:
    hall.customer()
    hall.clock.advance(minutes=5)
    hall.customer(priority=Priority.SENIOR)
    hall.clock.advance(minutes=7)
    hall.open_desk(3, "AB", staff="s017")
    hall.enrol(4)
    code, lines = say("list")
    assert code == 0
    assert lines[0] == "2 customers wait."
    assert [re.split(r"  +", line) for line in lines[2:5]] == [
        ["Place", "Ticket", "Queue", "Class", "Waits", "For", "Why"],
        ["1", "A0002", "A", "60+ or large type", "7 min", "–", "its class goes ahead"],
        ["2", "A0001", "A", "everybody", "12 min", "–", "came first"],
    ]
    assert [re.split(r"  +", line) for line in lines[6:]] == [
        ["Counter", "State", "Staff", "Queues", "Ticket"],
        ["3", "open", "s017", "AB", "–"],
        ["4", "closed", "–", "all", "–"],
    ]


def test_an_empty_hall_has_a_line(hall: Hall) -> None:
    assert say("list") == (0, ["0 customers wait."])


def test_a_ticket_is_explained(hall: Hall) -> None:
    first = hall.customer(priority=Priority.SENIOR)
    hall.clock.advance(minutes=2)
    asked = hall.customer()
    hall.clock.advance(minutes=1)
    hall.customer(priority=Priority.DISABLED)
    hall.clock.advance(minutes=1)
    hall.customer()
    hall.open_desk(1)
    hall.open_desk(2, "B")
    code, lines = say("explain", number(hall, asked).lower())
    assert code == 0
    assert lines == [
        "A0002 stands at place 3.",
        "Its customer came at 09:32, and it counts from then.",
        "It can be called by counter: 1.",
        "Before it are called:",
        "  A0001  came 2 min earlier",
        "  A0003  came 1 min later, but disabled counts as come 20 min earlier",
    ]
    _, lines = say("explain", number(hall, first))
    assert lines[1] == (
        "Its customer came at 09:30; 60+ or large type counts as come 20 min earlier: 09:10."
    )
    assert lines[-1] == "Nobody is called before it."


def test_the_branch_s_own_policy_holds(hall: Hall) -> None:
    hall.customer()
    hall.customer(priority=Priority.SENIOR)
    publish(
        hall.database, None, Name.SETTINGS, "[queue.head_start]\nsenior = 0\n", hall.clock.now()
    )
    _, lines = say("list")
    assert lines[3].split()[1] == "A0001"


def test_a_ticket_that_was_passed_on_says_where_to(hall: Hall) -> None:
    ticket = hall.customer()
    desk = hall.open_desk(1)
    hall.enrol(2)
    desk.call_next(new_id())
    desk.transfer(new_id(), ToCounter(2))
    _, lines = say("explain", number(hall, ticket))
    assert "It was passed on and is called there alone: counter 2." in lines
    assert lines[-1] == "No counter that is open calls it; it can be called as a chosen ticket."
    desk.close(new_id())
    assert say("explain", number(hall, ticket))[1][-1] == "No counter is open."


def test_a_ticket_that_does_not_wait_says_so(hall: Hall) -> None:
    ticket = hall.customer()
    desk = hall.open_desk(3)
    desk.call_next(new_id())
    told = say("explain", number(hall, ticket))
    assert told == (0, ["A0001 does not wait: called to counter 3."])


def test_an_unknown_ticket_is_told(hall: Hall) -> None:
    code, [line] = say("explain", "A9999")
    assert code == ExitCode.NEEDS_A_PERSON
    assert line.startswith("Branch 0001 has no ticket A9999 today.")


def test_the_day_is_closed_and_says_how_many_were_left(hall: Hall) -> None:
    tickets = [hall.customer() for _ in range(2)]
    assert say("close-day") == (0, ["2026-11-23: 2 tickets that were left have expired."])
    assert {hall.state(each) for each in tickets} == {TicketState.EXPIRED}
    assert say("close-day") == (0, ["2026-11-23: no ticket was left."])


def test_a_timer_at_noon_is_told_who_is_at_work(hall: Hall) -> None:
    ticket = hall.customer()
    hall.open_desk(3)
    code, [line] = say("close-day")
    assert code == ExitCode.NEEDS_A_PERSON
    assert "at work: counter 3. Nothing was changed." in line
    assert hall.state(ticket) is TicketState.WAITING
    told = say("close-day", "--force")
    assert told == (0, ["2026-11-23: 1 ticket that was left has expired."])


def test_an_earlier_day_can_be_closed_and_none_to_come(hall: Hall) -> None:
    hall.customer()
    hall.clock.advance(days=1)
    hall.customer()
    told = say("close-day", "--day", "2026-11-23")
    assert told == (0, ["2026-11-23: 1 ticket that was left has expired."])
    code, [line] = say("close-day", "--day", "2026-11-25")
    assert code == ExitCode.WRONG_USE
    assert line.startswith("2026-11-25 has not come yet: today is 2026-11-24.")


def test_a_terminal_s_store_is_not_closed(hall: Hall, tmp_path: Path) -> None:
    terminal = hall.world.terminal("T7", 7)
    code, [line] = say("close-day", "--branch-database", f"sqlite:///{terminal.path}")
    assert code == ExitCode.WRONG_USE
    assert "is a terminal's store" in line
    terminal.store.close()


@pytest.mark.parametrize(
    ("language", "waits"), [("zh_CN", "2 位客户在等候。"), ("zh_TW", "2 位客戶在等候。")]
)
def test_it_speaks_the_locale_s_language(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, language: str, waits: str
) -> None:
    hall.customer()
    hall.customer()
    monkeypatch.setenv("LC_ALL", f"{language}.UTF-8")
    assert say("list")[1][0] == waits
    use_language("en")
