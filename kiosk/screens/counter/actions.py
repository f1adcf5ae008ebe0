"""What a teller can do, with which key, and when."""

from collections.abc import Mapping
from enum import StrEnum

from kiosk.i18n import N_
from kiosk.services.desk_view import DeskView
from kiosk.services.workplace import CounterState, TicketState


class Action(StrEnum):
    """One key each."""

    NEXT = "next"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no_show"
    HOLD = "hold"
    TRANSFER = "transfer"
    RESUME = "resume"
    REQUEUE = "requeue"
    CALL = "call"
    COPY = "copy"
    BREAK = "break"
    SIGN_OFF = "sign_off"
    LANGUAGE = "language"


KEYS: Mapping[Action, str] = {
    Action.NEXT: "1",
    Action.RECALL: "2",
    Action.START: "3",
    Action.FINISH: "4",
    Action.NO_SHOW: "5",
    Action.HOLD: "6",
    Action.TRANSFER: "7",
    Action.RESUME: "8",
    Action.REQUEUE: "9",
    Action.CALL: "0",
    Action.COPY: ".",
    Action.BREAK: "*",
    Action.SIGN_OFF: "-",
    Action.LANGUAGE: "#",
}
"""Digits and signs, which every keypad has and no input method swallows; in screen order."""

LABELS: Mapping[Action, str] = {
    Action.NEXT: N_("Next"),
    Action.RECALL: N_("Recall"),
    Action.START: N_("Start"),
    Action.FINISH: N_("Finish"),
    Action.NO_SHOW: N_("No-show"),
    Action.HOLD: N_("Hold"),
    Action.TRANSFER: N_("Transfer"),
    Action.RESUME: N_("Resume"),
    Action.REQUEUE: N_("Requeue"),
    Action.CALL: N_("Call one"),
    Action.COPY: N_("Copy"),
    Action.BREAK: N_("Break"),
    Action.SIGN_OFF: N_("Sign off"),
}
BACK_FROM_BREAK, OPEN_AGAIN = N_("I'm back"), N_("Reopen")
"""What the key of the break does else."""

ACTIONS: Mapping[str, Action] = {
    **{key: action for action, key in KEYS.items() if key.isdigit()},
    "full_stop": Action.COPY,
    "asterisk": Action.BREAK,
    "minus": Action.SIGN_OFF,
}
"""By Textual's name of the key; those of the language are the app's: they work everywhere."""


def usable(view: DeskView, *, has_entries: bool) -> frozenset[Action]:
    """What can be done now.

    Args:
        view: What stands on the desk.
        has_entries: Whether the customer in hand has filled something in.
    """
    can = {Action.LANGUAGE}
    if has_entries:
        can.add(Action.COPY)
    if view.ticket is None:
        can |= {Action.BREAK, Action.SIGN_OFF}
    if view.state is CounterState.OPEN:
        can |= _at_an_open_counter(view)
    return frozenset(can)


def _at_an_open_counter(view: DeskView) -> set[Action]:
    can = {Action.REQUEUE} if view.no_shows else set()
    if view.ticket is None:
        can |= {Action.NEXT} if view.waiting else set()
        can |= {Action.CALL} if view.waiting or view.elsewhere else set()
        can |= {Action.RESUME} if view.on_hold else set()
    elif view.ticket.state is TicketState.CALLED:
        can |= {Action.START, Action.NO_SHOW, Action.HOLD, Action.TRANSFER}
        can |= set() if view.is_no_show_due else {Action.RECALL}
    else:
        can |= {Action.FINISH, Action.HOLD, Action.TRANSFER}
    return can


def next_thing(view: DeskView) -> Action | None:
    """The one thing to do now; None: nobody waits."""
    if view.state is not CounterState.OPEN:
        return Action.BREAK
    if view.ticket is None:
        return Action.NEXT if view.waiting else None
    if view.ticket.state is TicketState.CALLED:
        return Action.NO_SHOW if view.is_no_show_due else Action.START
    return Action.FINISH
