"""A report as one page for a browser, with nothing that it would have to load."""

from importlib.resources import files

import leather
from jinja2 import Environment
from leather import theme
from markupsafe import Markup

from kiosk.i18n import _, language
from kiosk.reporting.report import (
    Cell,
    Chart,
    Column,
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
_FONT, _BLACK, _GREY, _WHITE = "sans-serif", "#1a1a1a", "#4a4a4a", "#ffffff"
theme.background_color = _WHITE
theme.title_color, theme.title_font_family = _BLACK, _FONT
theme.label_color, theme.tick_font_family = _GREY, _FONT
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
    ).encode()


def _charts(section: Section) -> list[Markup]:
    """One chart for each column that is drawn, one below the other."""
    chart = section.chart
    return [] if chart is None else [_drawn(section, chart, at) for at in chart.values]


def _drawn(section: Section, chart: Chart, at: int) -> Markup:
    labels = [cell_text(row[chart.label], section.columns[chart.label]) for row in section.rows]
    heights = [_height(row[at]) for row in section.rows]
    points = [(x, y) for x, y in zip(labels, heights, strict=True) if y is not None]
    each = 1 + len(points) * _LABEL_WIDTH // _WIDTH
    drawn = leather.Chart(_title(section.columns[at], section.rows[0][at]))
    drawn.add_x_axis(ticks=[label for label, _height_of in points[::each]])
    shown = [0.0, 1.0, *(height for _label, height in points)]
    drawn.add_y_scale(min(shown), max(shown))
    add = drawn.add_columns if chart.kind == "bars" else drawn.add_line
    add(points)
    return Markup(drawn.to_svg(width=_WIDTH, height=_HEIGHT))  # noqa: S704 (the library has escaped the texts)


def _title(column: Column, cell: Cell) -> str:
    return f"{column.head} (%)" if isinstance(cell, Share) else head_text(column)


def _height(cell: Cell) -> float | None:
    if isinstance(cell, Share):
        value = percent(cell, 2)
        return None if value is None else float(value)
    return None if cell is None or isinstance(cell, str) else float(str(cell))
