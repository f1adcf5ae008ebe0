"""What each role may do in staff mode."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from kiosk.services.staff_roster import Role


class Duty(StrEnum):
    """A kind of work."""

    LOBBY = "lobby"
    """With customers: help calls, assists, sign-ups, follow-ups, the day book."""
    FIGURES = "figures"
    """Seeing how the branch does."""
    TARGETS = "targets"
    """Seeing what was set, and who stands where."""
    EXPORT = "export"
    """Taking figures out of the program."""
    PHONES = "phones"
    """Seeing a telephone number that a customer left."""
    RECONCILE = "reconcile"
    """Holding accepted offers against the channels' journals."""
    WHAT_IF = "what_if"
    """Asking what other counters, lunches or diversion would do."""


_ALL = frozenset(Duty)
_DUTIES: Mapping[Role, frozenset[Duty]] = {
    Role.LOBBY_MANAGER: _ALL,
    Role.BRANCH_MANAGER: _ALL,
    Role.TELLER: frozenset({Duty.LOBBY, Duty.FIGURES}),
    Role.AUDITOR: frozenset({Duty.FIGURES}),
    Role.IT: frozenset({Duty.RECONCILE}),
}
IN_STAFF_MODE = frozenset(role for role, duties in _DUTIES.items() if duties)
"""Who may come in."""


TAKE_PHONES_OUT = frozenset({Duty.EXPORT, Duty.PHONES})
"""What each of the two people needs to do who take telephone numbers out."""
MAY_TAKE_PHONES_OUT = frozenset(role for role, each in _DUTIES.items() if each >= TAKE_PHONES_OUT)


def duties_of(roles: Iterable[Role]) -> frozenset[Duty]:
    """All that somebody with these roles may do."""
    return frozenset().union(*(_DUTIES[role] for role in roles))
