"""`kiosk simulate counters`: how many counters when, so that nobody waits too long."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.report_days import AsJson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.services.simulation.staffing import Staffing

_DAYS, _MOST_DAYS = 60, 1_000
_WIDTH, _HEIGHT = 78, 14


def counters(
    target: Annotated[
        float,
        typer.Option("--target-p90", min=1, help="Minutes that 9 of 10 people wait at most."),
    ],
    scenario: Annotated[
        Path | None, typer.Argument(help="A TOML file; none: a branch of six counters.")
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(min=1, max=99, help="How many there is room for; none: as many as it has."),
    ] = None,
    days: Annotated[
        int, typer.Option(min=5, max=_MOST_DAYS, help="On how many days each is tried.")
    ] = _DAYS,
    seed: Annotated[int, typer.Option(help="Another one: other customers.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Look for the fewest counters, half hour by half hour, and make a roster of them."""
    from kiosk.cli.progress import progress_bar
    from kiosk.i18n import _
    from kiosk.reporting.staffed import staffed_report
    from kiosk.reporting.text import lines
    from kiosk.services.simulation.scenario_file import default_scenario, read_scenario
    from kiosk.services.simulation.staffing import counters_for

    read = default_scenario() if scenario is None else read_scenario(scenario)
    with progress_bar(_("Trying counters")) as draw:
        found = counters_for(read, target, days, seed, draw, most)
    if as_json:
        typer.echo(_json(found))
        return
    for line in (*lines(staffed_report(found)), "", *_plot(found)):
        typer.echo(line)


def _plot(found: Staffing) -> Iterator[str]:
    from kiosk.i18n import _
    from kiosk.widgets.plot import plot_lines

    yield _("P90 by half hour, in minutes: bars with the roster, the line as it is now")
    drawn = plot_lines(
        [f"{each.start // 60:02.0f}:{each.start % 60:02.0f}" for each in found.half_hours],
        [each.p90 for each in found.half_hours],
        [each.p90_now for each in found.half_hours],
        _WIDTH,
        _HEIGHT,
    )
    for line in drawn:
        yield "".join(span.text for span in line).rstrip()


def _json(found: Staffing) -> str:
    import json
    from dataclasses import asdict

    told = asdict(found)
    told["scenario"] = found.scenario.model_dump(mode="json", exclude_defaults=True)
    for shift, raw in zip(found.shifts, told["shifts"], strict=True):
        raw["lunch"] = shift.lunch and {"start": shift.lunch.start, "minutes": shift.lunch.minutes}
    return json.dumps(told, ensure_ascii=False)
