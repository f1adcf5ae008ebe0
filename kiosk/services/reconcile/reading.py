"""From a journal to a table of what reconciling needs of it, and what was damaged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.errors import KioskError
from kiosk.services.catalog import Catalog
from kiosk.services.reconcile.forms import form_variables, said_view
from kiosk.services.reconcile.layout import Layout, Place, span_of
from kiosk.services.reconcile.recoding import NOTHING, Recoded, recode
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
_NO_LIMIT = 10**15
_LONGEST_TRAILER = 1 << 16


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
    text = lines.with_suffix(".text")
    try:
        with source.open("rb") as journal:
            recoded = recode(journal, _encoding(layout), text)
        _prepare(connection, layout, catalog, text, branch)
        connection.execute(_WRITE, [str(lines)])
        found = _summary(connection, recoded, lines)
        _require_whole(text, layout, found.lines)
    except OSError as error:
        raise KioskError("journal_unreadable", file=source, reason=error.strerror) from error
    finally:
        text.unlink(missing_ok=True)
    return found


def _encoding(layout: Layout) -> str:
    return _BYTES if layout.form == "fixed" else layout.encoding


def _prepare(
    connection: "DuckDBPyConnection", layout: Layout, catalog: Catalog, text: Path, branch: str
) -> None:
    amount = layout.amount
    set_variables(
        connection,
        {
            "path": str(text),
            "file": text.stem,
            "layout": layout.name,
            "skip": layout.skip,
            "trailer": _as_read(layout, layout.trailer.starts_with) if layout.trailer else None,
            "branch": branch,
            "channel": layout.channel,
            "fen": 100 if amount and amount.unit == "yuan" else 1,
            "negative_is_reversal": bool(amount and amount.negative_is_reversal),
            "reversals": [_as_read(layout, each) for each in layout.reversals],
            "has_id": layout.columns.id is not None,
            "has_terminals": layout.columns.terminal is not None,
            "zone": layout.time.zone,
            "format": layout.time.format,
            **form_variables(layout),
        },
    )
    run_script(connection, "forms.sql")
    connection.execute(said_view(layout))
    way = "with_offset" if "%z" in layout.time.format else "in_zone"
    connection.execute(f"CREATE MACRO moment(said) AS moment_{way}(said)")
    _insert(connection, "code (what TEXT, said TEXT, ours TEXT)", list(_codes(layout)))
    bands = list(_bands(catalog))
    _insert(connection, "band (service TEXT, code TEXT, above BIGINT, up_to BIGINT)", bands)
    run_script(connection, "read.sql")


def _codes(layout: Layout) -> Iterator[tuple[str, str, str]]:
    for said, ours in layout.channels.items():
        yield "channel", _as_read(layout, said), ours
    for said, ours in layout.services.items():
        yield "service", _as_read(layout, said), ours


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


def _require_whole(text: Path, layout: Layout, lines: int) -> None:
    """A trailer that counts other lines than there are ends another file, or half of one."""
    trailer = layout.trailer
    if trailer is None:
        return
    last = _last_line(text)
    said = _said_at(trailer.count, last, layout.delimiter)
    is_there = last.startswith(_as_read(layout, trailer.starts_with))
    if not is_there or (trailer.count is not None and said != str(lines)):
        raise KioskError("journal_incomplete", said=said or "–", found=lines)


def _last_line(text: Path) -> str:
    """The last one that is not empty."""
    with text.open("rb") as lines:
        lines.seek(max(0, text.stat().st_size - _LONGEST_TRAILER))
        end = lines.read().decode("utf-8", errors="replace")
    return next((line for line in reversed(end.split("\n")) if line.strip().strip(NOTHING)), "")


def _said_at(place: Place | None, line: str, delimiter: str) -> str:
    """What a line that is no transaction says at a place: a number, without what fills it up."""
    if isinstance(place, int):
        said = [*line.split(delimiter), *[""] * place][place - 1]
    else:
        first, length = span_of(place) if place else (1, 0)
        said = line[first - 1 : first - 1 + length]
    return said.strip().lstrip("0") or said.strip()[-1:]
