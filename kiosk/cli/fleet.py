"""`kiosk fleet`: all terminals of all branches on one screen, those first that need somebody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase
from kiosk.i18n import _, format_moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from kiosk.errors import KioskError
    from kiosk.services.fleet import Fleet, MachineDown, Watched

app = typer.Typer()

_SIGNS = {"fault": "×", "warning": "!", "ok": "✓"}
"""Beside the words, never instead of them."""
_NOTHING = "–"


@app.command()
def fleet(
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer with one line of JSON, for monitoring.")
    ] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Show all terminals of all branches, those first that need somebody.

    The exit code is 1 when a terminal has a fault.
    """
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.errors import KioskError
    from kiosk.exit_codes import ExitCode, exit_code
    from kiosk.services.fleet import Level

    now = SystemClock().now()
    try:
        settings = load()
        found = _look(branch_database or settings.branch_database_url, now)
    except KioskError as error:
        if not as_json:
            raise
        typer.echo(_as_json(None, now, error))
        raise typer.Exit(exit_code(error)) from None
    for line in [_as_json(found, now)] if as_json else _as_lines(found, settings.zone):
        typer.echo(line)
    has_fault = found.count(Level.FAULT) > 0
    raise typer.Exit(ExitCode.NEEDS_A_PERSON if has_fault else ExitCode.DONE)


def _look(url: str, now: datetime) -> Fleet:
    from kiosk.db import Database
    from kiosk.services.fleet import look_after

    database = Database(url)
    try:
        return look_after(database, now)
    finally:
        database.close()


def _as_lines(found: Fleet, zone: tzinfo) -> Iterator[str]:
    from kiosk.cli.table import aligned
    from kiosk.services.fleet import Level

    if not found.terminals:
        yield _("No terminal is enrolled.")
        return
    yield _(
        "Terminals: {all}. With a fault: {faults}. To be looked after: {warnings}. In order: {ok}."
    ).format(
        all=len(found.terminals),
        faults=found.count(Level.FAULT),
        warnings=found.count(Level.WARNING),
        ok=found.count(Level.OK),
    )
    heads = (
        "",
        _("Branch"),
        _("Terminal"),
        _("State"),
        _("Last in touch"),
        _("Running for"),
        _("Printer"),
        _("Disk free"),
        _("Clock off by"),
        _("Version"),
        _("Last error"),
    )
    yield from aligned([heads, *(_cells(each, zone) for each in found.terminals)])
    if found.down:
        yield _("Out of use:")
        yield from aligned([_machine(each, zone) for each in found.down])


def _cells(each: Watched, zone: tzinfo) -> tuple[str, ...]:
    from kiosk.cli.terminals import clock_words, state_words
    from kiosk.sync_status import age

    state, told = each.state, each.state.condition
    running = disk = error = _NOTHING
    if told is not None:
        disk = _("{megabytes} MB").format(megabytes=told.free_mb)
        if told.up_seconds is not None:
            running = age(told.up_seconds)
        if told.last_error is not None and told.last_error_at is not None:
            error = f"{told.last_error}  {format_moment(told.last_error_at, zone)}"
    return (
        _SIGNS[each.level],
        state.branch,
        state.code,
        state_words(state, each.found),
        format_moment(state.last_seen, zone) if state.last_seen else _("never"),
        running,
        _printer(told.printer if told else None),
        disk,
        clock_words(state.clock_skew_seconds),
        state.app_version or _NOTHING,
        error,
    )


def _printer(code: str | None) -> str:
    words = {
        None: _NOTHING,
        "ok": _("no failure known"),
        "paper_low": _("little paper"),
        "printer_no_paper": _("no paper"),
    }
    return words[code] if code in words else _("fails: {code}").format(code=code)


def _machine(each: MachineDown, zone: tzinfo) -> tuple[str, ...]:
    what = " ".join(str(part) for part in (each.channel, each.machine) if part is not None)
    by = _("the machines' status file") if each.began_by is None else each.began_by
    since = format_moment(each.began_at, zone)
    return "", each.branch, what, _("since {moment}, says {who}").format(moment=since, who=by)


def _as_json(found: Fleet | None, now: datetime, error: KioskError | None = None) -> str:
    """One line; docs/monitoring.md lists the keys."""
    from kiosk.cli.terminals import moment_as_json, terminal_as_json
    from kiosk.sentences import sentence

    terminals = found and [
        {"level": each.level.value, **terminal_as_json(each.state, now)} for each in found.terminals
    ]
    out_of_use = found and [
        {
            "branch": each.branch,
            "channel": each.channel,
            "machine": each.machine,
            "began_at": moment_as_json(each.began_at),
            "began_by": each.began_by,
            "until": moment_as_json(each.until),
        }
        for each in found.down
    ]
    told = {
        "terminals": terminals,
        "out_of_use": out_of_use,
        "error": error.code if error else None,
        "error_message": sentence(error) if error else None,
    }
    return json.dumps(told)
