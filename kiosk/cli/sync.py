"""`kiosk sync`: bring this terminal's events to the branch database, or say how that stands."""

from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase
from kiosk.cli.quarantine import app as quarantine

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.services.sync.push import Outcome

app = typer.Typer(invoke_without_command=True)

_HELP = """Bring this terminal's events to the branch database.

May be stopped and repeated at any moment: every event arrives once.

Exit codes: 0 done · 1 refused, damaged or full, or --verify found a difference: a person must act ·
2 wrong use or configuration ·
3 the branch database is away or busy: try again · 4 done, but some events stand in quarantine ·
5 done, but something that the branch published can't be used here
"""


@app.callback(help=_HELP)
def sync(
    context: typer.Context,
    status: Annotated[
        bool, typer.Option("--status", help="Say how the synchronisation stands; change nothing.")
    ] = False,
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            help="After the branch database was restored from a backup: bring what it lost again.",
        ),
    ] = False,
    verify: Annotated[
        str | None,
        typer.Option(
            "--verify",
            metavar="DAY",
            help="Compare a day's events with the branch's, one by one, and change nothing: "
            "2026-11-25, today or yesterday.",
        ),
    ] = None,
    branch_database: BranchDatabase = None,
) -> None:
    """See `_HELP`."""
    if context.invoked_subcommand is not None:
        return
    if status:
        from kiosk.sync_status import show

        raise typer.Exit(show())
    from kiosk.config import load

    settings = load()
    url = branch_database or settings.branch_database_url
    if verify is not None:
        from kiosk.cli.verify import verify_day

        raise typer.Exit(verify_day(settings, url, verify))
    raise typer.Exit(_synchronise(settings, url, again=replay))


app.add_typer(quarantine, name="quarantine")


def _synchronise(settings: "Config", url: str, *, again: bool) -> int:
    from kiosk.cli.progress import progress_bar
    from kiosk.clock import SystemClock
    from kiosk.exit_codes import ExitCode
    from kiosk.i18n import _
    from kiosk.sentences import sentence
    from kiosk.services.branch import open_store, prepare_store
    from kiosk.services.sync.push import synchronise
    from kiosk.services.sync.reach import reach
    from kiosk.services.sync.replay import replay

    clock = SystemClock()
    store = open_store(settings)
    try:
        origin = prepare_store(store, settings)
        with progress_bar(_("Events to the branch")) as progress:
            bring = replay if again else synchronise
            outcome = bring(store, origin, lambda: reach(url, clock), clock, progress)
    finally:
        store.close()
    typer.echo(_result(outcome))
    for error in outcome.refused:
        typer.echo(sentence(error), err=True)
    if outcome.refused:
        return ExitCode.RELEASE_REFUSED
    return ExitCode.IN_QUARANTINE if outcome.quarantined else ExitCode.DONE


def _result(outcome: "Outcome") -> str:
    from kiosk.i18n import _, ngettext
    from kiosk.sync_status import quarantined

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
