"""A day's close: whether the branch has a day's events exactly as this terminal has them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_

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

_ASK_AT_ONCE = 500
_EVENT = table_of(Event)
_QUARANTINE = table_of(Quarantine)
_PLACES = Prepared(
    select(_EVENT.c.epoch, _EVENT.c.seq)
    .where(
        _EVENT.c.branch == bindparam("branch"),
        _EVENT.c.terminal == bindparam("terminal"),
        _EVENT.c.business_date == bindparam("day"),
    )
    .order_by(_EVENT.c.epoch, _EVENT.c.seq)
)
_ASIDE = Prepared(
    select(_QUARANTINE.c.epoch, _QUARANTINE.c.seq).where(
        _QUARANTINE.c.branch == bindparam("branch"),
        _QUARANTINE.c.terminal == bindparam("terminal"),
    )
)
_Place = tuple[int, int]
"""Epoch and seq."""


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
    epoch: int
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
    epoch: int
    """Of the store as it is; events of earlier ones are its history."""
    kinds: tuple[KindCount, ...]
    """In the order of their names; only those of which there is an event."""
    differences: tuple[Difference, ...]
    """In the order of the events; none: every event that was brought is there as it is here."""
    of_other_stores: int
    """Events there of earlier stores that are not in this one: nothing to compare them with."""

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
        comparison = _Comparison(caller.epoch, caller.position.seq, _aside(store, origin))
        for part in _parts(store, origin, day):
            found = _ask(side, caller, origin, part)
            with store.read() as connection:
                here = digests(connection, origin, part, caller.wire_format)
            comparison.add(part.epoch, here, found)
        comparison.pardon(_known_elsewhere(store, side, caller, comparison.lost_history()))
        return comparison.result(day)
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
    """The day in parts; of each epoch the first and the last are open to what is not here."""
    ends: dict[int, list[int]] = {origin.epoch: []}
    with store.read() as connection:
        places = _PLACES.run(connection, {**vars(origin), "day": day})
        for epoch, group in groupby(places, key=itemgetter(0)):
            ends[epoch] = [seq for place, (_, seq) in enumerate(group, 1) if place % PART_SIZE == 0]
    return [
        DayPart(day, epoch, *bounds)
        for epoch, lasts in sorted(ends.items())
        for bounds in zip([None, *(last + 1 for last in lasts)], [*lasts, None], strict=True)
    ]


def _aside(store: Database, origin: Origin) -> frozenset[_Place]:
    with store.read() as connection:
        return frozenset((epoch, seq) for epoch, seq in _ASIDE.run(connection, vars(origin)))


def _known_elsewhere(
    store: Database, side: BranchSide, caller: Caller, places: Sequence[_Place]
) -> set[_Place]:
    """Those that the branch has under another number: a clone of the store brought them."""
    known: set[_Place] = set()
    for start in range(0, len(places), _ASK_AT_ONCE):
        keys = _keys_at(store, caller, places[start : start + _ASK_AT_ONCE])
        answer = side.which_are_known(caller, list(keys.values()))
        known |= {place for place, (_, event) in keys.items() if event in answer.known}
    return known


def _keys_at(
    store: Database, caller: Caller, places: Sequence[_Place]
) -> dict[_Place, tuple[date, UUID]]:
    statement = select(_EVENT.c.epoch, _EVENT.c.seq, _EVENT.c.business_date, _EVENT.c.id).where(
        _EVENT.c.branch == caller.branch,
        _EVENT.c.terminal == caller.terminal,
        tuple_(_EVENT.c.epoch, _EVENT.c.seq).in_(places),
    )
    with store.read() as connection:
        rows = connection.execute(statement).all()
    return {(row.epoch, row.seq): (row.business_date, row.id) for row in rows}


@dataclass
class _Tally:
    here: int = 0
    there: int = 0
    quarantined: int = 0
    waiting: int = 0


@dataclass
class _Comparison:
    """Both ends' events, counted and compared part by part."""

    epoch: int
    acknowledged: int
    """In this epoch; of earlier ones the store keeps only what the branch has."""
    aside: frozenset[_Place]
    _tallies: dict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    _faults: set[tuple[Fault, _Place]] = field(default_factory=set)
    _epochs: set[int] = field(default_factory=set)
    _in_epochs: Mapping[int, int] = field(default_factory=dict)
    _others: int = 0

    def add(self, epoch: int, here: Iterable[EventThere], there: DayThere) -> None:
        """Compare a part."""
        self._epochs.add(epoch)
        self._in_epochs = there.in_epochs
        by_seq: dict[int, list[EventThere]] = defaultdict(list)
        for event in there.events:
            by_seq[event.seq].append(event)
        for event in here:
            self._compare((epoch, event.seq), event, by_seq.pop(event.seq, []))
        left = list(chain.from_iterable(by_seq.values()))
        if epoch == self.epoch:
            self._count(left)
            self._faults |= {(Fault.FOREIGN, (epoch, event.seq)) for event in left}
        else:  # an earlier store had events that could not be read, or a clone of it went on
            self._others += len(left)

    def _compare(self, place: _Place, event: EventThere, there: list[EventThere]) -> None:
        self._count(there)
        tally = self._tallies[event.kind]
        tally.here += 1
        if there:
            if all(other.digest != event.digest for other in there):
                self._faults.add((Fault.CHANGED, place))
            if len(there) > 1:  # a table in parts does not keep its numbers unique
                self._faults.add((Fault.FOREIGN, place))
        elif place in self.aside:
            tally.quarantined += 1
        elif place > (self.epoch, self.acknowledged):
            tally.waiting += 1
        else:
            self._faults.add((Fault.MISSING, place))

    def _count(self, there: Iterable[EventThere]) -> None:
        for event in there:
            self._tallies[event.kind].there += 1

    def lost_history(self) -> list[_Place]:
        """What is missing of earlier epochs, where numbers do not tell all."""
        lost = (place for fault, place in self._faults if fault is Fault.MISSING)
        return sorted(place for place in lost if place[0] != self.epoch)

    def pardon(self, known: Iterable[_Place]) -> None:
        """Take back that these are missing."""
        self._faults -= {(Fault.MISSING, place) for place in known}

    def result(self, day: date) -> Verification:
        """What was found in all."""
        unasked = sum(n for epoch, n in self._in_epochs.items() if epoch not in self._epochs)
        return Verification(
            day,
            self.epoch,
            tuple(KindCount(kind, **vars(tally)) for kind, tally in sorted(self._tallies.items())),
            tuple(sorted(self._differences(), key=attrgetter("epoch", "first", "fault"))),
            self._others + unasked,
        )

    def _differences(self) -> Iterator[Difference]:
        """Faults of a kind in a row, as one."""
        alike: dict[tuple[Fault, int], list[int]] = defaultdict(list)
        for fault, (epoch, seq) in sorted(self._faults):
            alike[fault, epoch].append(seq)
        for (fault, epoch), seqs in alike.items():
            for first, last in _runs(seqs):
                yield Difference(fault, epoch, first, last)


def _runs(seqs: list[int]) -> Iterator[tuple[int, int]]:
    first = last = seqs[0]
    for seq in seqs[1:]:
        if seq != last + 1:
            yield first, last
            first = seq
        last = seq
    yield first, last
