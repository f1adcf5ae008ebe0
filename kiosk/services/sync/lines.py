"""The lines of a store's events, read while the branch still works on those before."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache

from sqlalchemy import bindparam, literal_column, select

from kiosk.db import Database
from kiosk.models import Event
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.journal import Origin
from kiosk.services.sync import wire

_EVENT = table_of(Event)
_REMEMBERED = 4096
"""Payloads that were looked at: most of a day's are the same few hundred."""


@dataclass(frozen=True)
class Span:
    """Which events, and in which form."""

    after: int
    last: int
    wire_format: int


@dataclass(frozen=True)
class Lines:
    """What goes in one batch."""

    lines: tuple[str, ...]
    doubtful: dict[int, str]
    """Seq → why the terminal itself takes the event for damaged."""


class LineReader:
    """Reads lines, the next ones ahead of time.

    Events are never changed, so that a span that was full when it was read ahead of time stays what
    it is. One that was not may have got more since, and is read anew; so is another than expected.
    Close it before the store.

    Args:
        store: The terminal's own database.
        origin: Whose events it holds.
    """

    def __init__(self, store: Database, origin: Origin) -> None:
        self._store = store
        self._origin = origin
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
        self._ahead: tuple[Span, Future[Lines]] | None = None

    def read(self, span: Span) -> Lines:
        """The lines of a span, as far as there are events.

        Raises:
            KioskError: What keeps the store from being read.
        """
        expected, self._ahead = self._ahead, None
        if expected is not None and expected[0] == span:
            found = expected[1].result()
            if len(found.lines) == span.last - span.after:
                return found
        return self._select(span)

    def read_ahead(self, span: Span) -> None:
        """Begin to read what will probably be asked for next."""
        self._ahead = span, self._thread.submit(self._select, span)

    def close(self) -> None:
        """Wait for what is being read."""
        self._thread.shutdown(cancel_futures=True)

    def _select(self, span: Span) -> Lines:
        bounds = {**vars(self._origin), "after": span.after, "last": span.last}
        lines: list[str] = []
        doubtful: dict[int, str] = {}
        with self._store.read() as connection:
            for seq, *told, line in _select_lines(span.wire_format).run(connection, bounds):
                lines.append(wire.to_text(line))
                if why := _doubt(*told):
                    doubtful[seq] = why
        return Lines(tuple(lines), doubtful)


@lru_cache(_REMEMBERED)
def _doubt(kind: bytes, stage: bytes, payload: bytes) -> str | None:
    return wire.doubt(wire.to_text(kind), wire.to_text(stage), wire.to_text(payload))


@cache
def _select_lines(wire_format: int) -> Prepared:
    return Prepared(
        select(
            _EVENT.c.seq,
            *(literal_column(f"CAST({name} AS BLOB)") for name in ("kind", "stage", "payload")),
            literal_column(wire.line_of_event(wire_format)),
        )
        .where(
            _EVENT.c.branch == bindparam("branch"),
            _EVENT.c.terminal == bindparam("terminal"),
            _EVENT.c.epoch == bindparam("epoch"),
            _EVENT.c.seq > bindparam("after"),
            _EVENT.c.seq <= bindparam("last"),
        )
        .order_by(_EVENT.c.seq)
    )
