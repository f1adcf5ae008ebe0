"""A report, whatever it is written as: its words are in the reader's language already."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from kiosk.i18n import _
from kiosk.services.report import Share

Cell = str | int | Decimal | date | Share | None
"""None: there is no data. A rate is a `Share`, so that both its counts can stand beside it."""


@dataclass(frozen=True)
class Column:
    """What stands at the head of a column."""

    head: str
    unit: str = ""
    """Of its figures, such as minutes; shares are in percent."""
    counts: tuple[str, str] = ("", "")
    """Of shares: what is counted above the line, and below it."""
    decimals: int = 1
    """Of shares."""
    is_figure: bool = True
    """Whether it holds figures, which stand on the right, or texts."""


@dataclass(frozen=True)
class Chart:
    """What of a section a shape says better than a table."""

    kind: Literal["bars", "lines"]
    label: int
    """The column that names the points."""
    values: tuple[int, ...]
    """The columns that are drawn; of shares, the percentages."""
    together: str = ""
    """What they all are, with the unit: they stand in one picture; empty: each in its own."""


@dataclass(frozen=True)
class Section:
    """One table, with what explains it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    """The formulas, or what is left out."""
    chart: Chart | None = None
    empty: str = ""
    """What stands there instead where there are no rows."""
    folded: Literal["", "table", "all"] = ""
    """What of it a page shows only to those who open it."""


@dataclass(frozen=True)
class Report:
    """All that a command, a screen or a file shows."""

    name: str
    """Names a file of it: the command's word."""
    title: str
    place: str
    """Whose figures they are."""
    span: str
    """Of which days."""
    notes: tuple[str, ...]
    """What the figures can't know."""
    sections: tuple[Section, ...]
    lead: tuple[str, ...] = ()
    """What it comes to, in words, before anything else."""


def percent(share: Share, decimals: int) -> Decimal | None:
    """A share in percent, half up; None where nothing stands below the line."""
    if share.denominator == 0:
        return None
    exact = Decimal(100 * share.numerator) / share.denominator
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def cell_text(cell: Cell, column: Column) -> str:
    """A cell as it is read."""
    match cell:
        case None:
            return _("no data")
        case Share():
            value = percent(cell, column.decimals)
            counts = f"{cell.numerator}/{cell.denominator}"
            return _("no data") if value is None else f"{value} % ({counts})"
        case date():
            return f"{cell:%Y-%m-%d}"
    return str(cell)


def head_text(column: Column) -> str:
    """A head with its unit."""
    return f"{column.head} ({column.unit})" if column.unit else column.head
