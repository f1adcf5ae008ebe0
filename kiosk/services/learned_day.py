"""Learns from a day that is over, event by event: the same events teach the same.

Each ticket's wait is predicted anew at its issue, with what was known in the morning and what the
services of the day had taught by then, as the terminals did; so the calibration learns from what
was said, or would have been.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kiosk.models import CounterState, Priority
from kiosk.services.branch_state import BranchDay, after_ended, state_for, with_came
from kiosk.services.queue_snapshot import (
    LAST_HOUR,
    Came,
    CounterAtWork,
    Ended,
    InHand,
    WaitingTicket,
)
from kiosk.services.waiting.learned import Learned, after_day, after_issue
from kiosk.services.waiting.prediction import Prediction, after_call, predict

Queues = tuple[str, ...] | None
"""The letters that a counter calls; None: all."""


@dataclass(frozen=True)
class Happened:
    """An event of a ticket or of a counter."""

    at: datetime
    stage: str
    ticket: UUID | None = None
    counter: int | None = None
    """Where it happened."""
    queue: str = ""
    service: str | None = None
    priority: Priority = Priority.NORMAL
    arrived_at: datetime | None = None
    staff: str | None = None
    """Who works there."""
    wanted_counter: int | None = None
    """Of a ticket that was sent on: the only one that may call it."""
    wanted_staff: str | None = None
    """Or who may, at whichever counter."""
    minutes: float | None = None
    """How long a break was to last."""


def learn_from(
    events: Iterable[Happened], morning: Learned, day: BranchDay, queues: Mapping[int, Queues]
) -> Learned:
    """What is known after a day.

    Args:
        events: Of all its tickets and counters, in the order in which they happened.
        morning: What was known before.
        day: What held on it.
        queues: By counter; one that is missing calls all.
    """
    replay = _Replay(morning, day, queues)
    for event in events:
        replay.follow(event)
    return after_day(replay.learned, day.on)


@dataclass
class _Journey:
    """A ticket on its way through the day."""

    ticket: WaitingTicket
    prediction: Prediction | None
    """Until the first call shows how it came true."""
    counter: int | None = None
    """That has it in hand."""
    taken_at: datetime | None = None
    """When that counter took it in hand, the last time."""
    busy: timedelta = timedelta()
    """Of the counter, since the call and before that."""
    waited: timedelta = timedelta()
    """From coming to the last call."""


class _Replay:
    def __init__(self, morning: Learned, day: BranchDay, queues: Mapping[int, Queues]) -> None:
        self.learned = morning
        self._known = morning
        """What terminals knew: from the morning, and of the day only how long services took."""
        self._came: list[tuple[Priority, datetime]] = []
        self._day = day
        self._queues = queues
        self._journeys: dict[UUID, _Journey] = {}
        self._waiting: dict[UUID, WaitingTicket] = {}
        self._counters: dict[int, CounterAtWork] = {}
        self._staff: dict[int, str | None] = {}

    def follow(self, event: Happened) -> None:
        """Learn from one event; what fits nowhere, as where clocks differ, teaches nothing."""
        if event.ticket is None:
            self._counter_reports(event)
        elif event.stage == "issued":
            self._issue(event, event.ticket)
        elif (journey := self._journeys.get(event.ticket)) is not None:
            self._follow_ticket(event, journey)

    def _counter_reports(self, event: Happened) -> None:
        match event.stage:
            case "opened" | "break_ended":
                self._set(event, CounterState.OPEN)
            case "break_started":
                planned = event.minutes and timedelta(minutes=event.minutes)
                self._set(event, CounterState.BREAK, event.at + planned if planned else None)
            case "closed":
                self._set(event, CounterState.CLOSED)

    def _issue(self, event: Happened, ticket: UUID) -> None:
        issued = WaitingTicket(
            ticket=ticket,
            queue=event.queue,
            service=event.service,
            priority=event.priority,
            counter=None,
            arrived_at=event.arrived_at or event.at,
            issued_at=event.at,
        )
        prediction = None
        if self._counters:
            state, customer = state_for(
                issued, self._waiting.values(), self._counters.values(), event.at, self._day
            )
            known = with_came(self._known, self._came_by(event.at), event.at, self._day)
            prediction = predict(state, customer, known, self._day.setup)
        if event.priority is not Priority.NORMAL:
            self._came.append((event.priority, event.at))
        self._journeys[ticket] = _Journey(issued, prediction)
        self._waiting[ticket] = issued
        self.learned = after_issue(
            self.learned,
            event.service or "",
            self._day.classes.get(event.priority, 0),
            self._day.minutes(event.at),
        )

    def _came_by(self, now: datetime) -> Iterator[Came]:
        for priority, at in self._came:
            seconds = int((now - at).total_seconds())
            if seconds < LAST_HOUR.total_seconds():
                yield Came(priority, seconds)

    def _follow_ticket(self, event: Happened, journey: _Journey) -> None:
        match event.stage:
            case "called":
                self._call(event, journey)
            case "resumed":
                self._take(event, journey)
            case "held":
                self._put_down(event, journey)
            case "finished" | "no_show":
                self._put_down(event, journey)
                self._end(journey, is_no_show=event.stage == "no_show")
            case "transferred":
                self._put_down(event, journey)
                queue = event.queue or journey.ticket.queue
                self._wait(journey, {"queue": queue, "counter": self._destination(event)})
            case "requeued":
                self._wait(journey, {})
            case "cancelled" | "expired":
                self._put_down(event, journey)
                self._waiting.pop(journey.ticket.ticket, None)

    def _call(self, event: Happened, journey: _Journey) -> None:
        self._waiting.pop(journey.ticket.ticket, None)
        if journey.prediction is not None:
            minutes = (event.at - journey.ticket.issued_at).total_seconds() / 60
            self.learned = after_call(self.learned, journey.prediction, minutes)
            journey.prediction = None
        journey.waited = event.at - journey.ticket.arrived_at
        journey.busy = timedelta()
        self._take(event, journey)

    def _take(self, event: Happened, journey: _Journey) -> None:
        journey.counter, journey.taken_at = event.counter, event.at
        since = event.at - journey.busy
        in_hand = InHand(service=journey.ticket.service, since=since)
        self._set(event, CounterState.OPEN, in_hand=in_hand)

    def _put_down(self, event: Happened, journey: _Journey) -> None:
        """The counter is free for others."""
        if journey.counter is None or journey.taken_at is None:
            return
        journey.busy += event.at - journey.taken_at
        known = self._counters.get(journey.counter)
        if known is not None:
            self._counters[journey.counter] = known.model_copy(update={"in_hand": None})
        journey.counter = journey.taken_at = None

    def _end(self, journey: _Journey, *, is_no_show: bool) -> None:
        ended = Ended(
            journey.ticket.service,
            int(journey.busy.total_seconds()),
            int(journey.waited.total_seconds()),
            is_no_show,
        )
        self.learned = after_ended(self.learned, ended, self._day)
        self._known = after_ended(self._known, ended, self._day)

    def _destination(self, event: Happened) -> int | None:
        if event.wanted_staff is None:
            return event.wanted_counter
        there = (each for each, staff in self._staff.items() if staff == event.wanted_staff)
        return min(there, default=0)

    def _wait(self, journey: _Journey, changes: Mapping[str, object]) -> None:
        """In the queue again, as one who came when they came."""
        journey.ticket = journey.ticket.model_copy(update=changes)
        self._waiting[journey.ticket.ticket] = journey.ticket

    def _set(
        self,
        event: Happened,
        state: CounterState,
        back_at: datetime | None = None,
        in_hand: InHand | None = None,
    ) -> None:
        if event.counter is None:
            return
        self._staff[event.counter] = None if state is CounterState.CLOSED else event.staff
        self._counters[event.counter] = CounterAtWork(
            number=event.counter,
            queues=self._queues.get(event.counter),
            state=state,
            back_at=back_at,
            in_hand=in_hand,
        )
