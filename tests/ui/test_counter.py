"""A teller's day by keys alone: every action, every wrong key, and a branch that goes away."""

import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from counter_world import LI, PIN, WANG, CounterHere, counter
from textual.widgets import Input

from kiosk.errors import KioskError
from kiosk.models.states import CounterState, Priority, TicketState
from kiosk.screens.counter import teller as teller_module
from kiosk.screens.counter import work
from kiosk.screens.counter.actions import ACTIONS, Action, usable
from kiosk.screens.counter.work import WorkScreen
from kiosk.screens.pick import PickScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.sentences import sentence
from kiosk.services.desk_view import ToCounter, ToQueue, ToStaff

KEY_OF = {action: key for key, action in ACTIONS.items() if len(key) == 1} | {
    Action.COPY: ".", Action.BREAK: "*", Action.SIGN_OFF: "-", Action.LANGUAGE: "#",
}  # fmt: skip


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teller_module, "RETRY_SECONDS", 0.01)


async def call(here: CounterHere, number: str = "A1001") -> None:
    here.desk.issue(number)
    await here.look()
    await here.drive("1")
    assert here.desk.in_hand


async def serve(here: CounterHere, number: str = "A1001") -> None:
    await call(here, number)
    await here.drive("3")


# --- signing in -------------------------------------------------------------------------------


async def test_signing_in_opens_the_counter(tmp_path: Path) -> None:
    async with counter(tmp_path, sign_in=False) as here:
        here.expect("Counter 3", "Sign in at this counter")
        await here.sign_in()
        assert here.desk.actions == ["open"]
        assert here.desk.staff == "1001"
        here.expect("Counter 3 · 王芳 1001", "Nobody is waiting")


async def test_a_pin_is_never_shown_and_is_gone_when_it_was_tried(tmp_path: Path) -> None:
    async with counter(tmp_path, sign_in=False) as here:
        await here.type("1001")
        await here.drive("enter")
        await here.type("739165")
        here.expect_not("739")
        here.expect("••••••")
        await here.drive("enter")
        assert here.screen.query_one("#pin", Input).value == ""
        assert here.desk.done == []
        here.expect("Nobody can sign in here with that number and PIN.", "1001")
        await here.type(PIN)
        await here.drive("enter")
        assert isinstance(here.screen, WorkScreen)
        fields = here.app.screen_stack[-2].query(Input)
        assert [field.value for field in fields] == ["", ""]


async def test_a_pin_that_is_typed_fast_is_not_seen_in_the_other_field(tmp_path: Path) -> None:
    async with counter(tmp_path, sign_in=False) as here:
        for key in ("1", "0", "0", "1", "enter", *PIN):
            here.strike(key)
        await here.settle()
        here.expect("1001", "••••••")
        here.expect_not("10017")
        await here.drive("enter")
        assert isinstance(here.screen, WorkScreen)


async def test_a_pin_that_nobody_sends_off_is_forgotten(tmp_path: Path) -> None:
    async with counter(tmp_path, sign_in=False) as here:
        await here.type("1001", "enter", PIN)
        here.clock.advance(59)
        await here.tick()
        here.expect("1001", "••••••")
        here.clock.advance(2)
        await here.tick()
        here.expect_not("1001", "•")
        assert here.screen.focused is here.screen.query_one("#number")


async def test_no_key_copies_a_pin(tmp_path: Path) -> None:
    async with counter(tmp_path, sign_in=False) as here:
        await here.type("1001")
        await here.drive("enter")
        await here.type(PIN)
        await here.drive("ctrl+a", "shift+home", "ctrl+c", "ctrl+x")
        assert here.copied == []
        assert here.app.clipboard == ""


async def test_an_empty_field_is_asked_for(tmp_path: Path) -> None:
    async with counter(tmp_path, sign_in=False) as here:
        await here.drive("enter")
        await here.drive("enter")
        assert here.screen.focused is here.screen.query_one("#number")
        await here.type("1001")
        await here.drive("enter", "enter")
        assert here.screen.focused is here.screen.query_one("#pin")
        assert here.desk.done == []


async def test_the_language_is_one_key_away_everywhere(tmp_path: Path) -> None:
    async with counter(tmp_path, sign_in=False, language="zh_CN") as here:
        here.expect("登录本窗口", "# English")
        await here.drive("#")
        here.expect("Sign in at this counter")
        await here.sign_in()
        await here.drive("#")
        here.expect("沒有人等候", "# 简体中文")
        await here.drive("*", "#")
        here.expect("休息多少分钟？")


async def test_while_the_branch_is_away_nobody_signs_in(tmp_path: Path) -> None:
    async with counter(tmp_path, sign_in=False) as here:
        here.desk.is_away = True
        await here.sign_in()
        here.expect("The branch database can't be reached, so nobody can sign in yet.")
        here.desk.is_away = False
        await here.type(PIN)
        await here.drive("enter")
        here.expect("王芳")


async def test_a_ticket_that_came_a_moment_ago_can_be_called(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001")
        here.expect("Nobody is waiting")  # the screen has not looked since
        await here.drive("1")
        assert here.desk.in_hand
        here.expect("3  Start")


async def test_keys_may_be_typed_ahead_of_a_question(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await serve(here)
        here.clock.advance(1)
        here.strike("4")
        here.strike("enter")
        await here.settle()
        assert here.desk.actions[-1] == "finish"


@pytest.mark.parametrize("state", [CounterState.OPEN, CounterState.BREAK])
async def test_who_was_cut_off_goes_on_where_they_were(tmp_path: Path, state: CounterState) -> None:
    async with counter(tmp_path, sign_in=False) as here:
        here.desk.state, here.desk.staff = state, "1001"
        await here.sign_in()
        assert here.desk.done == []
        assert here.desk.state is state


async def test_who_comes_after_somebody_cut_off_finds_the_ticket_on_hold(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await serve(here)
        here.app._lock()  # as when the program was killed and started again
        await here.settle()
        await here.sign_in(LI)
        assert here.desk.actions[-3:] == ["hold", "close", "open"]
        assert here.desk.staff == "1002"
        here.expect("A1001 was still here from before and is on hold now.", "On hold 1: A1001")


# --- every action -----------------------------------------------------------------------------


async def test_from_the_call_to_the_finish(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001")
        await here.look()
        here.expect("1  Next  A1001")
        await here.drive("1")
        here.expect("3  Start", "Call 1 of 3", "Transfer to another bank", "Waited 5 min")
        await here.drive("2")
        here.expect("Call 2 of 3")
        await here.drive("3")
        here.expect("4  Finish", "Served 0 min")
        await here.drive("4", "enter")
        here.expect("Nobody is waiting")
        assert here.desk.actions == ["open", "call_next", "recall", "start", "finish"]
        assert here.desk.done[-1].arguments == ("cross_bank_transfer",)


async def test_after_the_last_recall_a_no_show_is_the_thing_to_do(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await call(here)
        await here.drive("2", "2")
        here.expect("5  No-show", "Called 3 times and nobody came; 3 if they are here after all.")
        await here.drive("2")
        here.expect("“Recall” can't be done now.")
        await here.drive("5")
        assert here.desk.named("A1001").state is TicketState.NO_SHOW
        here.expect("No-show 1: A1001")


async def test_who_came_late_gets_the_old_place(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await call(here)
        await here.drive("5", "9")
        here.expect("Who came after all?", "► A1001")
        await here.drive("enter")
        assert here.desk.actions[-1] == "requeue"
        here.expect("1  Next  A1001")


async def test_hold_and_resume(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await serve(here)
        await here.drive("6")
        here.expect("On hold 1: A1001")
        await call(here, "B1002")
        await here.drive("6", "8", "down", "enter")
        assert here.desk.named("B1002").state is TicketState.SERVING
        assert here.desk.named("A1001").state is TicketState.ON_HOLD


async def test_a_chosen_ticket_by_its_number(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        for number in ("A1001", "A1002", "B1023", "C1023"):
            here.desk.issue(number)
        await here.look()
        await here.drive("0", "1", "0", "2", "3")
        here.expect("typed: 1023", "► B1023")
        await here.drive("down")
        here.expect("► C1023")
        await here.drive("enter")
        assert here.desk.actions[-1] == "call"
        here.expect("3  Start")
        assert here.desk.in_hand == here.desk.named("C1023").id


async def test_a_ticket_that_waits_for_another_counter_can_be_called(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001", wanted_counter=2)
        await here.look()
        here.expect("1 for other counters", "Nobody is waiting")
        await here.drive("0")
        here.expect("for counter 2")
        await here.drive("enter")
        assert here.desk.in_hand == here.desk.named("A1001").id


@pytest.mark.parametrize(
    ("keys", "destination"),
    [
        (("1", "2", "enter"), ToQueue("B")),
        (("2", "1", "2", "enter"), ToCounter(12)),
        (("2", "2", "backspace", "1", "enter"), ToCounter(1)),
        (("3", "enter"), ToStaff("1002")),
        (("down", "enter", "down", "enter"), ToCounter(2)),
    ],
)
async def test_transfer(tmp_path: Path, keys: tuple[str, ...], destination: object) -> None:
    async with counter(tmp_path) as here:
        await serve(here)
        await here.drive("7", *keys)
        assert here.desk.actions[-1] == "transfer"
        assert here.desk.done[-1].arguments == (destination,)
        assert here.desk.in_hand is None
        assert isinstance(here.screen, WorkScreen)


@pytest.mark.parametrize(
    ("keys", "minutes", "told"),
    [
        (("enter",), None, "On a break since 09:30."),
        (("3", "0", "enter"), 30, "back at 10:00"),
    ],
)
async def test_a_break(
    tmp_path: Path, keys: tuple[str, ...], minutes: int | None, told: str
) -> None:
    async with counter(tmp_path) as here:
        await here.drive("*", *keys)
        assert here.desk.done[-1].arguments == (minutes,)
        here.expect("*  I'm back", told)
        await here.drive("*")
        assert here.desk.state is CounterState.OPEN


async def test_the_end_of_work(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await here.drive("-")
        assert here.desk.actions == ["open", "close"]
        assert isinstance(here.screen, SignInScreen)
        here.expect_not("王芳")
        await here.sign_in(LI)
        assert here.desk.staff == "1002"


async def test_a_counter_that_was_closed_elsewhere_is_opened_again(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.state, here.desk.staff = CounterState.CLOSED, None
        await here.look()
        here.expect("*  Reopen", "This counter was closed.")
        await here.drive("*")
        assert here.desk.state is CounterState.OPEN


async def test_what_was_really_done(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await serve(here)
        await here.drive("4")
        here.expect("What was done?", "[x] 4")
        await here.drive("1", "6", "+", "enter")
        assert set(here.desk.done[-1].arguments) == {"cross_bank_transfer", "pin_change"}


async def test_nothing_could_be_done(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await serve(here)
        await here.drive("4", " ", "enter")
        assert (here.desk.actions[-1], here.desk.done[-1].arguments) == ("finish", ())


async def test_a_customer_without_a_service_has_nothing_ticked(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001", service=None)
        await here.look()
        await here.drive("1", "3")
        here.expect("Said at the counter")
        await here.drive("4")
        here.expect_not("[x]")


async def test_what_the_customer_filled_in_is_copied_and_wiped(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.entered["A1001"] = {"amount": "500000", "purpose": "rent"}
        await call(here)
        here.expect("Filled in (. copies):", "Amount: 5,000 yuan", "What it is for: Rent")
        await here.drive(".")
        assert here.copied == ["Amount: 5,000 yuan\nWhat it is for: Rent"]
        here.expect("Copied. It is wiped when the ticket leaves your desk.")
        await here.drive("3")
        assert here.copied[1:] == []
        await here.drive("4", "enter")
        assert here.copied[1:] == [""]
        here.expect_not("5,000")


async def test_the_way_back_out_of_every_question(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await serve(here)
        for question in ("4", "7"):
            for back in ("escape", ".", "backspace"):
                await here.drive(question)
                assert isinstance(here.screen, PickScreen)
                await here.drive(back)
                assert isinstance(here.screen, WorkScreen)
        assert here.desk.actions == ["open", "call_next", "start"]


async def test_a_number_that_does_not_wait_calls_nobody(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001")
        await here.look()
        await here.drive("0", "9", "9", "enter")
        here.expect("typed: 99, and there is no such one")
        assert isinstance(here.screen, PickScreen)
        await here.drive("backspace", "backspace", "enter")
        assert here.desk.in_hand


async def test_a_list_does_not_move_below_the_cursor(tmp_path: Path) -> None:
    """Who is chosen is who was seen, though somebody came who goes first."""
    async with counter(tmp_path) as here:
        here.desk.issue("A1001")
        await here.look()
        await here.drive("0")
        here.desk.issue("A1000", minutes_ago=60)
        await here.look()
        await here.drive("enter")
        assert here.desk.in_hand == here.desk.named("A1001").id


async def test_a_ticket_that_somebody_else_was_quicker_to_call(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        ticket = here.desk.issue("A1001")
        await here.look()
        await here.drive("0")
        here.desk.tickets.pop(ticket.id)
        here.desk.tickets[ticket.id] = here.desk.issue("A1001")
        here.desk.tickets[ticket.id] = type(ticket)(**vars(ticket) | {"state": TicketState.CALLED})
        await here.drive("enter")
        assert here.desk.in_hand is None
        assert here.screen.query_one("#note").display
        assert here.app.teller is not None
        assert "A1001" in here.app.teller.note


async def test_the_mouse_works_too(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001")
        here.desk.issue("A1002")
        await here.look()
        await here.touch("Call one")
        await here.touch("A1002")
        await here.touch("A1002")
        assert here.desk.in_hand == here.desk.named("A1002").id
        await here.touch("Start")
        await here.touch("4 ")
        await here.touch("Enter")
        assert here.desk.actions[-3:] == ["call", "start", "finish"]


# --- wrong keys -------------------------------------------------------------------------------


async def _nobody(here: CounterHere) -> None:
    """The counter is open and nobody is there."""


async def _waiting(here: CounterHere) -> None:
    here.desk.issue("A1001")
    await here.look()


async def _due(here: CounterHere) -> None:
    await call(here)
    await here.drive("2", "2")


async def _break(here: CounterHere) -> None:
    here.desk.issue("A1001")
    await here.drive("*", "enter")


async def _closed(here: CounterHere) -> None:
    here.desk.issue("A1001")
    here.desk.state = CounterState.CLOSED
    await here.look()


STATES: dict[str, Callable[[CounterHere], Awaitable[None]]] = {
    "nobody": _nobody,
    "waiting": _waiting,
    "called": call,
    "no-show due": _due,
    "serving": serve,
    "break": _break,
    "closed": _closed,
}


@pytest.mark.parametrize("name", STATES)
async def test_wrong_keys_change_nothing_and_say_so(name: str, tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await STATES[name](here)
        assert here.app.teller is not None
        before = len(here.desk.done)
        wrong = [each for each in Action if each not in usable(here.desk.view(), has_entries=False)]
        assert len(wrong) >= 5
        for action in wrong:
            await here.drive(KEY_OF[action])
            assert isinstance(here.screen, WorkScreen), action
            here.expect("can't be done now.")
        for key in ("a", "q", "f1", "tab", "enter", "escape", "space", "up"):
            await here.drive(key)
            assert isinstance(here.screen, WorkScreen), key
            here.expect_not("can't be done now.")
        assert len(here.desk.done) == before


async def test_nothing_leads_out(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        before = here.text
        for key in ("ctrl+q", "ctrl+c", "ctrl+p", "ctrl+z", "ctrl+backslash", "ctrl+d", "f10"):
            await here.drive(key)
            assert here.app.is_running
            assert here.text == before, key


async def test_a_trembling_hand_calls_once(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await call(here)
        await here.drive("2", "2", apart=0.1)
        assert here.desk.actions.count("recall") == 1


# --- the branch goes away ---------------------------------------------------------------------


async def test_a_press_is_kept_until_the_branch_is_back(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await serve(here)
        here.desk.is_away = True
        await here.drive("4", "enter")
        here.expect("“Finish” is kept and goes there as soon as it is back", "Served")
        await here.until(lambda: len(here.desk.tries) > 6)
        await here.drive("1")
        here.expect("“Finish” is kept")
        here.desk.is_away = False
        await here.until(lambda: here.desk.in_hand is None)
        await here.settle()
        here.expect_not("kept")
        assert len(set(here.desk.tries)) == 4
        assert here.desk.actions == ["open", "call_next", "start", "finish"]


async def test_an_answer_that_got_lost_calls_nobody_twice(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001")
        here.desk.issue("A1002")
        await here.look()
        here.desk.loses_answers = True
        await here.drive("1")
        await here.until(lambda: len(here.desk.tries) > 4)
        here.desk.loses_answers = False
        await here.until(lambda: here.app.teller is not None and here.app.teller.pending is None)
        await here.settle()
        assert here.desk.actions == ["open", "call_next"]
        assert here.desk.named("A1002").state is TicketState.WAITING
        here.expect("3  Start")


async def test_a_press_can_be_dropped(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await call(here)
        here.desk.is_away = True
        await here.drive("3", "escape")
        here.expect("The branch database can't be reached; trying again. This is how it was at")
        here.desk.is_away = False
        await here.look()
        here.expect("3  Start")
        here.expect_not("can't be reached")
        assert here.desk.actions == ["open", "call_next"]


async def test_waits_go_on_while_the_branch_is_away(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001", minutes_ago=5)
        await here.look()
        here.desk.is_away = True
        here.clock.advance(minutes=3)
        await here.look()
        here.expect("8 min", "can't be reached", "09:30")


async def test_who_signs_off_while_the_branch_is_away_can_leave(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.is_away = True
        await here.drive("-")
        assert isinstance(here.screen, SignInScreen)
        here.expect_not("王芳")
        here.desk.is_away = False
        await here.until(lambda: here.desk.actions[-1] == "close")


async def test_a_late_close_does_not_shut_out_who_came_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # long enough to sign in before the next try
    monkeypatch.setattr(teller_module, "RETRY_SECONDS", 1.5)
    async with counter(tmp_path) as here:
        here.desk.is_away = True
        await here.drive("-")
        here.desk.is_away = False
        await here.sign_in(WANG)
        await here.settle()
        assert here.desk.state is CounterState.OPEN
        assert here.desk.staff == "1001"


async def test_what_takes_long_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cut cable is noticed late: until then the teller knows that the key was heard."""
    async with counter(tmp_path) as here:
        await call(here)
        answer = threading.Event()
        start = here.desk.start
        monkeypatch.setattr(here.desk, "start", lambda request: (answer.wait(), start(request)))
        here.strike("3")
        await here.until(
            lambda: here.app.teller is not None and here.app.teller.pending is not None
        )
        here.clock.advance(3)
        here.app._tick()
        await here.until(lambda: "“Start” is still on its way." in here.text)
        answer.set()
        await here.settle()
        here.expect("4  Finish")
        here.expect_not("on its way")


async def test_a_desk_that_can_t_be_read_says_why_and_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counter(tmp_path) as here:
        error = KioskError("disk_full", database="/data/branch.db")
        with monkeypatch.context() as patch:
            patch.setattr(here.desk, "view", lambda: (_ for _ in ()).throw(error))
            await here.look()
            here.expect(sentence(error)[:30])
        await here.look()
        await call(here)
        here.expect("3  Start")


@pytest.mark.parametrize(
    ("keys", "actions"), [("", ["open", "close"]), ("1", ["open", "call_next"])]
)
async def test_a_stop_closes_an_empty_counter(
    keys: str, actions: list[str], tmp_path: Path
) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001")
        await here.look()
        await here.type(keys)
        await here.app.leave()
        assert here.desk.actions == actions


async def test_a_stop_while_the_branch_is_away_is_a_stop(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.is_away = True
        await here.app.leave()
        assert here.desk.actions == ["open"]


# --- what shows by itself ---------------------------------------------------------------------


async def test_a_new_ticket_shows_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_READ_SECONDS", 0.02)
    async with counter(tmp_path) as here:
        here.desk.issue("A1001")
        await here.until(lambda: "A1001" in here.text)


async def test_nothing_is_drawn_while_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counter(tmp_path) as here:
        await serve(here)
        here.desk.issue("A1002", minutes_ago=0.1)
        await here.look()
        drawn: list[object] = []
        monkeypatch.setattr(here.app, "_display", lambda screen, what: drawn.append(what))
        for _ in range(5):
            here.clock.advance(1)
            await here.look()
            await here.tick()
        assert drawn == []
        here.clock.advance(60)
        await here.look()
        assert drawn


async def test_norms_stand_out_in_words(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1002", minutes_ago=21)
        await serve(here)
        here.clock.advance(minutes=18)
        here.desk.issue("A1003", minutes_ago=40)
        await here.look()
        here.expect("Waited 21 min, 1 over norm", "Served 18 min, 3 over norm")
        here.expect("2 over 20 min", "40 min!")


async def test_why_each_one_stands_where_it_stands(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001", minutes_ago=15)
        here.desk.issue("A1002", minutes_ago=10, priority=Priority.SENIOR)
        here.desk.issue("A1003", minutes_ago=9, priority=Priority.RETURNED)
        here.desk.issue("A1004", minutes_ago=8, wanted_counter=3)
        here.desk.issue("A1005", minutes_ago=7, wanted_staff="1001")
        here.desk.issue("A1006", minutes_ago=40, priority=Priority.SENIOR)
        here.desk.issue("A1007", minutes_ago=40, wanted_staff="1002")
        await here.look()
        lines = here.text.splitlines()
        for number, why in (
            ("A1006", "first come"),
            ("A1002", "60+: 20 min ahead"),
            ("A1001", "first come"),
            ("A1003", "came back"),
            ("A1004", "for this counter"),
            ("A1005", "for you"),
        ):
            assert any(number in line and why in line for line in lines), here.text
        await here.drive("0", "end")
        here.expect("A1007", "for 李雷")


# --- nobody is there --------------------------------------------------------------------------


async def test_an_empty_counter_closes_after_five_minutes(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        here.desk.issue("A1001")
        await here.look()
        here.clock.advance(271)
        await here.tick()
        here.expect("The counter closes in 29 s; any key keeps it.")
        await here.drive("x")
        here.expect_not("closes in")
        here.clock.advance(301)
        await here.tick()
        assert isinstance(here.screen, SignInScreen)
        assert here.desk.actions == ["open", "close"]


async def test_a_counter_with_a_customer_stays_open(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await call(here)
        here.clock.advance(3600)
        await here.tick()
        assert isinstance(here.screen, WorkScreen)
        await here.drive("3")
        here.clock.advance(3600)
        await here.tick()
        assert here.desk.actions == ["open", "call_next", "start"]


async def test_a_question_that_nobody_answers_is_no_reason_to_stay_open(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await here.drive("*")
        here.clock.advance(301)
        await here.tick()
        assert isinstance(here.screen, SignInScreen)


async def test_a_break_locks_the_screen_and_goes_on(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await here.drive("*", "enter")
        here.clock.advance(280)
        await here.tick()
        here.expect_not("closes in")
        here.clock.advance(21)
        await here.tick()
        assert isinstance(here.screen, SignInScreen)
        assert here.desk.state is CounterState.BREAK
        await here.sign_in()
        here.expect("*  I'm back")
        await here.drive("*")
        assert here.desk.actions == ["open", "start_break", "end_break"]


def test_each_key_stands_for_one_action() -> None:
    assert set(KEY_OF) == set(Action)
    assert len(set(KEY_OF.values())) == len(Action)
