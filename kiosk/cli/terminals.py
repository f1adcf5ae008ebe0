"""`kiosk branch status`: how every terminal stands, as a table or as JSON."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta, tzinfo

from kiosk.cli.table import aligned
from kiosk.errors import KioskError
from kiosk.i18n import _, format_moment
from kiosk.sentences import sentence
from kiosk.services.attention import Attention, Notice, attention
from kiosk.services.branch import TerminalState
from kiosk.sync_status import age

_NOTHING = "–"


def as_table(states: list[TerminalState], now: datetime, zone: tzinfo) -> list[str]:
    """A line for each terminal, with what stands out in words, and one that sums up."""
    if not states:
        return [_("No terminal is enrolled.")]
    looked_at = [(state, attention(state, now)) for state in states]
    heads = (
        _("Branch"),
        _("Terminal"),
        _("State"),
        _("Last in touch"),
        _("Waiting"),
        _("Since"),
        _("In quarantine"),
        _("Clock off by"),
        _("Version"),
        _("Digit"),
        _("Epoch"),
        _("Batches"),
        _("Events"),
    )
    rows = [heads, *(_cells(state, found, zone) for state, found in looked_at)]
    return [*aligned(rows), _summary([found for _state, found in looked_at])]


def as_json(states: list[TerminalState], now: datetime) -> str:
    """The same as one line of JSON; docs/monitoring.md lists the keys."""
    return _json([terminal_as_json(state, now) for state in states], None)


def error_as_json(error: KioskError) -> str:
    """What stopped the command, in the same form."""
    return _json(None, error)


def _json(terminals: list[dict[str, object]] | None, error: KioskError | None) -> str:
    told = {
        "terminals": terminals,
        "error": error.code if error else None,
        "error_message": sentence(error) if error else None,
    }
    return json.dumps(told)


def _cells(state: TerminalState, found: Attention, zone: tzinfo) -> tuple[str, ...]:
    return (
        state.branch,
        state.code,
        state_words(state, found),
        format_moment(state.last_seen, zone) if state.last_seen else _("never"),
        _NOTHING if state.waiting is None else str(state.waiting),
        _NOTHING if found.backlog_age is None else _age(found.backlog_age),
        str(state.quarantined),
        clock_words(state.clock_skew_seconds),
        state.app_version or _NOTHING,
        str(state.digit),
        str(state.epoch),
        str(state.batch_number),
        str(state.acked_seq),
    )


def state_words(state: TerminalState, found: Attention) -> str:
    """In order, or what somebody should look after."""
    told = state.condition
    words = {
        Notice.NEVER_SEEN: _("NEVER IN TOUCH"),
        Notice.SILENT: _("SILENT for {age}").format(age=_age(found.unseen or timedelta(0))),
        Notice.OUT: _("out with people for {age}").format(age=_age(found.unseen or timedelta(0))),
        Notice.WAITING: _("EVENTS WAIT"),
        Notice.QUARANTINE: _("QUARANTINE"),
        Notice.CLOCK: _("CLOCK OFF"),
        Notice.AUDIT: _("AUDIT LOG TORN"),
        Notice.STOPPED: _("PROGRAM STOPPED"),
        Notice.PRINTER: (
            _("NO PAPER") if told and told.printer == "printer_no_paper" else _("PRINTER FAILS")
        ),
        Notice.PAPER_LOW: _("LITTLE PAPER"),
        Notice.DISK_FULL: _("DISK NEARLY FULL"),
        Notice.DISK_LOW: _("LITTLE DISK SPACE"),
        Notice.ERROR: _("ERROR {code}").format(code=told.last_error if told else ""),
    }
    return ", ".join(words[notice] for notice in found.notices) or _("in order")


def _summary(found: list[Attention]) -> str:
    counts = Counter(notice for each in found for notice in each.notices)
    return _(
        "Terminals: {all}. Never in touch: {never}. Silent: {silent}. With events waiting: "
        "{waiting}. With events in quarantine: {quarantine}. Clock off: {clock}."
    ).format(
        all=len(found),
        never=counts[Notice.NEVER_SEEN],
        silent=counts[Notice.SILENT],
        waiting=counts[Notice.WAITING],
        quarantine=counts[Notice.QUARANTINE],
        clock=counts[Notice.CLOCK],
    )


def _age(span: timedelta) -> str:
    return age(span.total_seconds())


def clock_words(seconds: int | None) -> str:
    """By how much a clock is off."""
    return _NOTHING if seconds is None else _("{seconds} s").format(seconds=f"{seconds:+d}")


def terminal_as_json(state: TerminalState, now: datetime) -> dict[str, object]:
    """A terminal as docs/monitoring.md has it."""
    found, told = attention(state, now), state.condition
    return {
        "branch": state.branch,
        "terminal": state.code,
        "notices": [notice.value for notice in found.notices],
        "last_seen_at": moment_as_json(state.last_seen),
        "last_seen_seconds": _seconds(found.unseen),
        "waiting": state.waiting,
        "oldest_waiting_at": moment_as_json(state.oldest_waiting_at),
        "oldest_waiting_seconds": _seconds(found.backlog_age),
        "quarantined": state.quarantined,
        "clock_skew_seconds": state.clock_skew_seconds,
        "audit_torn_at": moment_as_json(state.audit_torn_at),
        "up_seconds": told.up_seconds if told else None,
        "printer": told.printer if told else None,
        "free_mb": told.free_mb if told else None,
        "last_error": told.last_error if told else None,
        "last_error_at": moment_as_json(told.last_error_at) if told else None,
        "goes_out": told.goes_out if told else None,
        "app_version": state.app_version,
        "digit": state.digit,
        "epoch": state.epoch,
        "batches": state.batch_number,
        "events": state.acked_seq,
    }


def moment_as_json(moment: datetime | None) -> str | None:
    """A moment in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())
