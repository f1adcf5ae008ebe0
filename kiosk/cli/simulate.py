"""`kiosk simulate`: what would happen with other counters, lunches or diversion."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from kiosk.cli.report_output import InFormat, IntoFile
from kiosk.cli.simulate_counters import counters
from kiosk.cli.simulate_fit import fit
from kiosk.reporting.files import Format

if TYPE_CHECKING:
    from typer._click import Context

    from kiosk.services.simulation.comparison import Comparison
    from kiosk.services.simulation.scenario import Scenario
    from kiosk.simulation_words import ScenarioNames

STANDARD_INPUT = Path("-")
_DAYS, _MOST_DAYS = 250, 10_000
_SEED = 1
_ONE = "compare"
_INTERRUPTED = 130
"""As shells say it."""


class _Simulate(TyperGroup):
    """A scenario's file may stand where a command would: it is compared."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        asks_for_help = args[:1] in (["-h"], ["--help"])
        if not asks_for_help and (not args or args[0] not in self.commands):
            args = [_ONE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Simulate)


@app.callback()
def _group() -> None:
    """See what would happen with other counters, lunches or diversion.

    `kiosk simulate SCENARIO.toml` is short for `kiosk simulate compare SCENARIO.toml`.
    """


app.command("fit")(fit)
app.command("counters")(counters)


@app.command(_ONE)
def compare(
    scenario: Annotated[
        Path | None,
        typer.Argument(help="A TOML file, - for standard input; none: a branch of six counters."),
    ] = None,
    days: Annotated[
        int, typer.Option(min=2, max=_MOST_DAYS, help="How many branch days are simulated.")
    ] = _DAYS,
    seed: Annotated[int, typer.Option(help="Another one: other customers.")] = _SEED,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="For programs: lines of JSON, see docs/simulation.md."),
    ] = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Compare a branch with its variants: waits, tickets and work, on the same customers."""
    if as_json:
        _in_lines(scenario, days, seed)
        return
    from kiosk.cli.progress import progress_bar
    from kiosk.cli.report_output import put_out
    from kiosk.i18n import _
    from kiosk.reporting.simulated import simulated
    from kiosk.services.simulation.comparison import compare as compare_variants

    read = _read(scenario)
    try:
        with progress_bar(_("Simulating days")) as draw:
            found = compare_variants(read, days, seed, draw)
    except KeyboardInterrupt:
        typer.echo(_("Stopped: nothing was compared and nothing written."), err=True)
        raise typer.Exit(_INTERRUPTED) from None
    is_page = in_format is Format.HTML
    report = simulated(found, _names(read), _notes(found, scenario), picture_first=is_page)
    put_out(report, in_format, file)


def _read(file: Path | None) -> Scenario:
    import sys

    from kiosk.services.simulation.scenario_file import (
        default_scenario,
        read_scenario,
        scenario_in,
    )

    if file is None:
        return default_scenario()
    if file == STANDARD_INPUT:
        return scenario_in(sys.stdin.read(), file)
    return read_scenario(file)


def _in_lines(file: Path | None, days: int, seed: int) -> None:
    """For another program: each line as soon as it is known."""
    from kiosk.errors import KioskError
    from kiosk.exit_codes import exit_code
    from kiosk.services.simulation.comparison import compare as compare_variants
    from kiosk.services.simulation.told import Progress, line_of, refused, told
    from kiosk.telling import say

    def on_day(done: int, of: int) -> None:
        say([line_of(Progress(done=done, of=of))])

    try:
        found = compare_variants(_read(file), days, seed, on_day)
    except KioskError as error:
        say([line_of(refused(error))])
        raise typer.Exit(exit_code(error)) from error
    say([line_of(told(found))])


def _names(scenario: Scenario) -> ScenarioNames:
    """In the catalog's words where there is one; a simulation needs neither store nor branch."""
    from kiosk.config import load
    from kiosk.errors import KioskError
    from kiosk.services.followed import catalog_in_use
    from kiosk.simulation_words import ScenarioNames

    try:
        return ScenarioNames(scenario, catalog_in_use(load()))
    except KioskError:
        return ScenarioNames(scenario, None)


def _notes(found: Comparison, file: Path | None) -> list[str]:
    from kiosk.i18n import _
    from kiosk.simulation_words import NOT_YOURS

    return [_(NOT_YOURS)] if file is None and found.scenario.assumptions else []
