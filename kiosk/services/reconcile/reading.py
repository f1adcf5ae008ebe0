"""From a journal to a table of what reconciling needs of it, and what was damaged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kiosk.errors import KioskError
from kiosk.services.catalog import Catalog
from kiosk.services.reconcile.forms import form_variables, said_view
from kiosk.services.reconcile.layout import Layout, Place, span_of
from kiosk.services.reconcile.recoding import Recoded, recoding
from kiosk.services.reconcile.workbench import run_script, set_variables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BYTES = "latin-1"
"""Fixed columns are counted in bytes by who writes them: here a byte is a character."""
_WRITE = """COPY (FROM line_read) TO ? (
    FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 40_960,
    DICTIONARY_SIZE_LIMIT 1000
)"""
"""Larger groups are more memory while they are written; ids and times make no dictionary."""
_TOO_LONG = "a line of more than 2 MB"
_YEARS = range(2000, 2040)
"""Of journals."""
_NO_LIMIT = 10**15


@dataclass(frozen=True)
class Damage:
    """A line that could not be read."""

    number: int
    """In the file, from 1."""
    reason: str
    """`form`, `id`, `time` or `amount`."""


@dataclass(frozen=True)
class Read:
    """What reading a file came to."""

    recoded: Recoded
    lines: int
    """All that are transactions, the damaged ones with them."""
    damaged: tuple[Damage, ...]
    first_at: Any
    last_at: Any
    """The times of the first and the last transaction, in UTC; None of a file without any."""


def read_journal(
    connection: "DuckDBPyConnection",
    source: Path,
    layout: Layout,
    catalog: Catalog,
    lines: Path,
    branch: str,
) -> Read:
    """Read a journal into a Parquet file.

    Args:
        connection: A workbench with nothing in it.
        source: The journal.
        layout: What it looks like.
        catalog: Has the bands of amounts.
        lines: The Parquet file to write. It holds no amount, nothing that the layout does not
            name, and of lines that can be nobody's in the branch only when they were.
        branch: Its code.

    Raises:
        KioskError: `journal_unreadable`, `journal_incomplete`.
    """
    import duckdb

    try:
        with (
            source.open("rb") as journal,
            recoding(journal, _encoding(layout)) as (text, running),
        ):
            _prepare(connection, layout, catalog, text, lines.stem, branch)
            connection.execute(_WRITE, [str(lines)])
            recoded = running.result()
    except OSError as error:
        raise KioskError("journal_unreadable", file=source, reason=error.strerror) from error
    except (duckdb.InvalidInputException, duckdb.NotImplementedException) as error:
        raise KioskError("journal_unreadable", file=source, reason=_TOO_LONG) from error
    found = _summary(connection, recoded, lines)
    _require_whole(layout, found)
    return found


def _encoding(layout: Layout) -> str:
    return _BYTES if layout.form == "fixed" else layout.encoding


def _prepare(
    connection: "DuckDBPyConnection",
    layout: Layout,
    catalog: Catalog,
    text: str,
    file: str,
    branch: str,
) -> None:
    amount = layout.amount
    set_variables(
        connection,
        {
            "path": text,
            "file": file,
            "layout": layout.name,
            "skip": layout.skip,
            "trailer": _as_read(layout, layout.trailer.starts_with) if layout.trailer else None,
            "branch": branch,
            "channel": layout.channel,
            "channels_said": [_as_read(layout, each) for each in layout.channels],
            "channels": list(layout.channels.values()),
            "services_said": [_as_read(layout, each) for each in layout.services],
            "services": list(layout.services.values()),
            "fen": 100 if amount and amount.unit == "yuan" else 1,
            "negative_is_reversal": bool(amount and amount.negative_is_reversal),
            "reversals": [_as_read(layout, each) for each in layout.reversals],
            "has_id": layout.columns.id is not None,
            "has_terminals": layout.columns.terminal is not None,
            "zone": layout.time.zone,
            "offset_seconds": _only_offset(layout.time.zone),
            "format": layout.time.format,
            **form_variables(layout),
        },
    )
    run_script(connection, "forms.sql")
    connection.execute(said_view(layout))
    connection.execute(f"CREATE MACRO moment(said) AS moment_{_way_of_times(layout)}(said)")
    bands = list(_bands(catalog))
    _insert(connection, "band (service TEXT, code TEXT, above BIGINT, up_to BIGINT)", bands)
    run_script(connection, "read.sql")


def _way_of_times(layout: Layout) -> str:
    if "%z" in layout.time.format:
        return "with_offset"
    return "in_zone" if _only_offset(layout.time.zone) is None else "at_offset"


@cache
def _only_offset(zone: str) -> float | None:
    """Seconds from UTC, where clocks are never changed: taking them off is faster by far."""
    months = (datetime(year, month, 1) for year in _YEARS for month in range(1, 13))  # noqa: DTZ001 (its zone follows)
    offsets = {month.replace(tzinfo=ZoneInfo(zone)).utcoffset() for month in months}
    first, *others = offsets
    return None if others or first is None else first.total_seconds()


def _as_read(layout: Layout, said: str) -> str:
    """A word of the layout as it is found in the journal."""
    if layout.form != "fixed":
        return said
    return said.encode(layout.encoding).decode(_BYTES)


def _bands(catalog: Catalog) -> Iterator[tuple[str, str, int, int]]:
    for service in catalog.services:
        above = 0
        for band in service.amount_bands:
            up_to = _NO_LIMIT if band.up_to is None else band.up_to
            yield service.code, band.code, above, up_to
            above = up_to


def _insert(
    connection: "DuckDBPyConnection", table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """A table of the layout's own words, at once: a statement for each row takes longer."""
    name, _, columns = table.partition(" ")
    connection.execute(f"CREATE TABLE {name} {columns}")
    if rows:
        lists = ", ".join(["unnest(?)"] * len(rows[0]))
        connection.execute(f"INSERT INTO {name} SELECT {lists}", list(zip(*rows, strict=True)))


def _summary(connection: "DuckDBPyConnection", recoded: Recoded, lines: Path) -> Read:
    [(count, first_at, last_at)] = connection.execute(
        "SELECT count(*), min(occurred_at), max(occurred_at) FROM read_parquet(?)", [str(lines)]
    ).fetchall()
    damaged = connection.execute(
        "SELECT number, damage FROM read_parquet(?) WHERE damage IS NOT NULL ORDER BY number",
        [str(lines)],
    ).fetchall()
    return Read(recoded, count, tuple(Damage(*row) for row in damaged), first_at, last_at)


def _require_whole(layout: Layout, found: Read) -> None:
    """A trailer that counts other lines than there are ends another file, or half of one."""
    trailer = layout.trailer
    if trailer is None:
        return
    last = next((line for line in reversed(found.recoded.end.split("\n")) if line.strip()), "")
    said = _said_at(trailer.count, last, layout.delimiter)
    is_there = last.startswith(_as_read(layout, trailer.starts_with))
    if not is_there or (trailer.count is not None and said != str(found.lines)):
        raise KioskError("journal_incomplete", said=said or "–", found=found.lines)


def _said_at(place: Place | None, line: str, delimiter: str) -> str:
    """What a line that is no transaction says at a place: a number, without what fills it up."""
    if isinstance(place, int):
        said = [*line.split(delimiter), *[""] * place][place - 1]
    else:
        first, length = span_of(place) if place else (1, 0)
        said = line[first - 1 : first - 1 + length]
    return said.strip().lstrip("0") or said.strip()[-1:]
