"""Derived tables: one definition, applied to ranges of new events on both sides and both engines.

An origin's events arrive in its own order; between origins there is no order, so every statement
gives the same state whatever the arrival order.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache

from sqlalchemy import Connection, case, delete, func, insert, select
from sqlalchemy.schema import CreateTableAs
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import BranchMeta, Kind
from kiosk.models.payloads import VisitLeftOut
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.projections import (
    assist,
    consent,
    counter,
    demo,
    diversion,
    entry,
    figures,
    help_call,
    outage,
    sign_up,
    ticket,
    visit,
)
from kiosk.projections.statement import (
    EVENT,
    Statement,
    counts,
    in_range,
    is_counted,
    is_counter_s,
    leaves_out,
)
from kiosk.projections.statement import kinds as kinds_of

_REBUILD_STEP = 5_000
"""Events applied at once: bounds the memory of a rebuild."""


@dataclass(frozen=True)
class EventRange:
    """Consecutive events of one origin, both ends included."""

    branch: str
    terminal: str
    epoch: int
    from_seq: int
    to_seq: int


TABLES = (
    *visit.TABLES, *ticket.TABLES, *counter.TABLES, *diversion.TABLES, *demo.TABLES,
    *help_call.TABLES, *assist.TABLES, *sign_up.TABLES, *outage.TABLES,
    *consent.TABLES, *figures.TABLES,
)  # fmt: skip
"""All that is derived; each row has its business date."""
_CHANGING = kinds_of(
    Kind.VISIT, Kind.TICKET, Kind.COUNTER, Kind.DIVERSION, Kind.DEMO, Kind.HELP, Kind.ASSIST,
    Kind.SIGN_UP, Kind.FOLLOW_UP, Kind.OUTAGE, Kind.CONSENT, Kind.RECONCILIATION,
)  # fmt: skip
"""The kinds of event that a table of their own follows."""


@dataclass(frozen=True)
class News:
    """What new events may change; nothing is done about the rest."""

    kinds: frozenset[str] = _CHANGING
    """The kinds of event whose tables may change."""
    left_out: bool = True
    """A customer may be left out by one of them."""
    steps: bool = True
    """One of them may be a counter's."""
    counted: bool = True
    """The figures may change."""
    ended: bool = True
    """A ticket may end for good."""
    new: bool = True
    """They happen now; else they are replayed, and what they had to end has ended long ago."""

    @property
    def touched(self) -> frozenset[str]:
        """The kinds whose rows may change, those of earlier batches included.

        Who is left out is left out with every ticket and offer.
        """
        return _CHANGING if self.left_out else self.kinds

    def concern(self, statement: Statement) -> bool:
        """Whether the statement must be run."""
        reaches_back = statement.if_left_out or statement.if_counted
        return bool(
            statement.kinds & (self.touched if reaches_back else self.kinds)
            and (self.left_out or not statement.if_left_out)
            and (self.steps or not statement.if_steps)
            and (self.counted or not statement.if_counted)
            and (self.ended or not statement.if_ended)
            and (self.new or not statement.if_new)
        )


def definitions(dialect: str, news: News = News()) -> Sequence[Statement]:
    """The statements in their order: figures give up what they counted, then count anew.

    Args:
        dialect: The engine that runs them.
        news: What may change.
    """
    statements = (
        *figures.subtract(dialect, news.touched),
        visit.upsert(dialect),
        ticket.upsert(dialect),
        ticket.follow_steps(dialect),
        counter.follow(dialect),
        diversion.upsert(dialect),
        demo.upsert(dialect),
        help_call.upsert(dialect),
        assist.upsert(dialect),
        sign_up.upsert(dialect),
        sign_up.follow_up(dialect),
        outage.upsert(dialect),
        consent.upsert(dialect),
        *visit.leave_out(),
        *figures.add(dialect, news.touched),
        counter.have_tickets(),
        entry.wipe(),
    )
    return [each for each in statements if news.concern(each)]


@cache
def _prepared(dialect: str, news: News) -> tuple[Prepared, ...]:
    return tuple(Prepared(each.clause) for each in definitions(dialect, news))


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.max(case((condition, 1), else_=0)), 0)


_NEWS = Prepared(
    select(*map(_any, (leaves_out(), is_counter_s(), is_counted(), entry.is_ending())))
    .select_from(EVENT)
    .where(in_range())
)


def apply(
    connection: Connection, events: EventRange, kinds: Collection[str], *, new: bool = True
) -> None:
    """Bring the projections up to date with new events, in the transaction that stored them.

    Args:
        connection: In that transaction.
        events: The new events and no others: figures count what is applied twice, twice.
        kinds: The kinds among them; what none of them concerns is passed over.
        new: False in a rebuild.
    """
    [flags] = _NEWS.run(connection, vars(events))
    left_out, steps, counted, ended = map(bool, flags)
    news = News(frozenset(kinds), left_out, steps, counted, ended, new)
    _follow(connection, events, news)


def apply_rows(
    connection: Connection, events: EventRange, rows: Sequence[Mapping[str, object]]
) -> None:
    """As `apply`, with the events' rows at hand: does no more than they need."""
    kinds = frozenset(str(row["kind"]) for row in rows)
    left_out = any(row["stage"] == VisitLeftOut.stage for row in rows)
    steps = any(row["step"] is not None or row["kind"] == Kind.COUNTER for row in rows)
    counted = any(counts(str(row["kind"]), str(row["stage"])) for row in rows)
    ended = any(entry.ends(str(row["kind"]), str(row["stage"])) for row in rows)
    _follow(connection, events, News(kinds, left_out, steps, counted, ended))


def _follow(connection: Connection, events: EventRange, news: News) -> None:
    news = replace(news, kinds=_CHANGING & news.kinds)
    for statement in _prepared(connection.dialect.name, news):
        statement.run(connection, vars(events))


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


def rebuild(connection: Connection, progress: Callable[[int, int], None] = _silent) -> int:
    """Drop every projection and replay all events; returns how many there were.

    What is derived from days whose events were dropped stays as it is.

    Args:
        connection: In a transaction of its own.
        progress: Is told now and then how many events are done, and of how many.
    """
    with _all_dropped(connection):
        _replay(connection, progress)
    return connection.execute(select(func.count()).select_from(EVENT)).scalar_one()


@contextmanager
def _all_dropped(connection: Connection) -> Iterator[None]:
    """Drop what is derived; put what is derived from days without events back as it was.

    It stands there during the replay, too: a visit that ended after those days began in them.
    """
    first = connection.execute(select(table_of(BranchMeta).c.events_from)).scalar()
    copies = []
    for table in TABLES:
        if first is None:
            connection.execute(delete(table))
            continue
        is_old = table.c.business_date < first
        copy = CreateTableAs(select(table).where(is_old), f"old_{table.name}", temporary=True)
        connection.execute(copy)
        copies.append((table, copy.table, is_old))
        connection.execute(delete(table).where(~is_old))
    yield
    for table, copied, is_old in copies:
        connection.execute(delete(table).where(is_old))
        connection.execute(insert(table).from_select(list(table.columns), select(copied)))
        copied.drop(connection)


def _replay(connection: Connection, progress: Callable[[int, int], None]) -> None:
    origin = (EVENT.c.branch, EVENT.c.terminal, EVENT.c.epoch)
    origins = connection.execute(
        select(*origin, func.min(EVENT.c.seq), func.max(EVENT.c.seq))
        .group_by(*origin)
        .order_by(*origin)
    ).all()
    done, total = 0, sum(last - first + 1 for *_, first, last in origins)
    for branch, terminal, epoch, begin, last in origins:
        for first in range(begin, last + 1, _REBUILD_STEP):
            final = min(last, first + _REBUILD_STEP - 1)
            events = EventRange(branch, terminal, epoch, first, final)
            apply(connection, events, list(Kind), new=False)
            done += final - first + 1
            progress(done, total)
