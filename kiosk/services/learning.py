"""What a branch's days have taught about its waits: learned overnight, kept as a release."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from kiosk.models import Counter, Event, Kind, Priority, Release
from kiosk.models.tables import table_of
from kiosk.services import releases
from kiosk.services.branch_rules import BranchRules
from kiosk.services.learned_day import Happened, Queues, learn_from
from kiosk.services.releases import Name
from kiosk.services.waiting.learned import Learned, dump, load

MOST_DAYS = 60
"""That a branch begins to learn from: older ones would be forgotten by now."""

_COUNTER = table_of(Counter)
_EVENT = table_of(Event)
_RELEASE = table_of(Release)


def learn_day(
    connection: Connection, branch: str, day: date, rules: BranchRules, now: datetime
) -> Learned:
    """Learn from a branch's days up to one that is over, and publish it to the terminals.

    The days since the last one that was learned from are caught up with. The same day again is
    learned anew from what was known before it, as when events came late; an earlier one is left.

    Args:
        connection: To the branch database, in a transaction, as one who may publish there.
        branch: Its code.
        day: The business day.
        rules: The branch's.
        now: Aware.

    Returns:
        What holds from now on.
    """
    releases.lock_branch(connection, branch)
    kept = _kept(connection, branch)
    if newer := [each for each in kept.values() if each.through and each.through > day]:
        return newer[-1]
    before = {version: each for version, each in kept.items() if each.through != day}
    learned = before[max(before)] if before else Learned()
    queues = _queues(connection, branch)
    for each in _days(connection, branch, learned.through, day):
        learned = learn_from(_events(connection, branch, each), learned, rules.day(each), queues)
    if learned.through is None:
        return learned
    new = releases.publish_in(connection, branch, Name.LEARNED, dump(learned), now)
    kept_versions = {new.version, *([max(before)] if before else [])}
    releases.forget_all_but(connection, branch, Name.LEARNED, kept_versions)
    return learned


def _kept(connection: Connection, branch: str) -> dict[int, Learned]:
    """By version, the newest last; the one before it is what its day can be learned anew from."""
    rows = connection.execute(
        select(_RELEASE.c.version, _RELEASE.c.body)
        .where(_RELEASE.c.branch == branch, _RELEASE.c.name == Name.LEARNED.value)
        .order_by(_RELEASE.c.version)
    )
    return {version: load(body) for version, body in rows}


def _days(connection: Connection, branch: str, after: date | None, last: date) -> list[date]:
    """The days with tickets, from the last one that was learned from."""
    first = after + timedelta(days=1) if after else last - timedelta(days=MOST_DAYS - 1)
    days = connection.execute(
        select(_EVENT.c.business_date)
        .distinct()
        .where(
            _EVENT.c.branch == branch,
            _EVENT.c.business_date.between(first, last),
            _EVENT.c.kind == Kind.TICKET.value,
        )
        .order_by(_EVENT.c.business_date)
    )
    return list(days.scalars())


def _queues(connection: Connection, branch: str) -> dict[int, Queues]:
    rows = connection.execute(
        select(_COUNTER.c.number, _COUNTER.c.queues).where(_COUNTER.c.branch == branch)
    )
    return {number: None if queues is None else tuple(queues) for number, queues in rows}


def _events(connection: Connection, branch: str, day: date) -> Iterator[Happened]:
    """A day of tickets and counters, in an order that is the same whenever it is asked for."""
    e = _EVENT.c
    rows = connection.execute(
        select(
            e.occurred_at, e.stage, e.ticket, e.queue, e.service, e.priority, e.arrived_at,
            e.counter, e.staff, e.payload, e.step, e.terminal, e.epoch, e.seq,
        ).where(
            e.branch == branch,
            e.business_date == day,
            e.kind.in_([Kind.TICKET.value, Kind.COUNTER.value]),
        )
    ).all()  # fmt: skip
    for row in sorted(
        rows,
        # a ticket's steps are counted, whatever the clocks of its counters say
        key=lambda row: (row.occurred_at, row.step or 0, row.terminal, row.epoch, row.seq),
    ):
        yield Happened(
            at=row.occurred_at,
            stage=row.stage,
            ticket=row.ticket,
            counter=_number(row.counter),
            staff=row.staff,
            queue=row.queue or "",
            service=row.service,
            priority=Priority(row.priority or Priority.NORMAL),
            arrived_at=row.arrived_at,
            wanted_counter=_number(row.payload.get("wanted_counter")),
            wanted_staff=row.payload.get("wanted_staff"),
            minutes=row.payload.get("minutes"),
        )


def _number(counter: str | None) -> int | None:
    return None if counter is None else int(counter)
