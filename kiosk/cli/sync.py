"""`kiosk sync`: bring this terminal's events to the branch database, or say how that stands."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase
from kiosk.cli.quarantine import app as quarantine
from kiosk.cli.together import refuse_together
from kiosk.errors import KioskError

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.services.sync.push import Outcome

app = typer.Typer(invoke_without_command=True)

_NANOSECONDS = 1_000_000_000
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
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer with one line of JSON, for monitoring.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Do it again and again until stopped, as a service.")
    ] = False,
    until_eof: Annotated[
        bool,
        typer.Option("--until-eof", help="With --watch: end when standard input does."),
    ] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """See `_HELP`."""
    if context.invoked_subcommand is not None:
        return
    if watch:
        refuse_together(
            "--watch",
            {"--status": status, "--json": as_json, "--replay": replay, "--verify": bool(verify)},
        )
        from kiosk.sync_watch import watch as keep_watching

        keep_watching(branch_database, until_eof=until_eof)
    if status:
        from kiosk.sync_status import show, show_json

        raise typer.Exit(show_json() if as_json else show())
    if verify is not None:
        refuse_together("--verify", {"--replay": replay})
        from kiosk.cli.verify import verify_day, verify_day_as_json

        verify_it = verify_day_as_json if as_json else verify_day
        raise typer.Exit(verify_it(branch_database, verify))
    synchronise = _synchronise_as_json if as_json else _synchronise
    raise typer.Exit(synchronise(branch_database, again=replay))


app.add_typer(quarantine, name="quarantine")


def _synchronise(url: str | None, *, again: bool) -> int:
    from kiosk.cli.progress import progress_bar
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.i18n import _
    from kiosk.sentences import sentence
    from kiosk.services.sync.round import bring
    from kiosk.sync_status import brought

    settings = load()
    try:
        with progress_bar(_("Events to the branch")) as progress:
            address = url or settings.branch_database_url
            outcome = bring(settings, address, SystemClock(), progress, again=again)
    finally:
        _publish(settings)
    typer.echo(brought(outcome))
    for error in outcome.refused:
        typer.echo(sentence(error), err=True)
    return _exit_code(outcome)


def _synchronise_as_json(url: str | None, *, again: bool) -> int:
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.exit_codes import exit_code
    from kiosk.services.sync.round import bring
    from kiosk.services.sync.status import read_status
    from kiosk.sync_json import json_line, run_figures

    clock = SystemClock()
    begun = clock.monotonic_ns()
    settings = status = run = stopped = None
    try:
        settings = load()
        address = url or settings.branch_database_url
        outcome = bring(settings, address, clock, lambda *_: None, again=again)
        run = run_figures(outcome, (clock.monotonic_ns() - begun) / _NANOSECONDS)
    except KioskError as error:
        stopped = error
    if settings is not None:
        _publish(settings)
        with suppress(KioskError):  # what keeps it from being read has stopped the run as well
            status = read_status(settings)
    typer.echo(json_line(clock.now(), settings, status, run=run, error=stopped))
    return exit_code(stopped) if stopped else _exit_code(outcome)


def _publish(settings: "Config") -> None:
    """Figures that can't be written are told, but make no run a bad one."""
    from kiosk.services.sync.metrics import publish
    from kiosk.telling import tell

    try:
        publish(settings)
    except KioskError as error:
        tell(error)


def _exit_code(outcome: "Outcome") -> int:
    from kiosk.exit_codes import ExitCode

    if outcome.refused:
        return ExitCode.RELEASE_REFUSED
    return ExitCode.IN_QUARANTINE if outcome.quarantined else ExitCode.DONE
