"""A day's close: whether the branch has a day's events exactly as this terminal has them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import bindparam, select

from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Event, Quarantine
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.journal import Origin
from kiosk.services.sync.digests import digests
from kiosk.services.sync.push import introduce, refused
from kiosk.services.sync.wire import BranchSide, Caller, DayPart, DayThere, EventThere, Status

PART_SIZE = 10_000
"""Events that are compared at a time: a day that a wrong clock filled must not fill the memory."""

_EVENT = table_of(Event)
_QUARANTINE = table_of(Quarantine)
_SEQS = Prepared(
    select(_EVENT.c.seq)
    .where(
        _EVENT.c.branch == bindparam("branch"),
        _EVENT.c.terminal == bindparam("terminal"),
        _EVENT.c.epoch == bindparam("epoch"),
        _EVENT.c.business_date == bindparam("day"),
    )
    .order_by(_EVENT.c.seq)
)
_ASIDE = Prepared(
    select(_QUARANTINE.c.seq).where(
        _QUARANTINE.c.branch == bindparam("branch"),
        _QUARANTINE.c.terminal == bindparam("terminal"),
        _QUARANTINE.c.epoch == bindparam("epoch"),
    )
)


class Fault(StrEnum):
    """What may be wrong with an event in the branch database."""

    MISSING = "missing"
    CHANGED = "changed"
    """One with its number is there, and says something else."""
    FOREIGN = "foreign"
    """It stands there as this terminal's, and the terminal has never recorded it."""


@dataclass(frozen=True)
class Difference:
    """Events in a row with the same fault."""

    fault: Fault
    first: int
    """The first one's seq."""
    last: int


@dataclass(frozen=True)
class KindCount:
    """The events of one kind."""

    kind: str
    here: int
    """In the terminal's store."""
    there: int
    """In the branch database."""
    quarantined: int
    """Of those here: put aside, and therefore not there."""
    waiting: int
    """Of those here: not brought to the branch yet."""


@dataclass(frozen=True)
class Verification:
    """What a comparison has found."""

    day: date
    kinds: tuple[KindCount, ...]
    """In the order of their names; only those of which there is an event."""
    differences: tuple[Difference, ...]
    """In the order of the events; none: every event that was brought is there as it is here."""
    of_other_stores: int
    """Events there of a store that this one replaced: nothing here to compare them with."""

    @property
    def waiting(self) -> int:
        """Events that were not brought to the branch yet."""
        return sum(each.waiting for each in self.kinds)

    @property
    def quarantined(self) -> int:
        """Events that stand in quarantine, dropped ones too."""
        return sum(each.quarantined for each in self.kinds)


def verify(
    store: Database, origin: Origin, connect: Callable[[], BranchSide], clock: Clock, day: date
) -> Verification:
    """Compare a business day's events, one by one, without changing anything.

    A synchronisation may be at work meanwhile: what it brings is not taken for a difference.

    Args:
        store: The terminal's own database.
        origin: Whose events it holds.
        connect: Reaches the branch; may raise KioskError.
        clock: The terminal's time.
        day: In the branch's zone.

    Raises:
        KioskError: `verify_day_dropped` when the branch no longer keeps events of that day,
            `sync_…` for each refusal of the branch, or what keeps a database from being read.
    """
    side = connect()
    try:
        # first what was acknowledged and put aside, then what is there, then what is here: in this
        # order nothing that comes meanwhile looks as if it were missing
        caller = introduce(store, origin, clock)
        comparison = _Comparison(caller.position.seq, _aside(store, origin))
        others = 0
        for part in _parts(store, origin, day):
            found = _ask(side, caller, origin, part)
            others = found.of_other_epochs
            with store.read() as connection:
                here = digests(connection, origin, part, caller.wire_format)
            comparison.add(here, found.events)
        return Verification(day, comparison.kinds(), tuple(comparison.differences()), others)
    finally:
        side.close()


def _ask(side: BranchSide, caller: Caller, origin: Origin, part: DayPart) -> DayThere:
    answer = side.list_day(caller, part)
    if answer.status is not Status.OK or answer.day is None:
        raise refused(answer, side, origin)
    kept_from = answer.day.kept_from
    if kept_from is not None and part.day < kept_from:
        raise KioskError("verify_day_dropped", database=side.name, day=kept_from)
    return answer.day


def _parts(store: Database, origin: Origin, day: date) -> list[DayPart]:
    """The day in parts, of which the first and the last are open to what is not here."""
    with store.read() as connection:
        seqs = _SEQS.run(connection, {**vars(origin), "day": day})
        ends = [seq for place, (seq,) in enumerate(seqs, 1) if place % PART_SIZE == 0]
    starts = [None, *(end + 1 for end in ends)]
    return [DayPart(day, *bounds) for bounds in zip(starts, [*ends, None], strict=True)]


def _aside(store: Database, origin: Origin) -> frozenset[int]:
    with store.read() as connection:
        return frozenset(seq for (seq,) in _ASIDE.run(connection, vars(origin)))


@dataclass
class _Tally:
    here: int = 0
    there: int = 0
    quarantined: int = 0
    waiting: int = 0


@dataclass
class _Comparison:
    """Both ends' events, counted and compared part by part."""

    acknowledged: int
    aside: frozenset[int]
    _tallies: dict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    _faults: list[tuple[int, Fault]] = field(default_factory=list)

    def add(self, here: Iterable[EventThere], there: Iterable[EventThere]) -> None:
        by_seq: dict[int, list[EventThere]] = defaultdict(list)
        for event in there:
            self._tallies[event.kind].there += 1
            by_seq[event.seq].append(event)
        for event in here:
            self._compare(event, by_seq.pop(event.seq, []))
        for seq in by_seq:
            self._faults.append((seq, Fault.FOREIGN))

    def _compare(self, event: EventThere, there: list[EventThere]) -> None:
        tally = self._tallies[event.kind]
        tally.here += 1
        if there:
            if all(other.digest != event.digest for other in there):
                self._faults.append((event.seq, Fault.CHANGED))
            if len(there) > 1:  # a table in parts does not keep its numbers unique
                self._faults.append((event.seq, Fault.FOREIGN))
        elif event.seq in self.aside:
            tally.quarantined += 1
        elif event.seq > self.acknowledged:
            tally.waiting += 1
        else:
            self._faults.append((event.seq, Fault.MISSING))

    def kinds(self) -> tuple[KindCount, ...]:
        return tuple(KindCount(kind, **vars(self._tallies[kind])) for kind in sorted(self._tallies))

    def differences(self) -> Iterator[Difference]:
        """Faults of a kind in a row, as one."""
        by_fault: dict[Fault, list[int]] = defaultdict(list)
        for seq, fault in sorted(self._faults):
            by_fault[fault].append(seq)
        runs = (Difference(fault, *run) for fault, seqs in by_fault.items() for run in _runs(seqs))
        yield from sorted(runs, key=lambda each: (each.first, each.fault))


def _runs(seqs: list[int]) -> Iterator[tuple[int, int]]:
    first = last = seqs[0]
    for seq in seqs[1:]:
        if seq != last + 1:
            yield first, last
            first = seq
        last = seq
    yield first, last
