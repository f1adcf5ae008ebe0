"""The rules by which a line of a journal is an offer's transaction; DuckDB applies them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.services import reference
from kiosk.services.reconcile.workbench import MEMORY, run_script, set_variables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WINDOW: Final = timedelta(minutes=30)
"""How long after the acceptance a line without a reference may still be the offer's."""
TOLERANCE: Final = timedelta(minutes=2)
"""How far the channel's clock may be behind the terminal's."""
BY_CHANCE: Final = 1 / 200
"""How many of the probable ones may be strangers' that only happen to fit."""
_OF_OFFERS: Final = 2_500_000
"""For so many bytes of offers a megabyte more is needed: who has many shall not be refused."""
_OFFER = """CREATE TABLE offer AS FROM read_csv(?, header = false, auto_detect = false, columns = {
    'offer': 'UUID', 'reference': 'VARCHAR', 'channel': 'VARCHAR', 'service': 'VARCHAR',
    'amount_band': 'VARCHAR', 'accepted_at': 'TIMESTAMP', 'terminal': 'VARCHAR',
    'visit': 'UUID', 'business_date': 'DATE'})"""
_HELD = """CREATE TABLE held AS FROM read_csv(?, header = false, auto_detect = false, columns = {
    'line': 'UUID', 'offer': 'UUID', 'by_reference': 'BOOLEAN'})"""
_FILE = """CREATE TABLE file AS
    SELECT unnest(?) AS file, unnest(?) AS file_order, unnest(?) AS has_terminals"""
_LINES = """CREATE VIEW line AS
    SELECT lines.* EXCLUDE damage, file_order, has_terminals
    FROM read_parquet(getvariable('parquets')) AS lines JOIN file ON file_order = file_index
    WHERE damage IS NULL AND number IS NOT NULL"""
_MOMENTS = """CREATE VIEW moment AS SELECT channel, occurred_at
    FROM read_parquet(getvariable('parquets')) WHERE damage IS NULL"""


@dataclass(frozen=True)
class JournalLines:
    """The lines of a file that has been read."""

    file: str
    """What the file is called in `verdict`."""
    parquet: Path
    has_terminals: bool
    """Whether it says at which terminal somebody was."""


def judge(
    connection: "DuckDBPyConnection",
    journals: Sequence[JournalLines],
    offers: Path,
    held: Path,
    branch: str,
) -> None:
    """Fill the tables `chosen`, `undone`, `candidate` and `verdict`, as `match.sql` says.

    Args:
        connection: A workbench without these.
        journals: The oldest first.
        offers: The accepted offers, as CSV in the order of their table's columns.
        held: What is matched at present, likewise.
        branch: The branch's code.
    """
    connection.execute(f"SET memory_limit = '{MEMORY + offers.stat().st_size // _OF_OFFERS}MB'")
    set_variables(
        connection,
        {
            "branch": branch,
            "stretch_seconds": int(WINDOW.total_seconds()),
            "tolerance": int(TOLERANCE.total_seconds()),
            "by_chance": BY_CHANCE,
            "alphabet": reference.ALPHABET,
            "check_signs": _check_signs(),
            "parquets": [str(each.parquet) for each in journals],
        },
    )
    connection.execute(_OFFER, [str(offers)])
    connection.execute(_HELD, [str(held)])
    names, terminals = [each.file for each in journals], [each.has_terminals for each in journals]
    connection.execute(_FILE, [names, list(range(len(journals))), terminals])
    connection.execute(_LINES)
    connection.execute(_MOMENTS)
    # whatever the order of the lines, and the memory for it is saved
    connection.execute("SET preserve_insertion_order = false")
    run_script(connection, "match.sql")


@cache
def _check_signs() -> list[list[int]]:
    """What each sign is worth at each place: those of a reference come to nothing together."""
    signs = reference.ALPHABET
    return [*([_check_of(place, sign) for sign in signs] for place in range(7)),
            list(range(len(signs)))]  # fmt: skip


def _check_of(place: int, sign: str) -> int:
    """The check of nothing but zeros and one sign."""
    data = "0" * place + sign + "0" * (6 - place)
    fitting = (each for each in reference.ALPHABET if reference.read_reference(data + each))
    return reference.ALPHABET.index(next(fitting))
