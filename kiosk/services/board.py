"""Reads from the branch database what the lobby's call board shows.

A look is cheap: the last numbers that the branch, its counters and its terminals have given to
their events say whether anything has happened. Only then, or after some seconds, because waits
change by themselves, everything is read: today's tickets by their index, and a few small tables.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import (
    Branch,
    Counter,
    CounterNow,
    CounterState,
    Release,
    Terminal,
    Ticket,
    TicketState,
)
from kiosk.models.states import Priority
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.board_view import (
    LAST_CALLS,
    NEXT_NUMBERS,
    BoardView,
    Call,
    CounterShown,
    Doing,
    QueueShown,
)
from kiosk.services.branch import require_branch
from kiosk.services.branch_rules import BranchRules
from kiosk.services.branch_wait import BranchWaits, Newcomer
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import load_catalog, read_catalog
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.queue_order import CallingOrder, Candidate
from kiosk.services.queue_snapshot import read_queue
from kiosk.services.releases import Name, body_of

log = logging.getLogger("kiosk")

READ_AGAIN_SECONDS: Final = 20
"""Waits get shorter without anything happening."""
_NANOSECONDS: Final = 1_000_000_000

_BRANCH, _COUNTER, _TERMINAL = table_of(Branch), table_of(Counter), table_of(Terminal)
_NOW, _RELEASE, _TICKET = table_of(CounterNow), table_of(Release), table_of(Ticket)
_OF_BRANCH: BindParameter[str] = bindparam("branch")
_LAST_NUMBERS = Prepared(
    select(
        select(_BRANCH.c.last_seq).where(_BRANCH.c.code == _OF_BRANCH).scalar_subquery(),
        select(func.sum(_COUNTER.c.last_seq))
        .where(_COUNTER.c.branch == _OF_BRANCH)
        .scalar_subquery(),
        select(func.sum(_TERMINAL.c.acked_seq))
        .where(_TERMINAL.c.branch == _OF_BRANCH)
        .scalar_subquery(),
        # a renewed terminal begins again with 1
        select(func.sum(_TERMINAL.c.epoch))
        .where(_TERMINAL.c.branch == _OF_BRANCH)
        .scalar_subquery(),
        select(func.sum(_RELEASE.c.version))
        .where(_RELEASE.c.branch == _OF_BRANCH)
        .scalar_subquery(),
    )
)
_NO_TERMINAL = (0, 0)
"""Nobody's events need to be added to this snapshot."""
_RELEASES = 4
"""Where the releases stand among the last numbers."""
_CALLED = (
    TicketState.CALLED, TicketState.SERVING, TicketState.ON_HOLD, TicketState.SERVED,
    TicketState.NO_SHOW,
)  # fmt: skip
"""Whose call still says where to go, or where they were to go: people miss a call."""


@dataclass(frozen=True)
class _Rules:
    """What the branch has set, and its catalog."""

    config: Config
    catalog: Catalog
    waits: BranchWaits
    releases: object
    """The number that said which releases these are."""


class BranchBoard:
    """A board's view of its branch.

    Args:
        read_config: Gives the configuration over what the branch has set, a TOML text.
        clock: Says what is today, and when to read again.
    """

    def __init__(self, read_config: Callable[[str | None], Config], clock: Clock) -> None:
        self._read_config = read_config
        self._clock = clock
        self._own = read_config(None)
        self._database: Database | None = None
        self._rules: _Rules | None = None
        self._last: tuple[date, tuple[object, ...]] | None = None
        """The day and the numbers of what was read last."""
        self._read_at = 0.0

    def look(self) -> BoardView | None:
        """Look whether anything has changed; None: what was read last still holds.

        Raises:
            KioskError: `branch_unknown`, `not_a_branch_database`, or what keeps the database from
                being read.
        """
        seconds = self._clock.monotonic_ns() / _NANOSECONDS
        is_due = self._last is None or seconds - self._read_at >= READ_AGAIN_SECONDS
        database = self._opened()
        with database.read() as connection:
            now = self._clock.now()
            [numbers] = _LAST_NUMBERS.rows(connection, {"branch": self._own.branch.code})
            found = (now.astimezone(self._own.zone).date(), numbers)
            if found == self._last and not is_due:
                return None
            view = self._read(connection, database, found, now)
        self._last, self._read_at = found, seconds
        return view

    def close(self) -> None:
        """Give back the connections."""
        if self._database is not None:
            self._database.close()

    def _opened(self) -> Database:
        if self._database is None:
            database = Database(self._own.branch_database_url)
            database.require_schema()
            if database.is_sqlite:  # on a server, no login gets into anything else
                with database.read() as connection:
                    require_branch(connection, database, self._own.branch.code)
            self._database = database
        return self._database

    def _read(
        self,
        connection: Connection,
        database: Database,
        found: tuple[date, tuple[object, ...]],
        now: datetime,
    ) -> BoardView:
        today, numbers = found
        if numbers[0] is None:
            raise KioskError("branch_unknown", branch=self._own.branch.code, database=database.name)
        if self._rules is None or self._rules.releases != numbers[_RELEASES]:
            self._rules = self._read_rules(connection, numbers[_RELEASES])
        rules = self._rules
        return BoardView(
            calls=tuple(_calls(connection, rules.config.branch.code, today)),
            counters=tuple(_counters(connection, rules.config.branch.code, today)),
            queues=tuple(_queues(connection, rules, now)),
            config=rules.config,
        )

    def _read_rules(self, connection: Connection, releases: object) -> _Rules:
        branch = self._own.branch.code
        config = self._read_config(body_of(connection, branch, Name.SETTINGS) or "")
        catalog = _read_catalog(connection, config)
        waits = BranchWaits(BranchRules.configured(config, catalog), branch)
        return _Rules(config, catalog, waits, releases)


def _read_catalog(connection: Connection, config: Config) -> Catalog:
    """The machine's own, else the branch's, else the packaged one."""
    if config.catalog is None:
        body = body_of(connection, config.branch.code, Name.CATALOG)
        if body is not None:
            try:
                return read_catalog(body.encode("utf-8"), "catalog")
            except KioskError as error:  # published by a newer program
                log.error("the branch's catalog can't be used: %s", error)
    return load_catalog(config.catalog)


def _calls(connection: Connection, branch: str, today: date) -> Iterator[Call]:
    ticket = _TICKET.c
    rows = connection.execute(
        select(ticket.number, ticket.counter, ticket.called_at, ticket.state)
        .where(
            ticket.branch == branch,
            ticket.business_date == today,
            ticket.state.in_([state.value for state in _CALLED]),
            ticket.counter.is_not(None),
            ticket.called_at.is_not(None),
        )
        .order_by(ticket.called_at.desc(), ticket.number)
        .limit(LAST_CALLS)
    )
    for row in rows:
        is_waited_for = row.state == TicketState.CALLED
        yield Call(row.number, int(row.counter), row.called_at, is_waited_for)


def _counters(connection: Connection, branch: str, today: date) -> Iterator[CounterShown]:
    rows = connection.execute(
        select(
            _NOW.c.number, _NOW.c.state, _NOW.c.back_at, _TICKET.c.number.label("ticket"),
            _TICKET.c.state.label("ticket_state"),
        )
        .select_from(_NOW.outerjoin(_TICKET, _TICKET.c.id == _NOW.c.ticket))
        .where(_NOW.c.branch == branch, _NOW.c.business_date == today)
        .order_by(_NOW.c.number)
    )  # fmt: skip
    for row in rows:
        yield CounterShown(row.number, _doing(row.state, row.ticket_state), row.ticket, row.back_at)


def _doing(counter: str, ticket: str | None) -> Doing:
    if ticket is not None:
        return Doing.CALLING if ticket == TicketState.CALLED else Doing.SERVING
    states = {CounterState.BREAK.value: Doing.BREAK, CounterState.CLOSED.value: Doing.CLOSED}
    return states.get(counter, Doing.FREE)


def _queues(connection: Connection, rules: _Rules, now: datetime) -> Iterator[QueueShown]:
    branch, zone = rules.config.branch.code, rules.config.zone
    names: dict[str, LocalizedText] = {each.letter: each.name for each in rules.catalog.queues}
    order = CallingOrder.configured(rules.config.queue.head_start)
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for place in order.in_line(_waiting(connection, branch, now.astimezone(zone).date())):
        lines[place.ticket.queue].append(place.ticket.number)
    if not lines:
        return
    snapshot = read_queue(connection, branch, zone, now, _NO_TERMINAL)
    for letter, numbers in sorted(lines.items()):
        wait = rules.waits.wait_for(Newcomer(letter), snapshot, connection, now)
        following = tuple(numbers[:NEXT_NUMBERS])
        yield QueueShown(letter, names.get(letter), len(numbers), following, wait)


def _waiting(connection: Connection, branch: str, today: date) -> Iterator[Candidate]:
    ticket = _TICKET.c
    rows = connection.execute(
        select(
            ticket.id, ticket.number, ticket.queue, ticket.priority, ticket.arrived_at,
            ticket.issued_at,
        ).where(
            ticket.branch == branch,
            ticket.business_date == today,
            ticket.state == TicketState.WAITING.value,
        )
    )  # fmt: skip
    for row in rows:
        # of a ticket whose issue is still on its way, only steps are known
        priority = Priority(row.priority or Priority.NORMAL)
        yield Candidate(row.id, row.number, row.queue, priority, row.arrived_at, row.issued_at)
