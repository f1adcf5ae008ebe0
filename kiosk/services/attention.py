"""Which terminals branch IT should look after, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kiosk.services.branch import TerminalState

_SILENT = timedelta(hours=2)
"""A terminal that runs is in touch every few minutes."""
_CLOCK_OFF_SECONDS = 60
"""More than a customer would notice; waits and reports are told by the minute."""


class Notice(StrEnum):
    """Something that somebody should look after."""

    NEVER_SEEN = "never_seen"
    SILENT = "silent"
    WAITING = "waiting"
    QUARANTINE = "quarantine"
    CLOCK = "clock"
    AUDIT = "audit"


@dataclass(frozen=True)
class Attention:
    """What is to be said of a terminal now."""

    notices: tuple[Notice, ...]
    """In the order of `Notice`; none: it is in order."""
    unseen: timedelta | None
    """Since it was last in touch."""
    backlog_age: timedelta | None
    """Since the oldest event happened that waited there then."""


def attention(state: TerminalState, now: datetime) -> Attention:
    """Say what stands out.

    Args:
        state: What the branch knows of the terminal.
        now: The branch's time.
    """
    unseen = None if state.last_seen is None else max(now - state.last_seen, timedelta(0))
    found = {
        Notice.NEVER_SEEN: unseen is None,
        Notice.SILENT: unseen is not None and unseen >= _SILENT,
        Notice.WAITING: bool(state.waiting),
        Notice.QUARANTINE: bool(state.quarantined),
        Notice.CLOCK: abs(state.clock_skew_seconds or 0) > _CLOCK_OFF_SECONDS,
        Notice.AUDIT: state.audit_torn_at is not None,
    }
    notices = tuple(notice for notice, stands_out in found.items() if stands_out)
    return Attention(notices, unseen, _backlog_age(state, now))


def _backlog_age(state: TerminalState, now: datetime) -> timedelta | None:
    if state.oldest_waiting_at is None:
        return None
    # the event was dated by a clock that may be off, and the branch knows by how much
    age = now - state.oldest_waiting_at + timedelta(seconds=state.clock_skew_seconds or 0)
    return max(age, timedelta(0))
