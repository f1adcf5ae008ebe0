"""A report's cells as spreadsheets have them: a share takes three, so that its counts add up."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from kiosk.i18n import _
from kiosk.reporting.report import Cell, Column, Section, head_text, percent
from kiosk.services.report import Share

FlatCell = str | int | Decimal | date | None


def heads(section: Section) -> list[str]:
    """The heads."""
    return [head for at in range(len(section.columns)) for head in _heads(section, at)]


def rows(section: Section) -> Iterator[list[FlatCell]]:
    """The rows."""
    shares = [is_share(section, at) for at in range(len(section.columns))]
    for row in section.rows:
        cells = zip(row, section.columns, shares, strict=True)
        yield [flat for each in cells for flat in _cells(*each)]


def is_share(section: Section, at: int) -> bool:
    """Whether a column holds shares; those of what nobody knows are shares all the same."""
    return any(section.columns[at].counts) or any(
        isinstance(row[at], Share) for row in section.rows
    )


def place_of(section: Section, at: int) -> int:
    """Where a column stands among the flat ones, from 0; of shares, the percentage."""
    return sum(3 if is_share(section, before) else 1 for before in range(at))


def _heads(section: Section, at: int) -> list[str]:
    column = section.columns[at]
    if not is_share(section, at):
        return [head_text(column)]
    above, below = column.counts
    return [
        f"{column.head} (%)",
        above or _("{rate}: counted").format(rate=column.head),
        below or _("{rate}: of").format(rate=column.head),
    ]


def _cells(cell: Cell, column: Column, in_shares: bool) -> list[FlatCell]:
    if not in_shares:
        assert not isinstance(cell, Share)  # noqa: S101 (then it would be among the shares)
        return [cell]
    if not isinstance(cell, Share):
        return [None, None, None]
    return [percent(cell, column.decimals), cell.numerator, cell.denominator]
