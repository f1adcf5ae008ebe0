"""Which terminals branch IT should look after, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kiosk.disk_space import LEAST_FREE_MB, LOW_FREE_MB
from kiosk.last_error import LATELY
from kiosk.services.branch import TerminalState

_SILENT = timedelta(hours=2)
"""A terminal that runs is in touch every few minutes."""
_CLOCK_OFF_SECONDS = 60
"""More than a customer would notice; waits and reports are told by the minute."""


class Notice(StrEnum):
    """Something that somebody should look after."""

    NEVER_SEEN = "never_seen"
    SILENT = "silent"
    OUT = "out"
    """Silent as well, but a laptop that is taken out to people."""
    WAITING = "waiting"
    QUARANTINE = "quarantine"
    CLOCK = "clock"
    AUDIT = "audit"
    STOPPED = "stopped"
    PRINTER = "printer"
    PAPER_LOW = "paper_low"
    DISK_FULL = "disk_full"
    DISK_LOW = "disk_low"
    ERROR = "error"


FAULTS = frozenset(
    {
        Notice.NEVER_SEEN, Notice.SILENT, Notice.QUARANTINE, Notice.AUDIT, Notice.STOPPED,
        Notice.PRINTER, Notice.DISK_FULL,
    }
)  # fmt: skip
"""Customers or their events suffer; of the others, somebody should know."""


@dataclass(frozen=True)
class Attention:
    """What is to be said of a terminal now."""

    notices: tuple[Notice, ...]
    """In the order of `Notice`; none: it is in order."""
    unseen: timedelta | None
    """Since it was last in touch."""
    backlog_age: timedelta | None
    """Since the oldest event happened that waited there then."""

    @property
    def is_fault(self) -> bool:
        """Whether a person must act."""
        return not FAULTS.isdisjoint(self.notices)


def attention(state: TerminalState, now: datetime) -> Attention:
    """Say what stands out.

    Args:
        state: What the branch knows of the terminal.
        now: The branch's time.
    """
    unseen = None if state.last_seen is None else max(now - state.last_seen, timedelta(0))
    is_silent = unseen is not None and unseen >= _SILENT
    goes_out = state.condition is not None and state.condition.goes_out
    found = {
        Notice.NEVER_SEEN: unseen is None,
        Notice.SILENT: is_silent and not goes_out,
        Notice.OUT: is_silent and goes_out,
        Notice.WAITING: bool(state.waiting),
        Notice.QUARANTINE: bool(state.quarantined),
        Notice.CLOCK: abs(state.clock_skew_seconds or 0) > _CLOCK_OFF_SECONDS,
        Notice.AUDIT: state.audit_torn_at is not None,
        **_of_condition(state, now),
    }
    notices = tuple(notice for notice, stands_out in found.items() if stands_out)
    return Attention(notices, unseen, _backlog_age(state, now))


def _of_condition(state: TerminalState, now: datetime) -> dict[Notice, bool]:
    """What stands out of what it said of itself when it was last in touch."""
    if (told := state.condition) is None:
        return {}
    is_full = told.free_mb < LEAST_FREE_MB
    skew = timedelta(seconds=state.clock_skew_seconds or 0)
    return {
        Notice.STOPPED: told.up_seconds is None,
        Notice.PRINTER: told.printer not in (None, "ok", "paper_low"),
        Notice.PAPER_LOW: told.printer == "paper_low",
        Notice.DISK_FULL: is_full,
        Notice.DISK_LOW: not is_full and told.free_mb < LOW_FREE_MB,
        Notice.ERROR: told.last_error_at is not None and now - told.last_error_at + skew < LATELY,
    }


def _backlog_age(state: TerminalState, now: datetime) -> timedelta | None:
    if state.oldest_waiting_at is None:
        return None
    # the event was dated by a clock that may be off, and the branch knows by how much
    age = now - state.oldest_waiting_at + timedelta(seconds=state.clock_skew_seconds or 0)
    return max(age, timedelta(0))
