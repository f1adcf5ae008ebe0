"""Calls for help: who takes them, and when the customer has been helped."""

from uuid import UUID

from kiosk.models.payloads import HelpDone, HelpTaken
from kiosk.services.journal import Fact, Journal
from kiosk.services.lobby_watch import CallNow, LobbyWatch

__all__ = ["CallNow", "HelpCalls"]


class HelpCalls:
    """Knows the open calls and records what becomes of them.

    Args:
        journal: Of the machine that staff work at; the call may come from another.
        watch: Knows the lobby.
    """

    def __init__(self, journal: Journal, watch: LobbyWatch) -> None:
        self._journal = journal
        self._watch = watch

    def open_calls(self) -> tuple[CallNow, ...]:
        """Who still waits for somebody, the oldest call first."""
        return self._watch.open_calls()

    def take(self, call: UUID, staff: str) -> None:
        """Go to the customer: they are told who comes."""
        self._journal.record(Fact(HelpTaken(), subject=call, staff=staff))

    def done(self, call: UUID, staff: str) -> None:
        """The customer has been helped; the call is over for everybody."""
        self._journal.record(Fact(HelpDone(), subject=call, staff=staff))
