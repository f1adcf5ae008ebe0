"""A report as one page for a browser, with nothing that it would have to load."""

from collections.abc import Sequence
from importlib.resources import files

import leather
from jinja2 import Environment
from leather import theme
from markupsafe import Markup
from rich.cells import cell_len

from kiosk.i18n import _, language
from kiosk.reporting.report import (
    Cell,
    Chart,
    Report,
    Section,
    cell_text,
    head_text,
    percent,
)
from kiosk.services.report import Share

_WIDTH, _HEIGHT = 760, 300
_LABEL_WIDTH = 64
"""Pixels that the label of a point needs beside the next one's."""
_COLOUR = "#0b3d7a"
_LINES = (
    (_COLOUR, "none"), ("#b3261e", "8,3"), ("#1b6b3a", "2,3"), ("#7a4a00", "12,3,2,3"),
    ("#5b2a86", "5,5"), ("#1a1a1a", "1,6"),
)  # fmt: skip
"""Of lines in one picture: colour, and dashes for those who print in black."""
_FONT, _BLACK, _GREY, _WHITE = "sans-serif", "#1a1a1a", "#4a4a4a", "#ffffff"
theme.background_color = _WHITE
theme.title_color, theme.title_font_family = _BLACK, _FONT
theme.label_color, theme.tick_font_family, theme.legend_font_family = _GREY, _FONT, _FONT
theme.default_series_colors = [_COLOUR]


def as_page(report: Report) -> bytes:
    """The page, in UTF-8: tables, and charts as pictures within it; no script, no address."""
    template = Environment(autoescape=True, trim_blocks=True).from_string(
        files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    )
    return template.render(
        report=report,
        language=language().replace("_", "-"),
        head_text=head_text,
        cell_text=cell_text,
        charts=_charts,
        no_data=_("no data"),
        figures=_("The figures"),
    ).encode()


def _charts(section: Section) -> list[Markup]:
    """One chart for each column that is drawn, one below the other, or one for all of them."""
    chart = section.chart
    if chart is None:
        return []
    if chart.kind == "bars":
        return [_drawn_bars(section, chart, at) for at in chart.values]
    if chart.together:
        return [_drawn_lines(section, chart, chart.values, chart.together)]
    return [_drawn_lines(section, chart, (at,), _title(section, at)) for at in chart.values]


def _drawn_bars(section: Section, chart: Chart, at: int) -> Markup:
    points = _points(section, chart, at)
    each = 1 + len(points) * _LABEL_WIDTH // _WIDTH
    drawn = leather.Chart(_title(section, at))
    drawn.add_x_axis(ticks=[label for label, _height_of in points[::each]])
    _make_room(drawn, points)
    drawn.add_columns(points)
    return _markup(drawn)


def _drawn_lines(section: Section, chart: Chart, columns: Sequence[int], title: str) -> Markup:
    """The library draws no line over texts: points have numbers, and their labels stand below."""
    labels = [cell_text(row[chart.label], section.columns[chart.label]) for row in section.rows]
    places = {label: place for place, label in enumerate(labels)}
    lines = [_points(section, chart, at) for at in columns]
    each = 1 + len(labels) * _LABEL_WIDTH // _WIDTH
    drawn = leather.Chart(title)
    drawn.add_x_scale(0, max(1, len(labels) - 1))
    drawn.add_x_axis(
        ticks=list(range(0, len(labels), each)), tick_formatter=lambda place, *_: labels[place]
    )
    _make_room(drawn, [point for line in lines for point in line])
    for at, line, (colour, dashes) in zip(columns, lines, _LINES, strict=False):
        drawn.add_line(
            [(places[label], height) for label, height in line],
            name=_as_long_as_wide(section.columns[at].head),
            stroke_color=colour,
            stroke_dasharray=dashes,
        )
    return _markup(drawn)


def _as_long_as_wide(name: str) -> str:
    """The library gives a name as much room as it has characters; those of Chinese are wide."""
    return name + "\u00a0" * (cell_len(name) - len(name))


def _points(section: Section, chart: Chart, at: int) -> list[tuple[str, float]]:
    labels = [cell_text(row[chart.label], section.columns[chart.label]) for row in section.rows]
    heights = [_height(row[at]) for row in section.rows]
    return [(x, y) for x, y in zip(labels, heights, strict=True) if y is not None]


def _make_room(drawn: leather.Chart, points: list[tuple[str, float]]) -> None:
    shown = [0.0, 1.0, *(height for _label, height in points)]
    drawn.add_y_scale(min(shown), max(shown))


def _markup(drawn: leather.Chart) -> Markup:
    return Markup(drawn.to_svg(width=_WIDTH, height=_HEIGHT))  # noqa: S704 (the library has escaped the texts)


def _title(section: Section, at: int) -> str:
    column, cell = section.columns[at], section.rows[0][at]
    return f"{column.head} (%)" if isinstance(cell, Share) else head_text(column)


def _height(cell: Cell) -> float | None:
    if isinstance(cell, Share):
        value = percent(cell, 2)
        return None if value is None else float(value)
    return None if cell is None or isinstance(cell, str) else float(str(cell))
