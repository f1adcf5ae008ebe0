"""`kiosk sync --status` in plain words; without Typer, whose import takes longer than the rest."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from kiosk.clock import SystemClock
from kiosk.config import load
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.i18n import _, format_moment, ngettext
from kiosk.sentences import release_name, sentence
from kiosk.services.sync.status import SyncStatus, read_status
from kiosk.telling import say

if TYPE_CHECKING:
    from kiosk.services.sync.push import Outcome


def show() -> int:
    """Print how the synchronisation stands, a line for each thing to know; the exit code.

    Raises:
        KioskError: The configuration is wrong, or the store can't be read.
    """
    settings = load()
    found = read_status(settings)
    say(_lines(found, SystemClock().now(), settings.zone))
    return _exit_code(found)


def show_json() -> int:
    """Print the same as one line of JSON, an error too; the exit code."""
    from kiosk.sync_json import json_line

    now, settings = SystemClock().now(), None
    try:
        settings = load()
        found = read_status(settings)
    except KioskError as error:
        say([json_line(now, settings, None, error=error)])
        return exit_code(error)
    say([json_line(now, settings, found)])
    return _exit_code(found)


def _exit_code(status: SyncStatus) -> int:
    if status.refused_releases:
        return ExitCode.RELEASE_REFUSED
    return ExitCode.IN_QUARANTINE if status.quarantined else ExitCode.DONE


def brought(outcome: "Outcome") -> str:
    """What is to be said of a run that went well."""
    if not outcome.events:
        return _("The branch has every event of this terminal; there was nothing to bring.")
    told = ngettext(
        "{count} event brought to the branch; nothing is waiting.",
        "{count} events brought to the branch; nothing is waiting.",
        outcome.events,
    ).format(count=outcome.events)
    if not outcome.quarantined:
        return told
    return told + " " + quarantined(outcome.quarantined)


def quarantined(count: int) -> str:
    """What is to be said of events in quarantine."""
    return ngettext(
        "{count} event can't be counted and stands in quarantine. See it with: {command}",
        "{count} events can't be counted and stand in quarantine. See them with: {command}",
        count,
    ).format(count=count, command="kiosk sync quarantine list")


def batch_lines(status: SyncStatus, now: datetime, zone: tzinfo) -> list[str]:
    """What waits, what the branch has given a receipt for, and what it has not yet."""
    lines = [_waiting(status, now, zone), _last_batch(status, zone)]
    if status.open_batch is not None:
        lines.append(
            _("Batch {number} was offered and has no receipt yet; it is offered again.").format(
                number=status.open_batch
            )
        )
    return lines


def _lines(status: SyncStatus, now: datetime, zone: tzinfo) -> list[str]:
    lines = batch_lines(status, now, zone)
    if status.last_attempt_at is None:
        if status.last_batch is None:  # a first run that was killed half-way ends without a word
            lines.append(_("Nobody has synchronised this terminal yet."))
    elif status.last_error is None:
        lines.append(
            _("The last attempt, at {time}, went well.").format(
                time=format_moment(status.last_attempt_at, zone)
            )
        )
    else:
        lines.append(
            _("The last attempt, at {time}, was stopped: {reason}").format(
                time=format_moment(status.last_attempt_at, zone), reason=sentence(status.last_error)
            )
        )
    lines.append(
        quarantined(status.quarantined)
        if status.quarantined
        else _("Nothing stands in quarantine.")
    )
    return lines + _releases(status, zone)


def _waiting(status: SyncStatus, now: datetime, zone: tzinfo) -> str:
    if not status.waiting:
        return _("Nothing is waiting: the branch has every event of this terminal.")
    told = ngettext(
        "{count} event is waiting for the branch.",
        "{count} events are waiting for the branch.",
        status.waiting,
    ).format(count=status.waiting)
    if status.oldest_waiting is None:
        return told
    oldest = _("The oldest is of {time}, {age} ago.").format(
        time=format_moment(status.oldest_waiting, zone),
        age=age((now - status.oldest_waiting).total_seconds()),
    )
    return told + " " + oldest


def _last_batch(status: SyncStatus, zone: tzinfo) -> str:
    if status.last_batch is None or status.last_receipt_at is None:
        return _("The branch has given no receipt yet.")
    return _(
        "The last receipt is for batch {number} with {events} events, at {time}; "
        "{acknowledged} events in all."
    ).format(
        number=status.last_batch,
        events=status.last_batch_events if status.last_batch_events is not None else "?",
        time=format_moment(status.last_receipt_at, zone),
        acknowledged=status.acknowledged,
    )


def _releases(status: SyncStatus, zone: tzinfo) -> list[str]:
    lines = []
    for each in status.releases:
        if each.name == "queue":  # a new one every minute: when it was read says more
            told = _("{name}: as it was at {time}.")
        else:
            told = _("{name}: version {version}, published at {time}.")
        lines.append(
            told.format(
                name=release_name(each.name),
                version=each.version,
                time=format_moment(each.published_at, zone),
            )
        )
    if status.last_pull_at is not None:
        lines.append(
            _("The branch last said what holds at {time}.").format(
                time=format_moment(status.last_pull_at, zone)
            )
        )
    return lines + [sentence(each.reason) for each in status.refused_releases]


def age(seconds: float) -> str:
    """A span in its two largest parts; a clock that went back gives zero."""
    minutes = max(0, int(seconds // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        (days, ngettext("{count} day", "{count} days", days)),
        (hours, ngettext("{count} hour", "{count} hours", hours)),
        (rest, ngettext("{count} minute", "{count} minutes", rest)),
    ]
    told = [text.format(count=count) for count, text in parts if count][:2]
    return " ".join(told) or parts[-1][1].format(count=0)
