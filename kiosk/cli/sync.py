"""`kiosk sync`: bring this terminal's events to the branch database, or say how that stands."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.services.sync.push import Outcome
    from kiosk.services.sync.status import SyncStatus

app = typer.Typer()

_HELP = """Bring this terminal's events to the branch database.

May be stopped and repeated at any moment: every event arrives once.

Exit codes: 0 done · 1 refused, damaged or full: a person must act · 2 wrong use or configuration ·
3 the branch database is away or busy: try again · 4 done, but some events stand in quarantine
"""


@app.command(help=_HELP)
def sync(
    status: Annotated[
        bool, typer.Option("--status", help="Say how the synchronisation stands; change nothing.")
    ] = False,
    branch_database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The branch database; none: the configuration's."),
    ] = None,
) -> None:
    """See `_HELP`."""
    from kiosk.config import load

    settings = load()
    if status:
        raise typer.Exit(_show_status(settings))
    raise typer.Exit(_synchronise(settings, branch_database or settings.branch_database_url))


def _synchronise(settings: "Config", url: str) -> int:
    from kiosk.cli.exit_codes import ExitCode
    from kiosk.cli.progress import progress_bar
    from kiosk.clock import SystemClock
    from kiosk.i18n import _
    from kiosk.services.branch import open_store, prepare_store
    from kiosk.services.sync.push import synchronise
    from kiosk.services.sync.receive import DirectBranch

    clock = SystemClock()
    store = open_store(settings)
    try:
        origin = prepare_store(store, settings)
        with progress_bar(_("Events to the branch")) as progress:
            outcome = synchronise(store, origin, lambda: DirectBranch(url, clock), clock, progress)
    finally:
        store.close()
    typer.echo(_result(outcome))
    return ExitCode.IN_QUARANTINE if outcome.quarantined else ExitCode.DONE


def _result(outcome: "Outcome") -> str:
    from kiosk.i18n import _, ngettext

    if not outcome.events:
        return _("The branch has every event of this terminal; there was nothing to bring.")
    told = ngettext(
        "{count} event brought to the branch; nothing is waiting.",
        "{count} events brought to the branch; nothing is waiting.",
        outcome.events,
    ).format(count=outcome.events)
    if not outcome.quarantined:
        return told
    return told + " " + _quarantined(outcome.quarantined)


def _quarantined(count: int) -> str:
    from kiosk.i18n import ngettext

    return ngettext(
        "{count} event can't be counted and stands in quarantine: call support.",
        "{count} events can't be counted and stand in quarantine: call support.",
        count,
    ).format(count=count)


def _show_status(settings: "Config") -> int:
    from kiosk.cli.exit_codes import ExitCode
    from kiosk.clock import SystemClock
    from kiosk.services.branch import open_store, origin_of
    from kiosk.services.sync.status import read_status

    store = open_store(settings)
    try:
        found = read_status(store, origin_of(store, settings))
    finally:
        store.close()
    for line in status_lines(found, SystemClock().now()):
        typer.echo(line)
    return ExitCode.IN_QUARANTINE if found.quarantined else ExitCode.DONE


def status_lines(status: "SyncStatus", now: datetime) -> list[str]:
    """The status in plain words, a line for each thing to know."""
    from kiosk.i18n import _
    from kiosk.sentences import sentence

    lines = [_waiting(status, now), _last_batch(status)]
    if status.open_batch is not None:
        lines.append(
            _("Batch {number} was offered and has no receipt yet; it is offered again.").format(
                number=status.open_batch
            )
        )
    if status.last_attempt_at is None:
        if status.last_batch is None:  # a first run that was killed half-way ends without a word
            lines.append(_("Nobody has synchronised this terminal yet."))
    elif status.last_error is None:
        lines.append(
            _("The last attempt, at {time}, went well.").format(time=_time(status.last_attempt_at))
        )
    else:
        lines.append(
            _("The last attempt, at {time}, was stopped: {reason}").format(
                time=_time(status.last_attempt_at), reason=sentence(status.last_error)
            )
        )
    lines.append(
        _quarantined(status.quarantined)
        if status.quarantined
        else _("Nothing stands in quarantine.")
    )
    return lines


def _waiting(status: "SyncStatus", now: datetime) -> str:
    from kiosk.i18n import _, ngettext

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
        time=_time(status.oldest_waiting), age=_age((now - status.oldest_waiting).total_seconds())
    )
    return told + " " + oldest


def _last_batch(status: "SyncStatus") -> str:
    from kiosk.i18n import _

    if status.last_batch is None or status.last_receipt_at is None:
        return _("The branch has given no receipt yet.")
    return _(
        "The last receipt is for batch {number} with {events} events, at {time}; "
        "{acknowledged} events in all."
    ).format(
        number=status.last_batch,
        events=status.last_batch_events if status.last_batch_events is not None else "?",
        time=_time(status.last_receipt_at),
        acknowledged=status.acknowledged,
    )


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _age(seconds: float) -> str:
    """A span in its two largest parts; a clock that went back gives zero."""
    from kiosk.i18n import ngettext

    minutes = max(0, int(seconds // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        (days, ngettext("{count} day", "{count} days", days)),
        (hours, ngettext("{count} hour", "{count} hours", hours)),
        (rest, ngettext("{count} minute", "{count} minutes", rest)),
    ]
    told = [text.format(count=count) for count, text in parts if count][:2]
    return " ".join(told) or parts[-1][1].format(count=0)
