"""A seeded year of one branch: ten members of staff, the lobby, the counters, every event.

Events are written in bulk and go through the real projections. The same seed is the same year, but
for the times that the projections never look at.
"""

import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert
from support import FakeClock

from kiosk import projections
from kiosk.db import Database
from kiosk.models import (
    AssistOutcome,
    DayBookCategory,
    Event,
    Evidence,
    FollowUpBy,
    FollowUpResult,
    TicketState,
)
from kiosk.models.branch import counter_origin
from kiosk.models.payloads import (
    AssistEnded,
    AssistStarted,
    DayBookChecked,
    DayBookWritten,
    DiversionAccepted,
    DiversionCompleted,
    DiversionDeclined,
    DiversionFellBack,
    DiversionOffered,
    FollowUpDone,
    OutageBegan,
    OutageEnded,
    SignUpClosed,
    SignUpDormant,
    SignUpSigned,
    SignUpTaught,
    SignUpUsed,
    TicketCalled,
    TicketFinished,
    TicketIssued,
    TicketStarted,
    VisitEnded,
    VisitLeftOut,
    VisitStarted,
)
from kiosk.models.tables import table_of
from kiosk.services.journal import Fact, Journal, Origin

STAFF = tuple(str(number) for number in range(3101, 3111))
SERVICES = ("same_bank_transfer", "utilities", "balance", "withdrawal")
CHANNELS = ("mobile", "net", "atm")
PERSONAL = ("net", "phone", "mobile", "sms", "collection_code")
COMPANY = ("company_net", "reconciliation")
OBJECTIONS = ("no_time", "not_safe", "fees", None)
FAILURES = ("forgot_password", "no_network", None)
_BATCH = 20_000
_STEP = 91
"""Days that are made before they are stored: a busy year as a whole would take gigabytes."""
_EVENT = table_of(Event)
_MINUTE = timedelta(minutes=1)


@dataclass
class StaffYear:
    """Makes the events of some days of one branch.

    Args:
        branch: Its code; the database has it.
        zone: Its time zone.
        first: The first day.
        days: How many follow, weekends without staff among them.
        seed: Another one is another year.
        busy: How many times as much staff do in the lobby.
        crowd: How many times as many customers come.
    """

    branch: str
    zone: ZoneInfo
    first: date
    days: int = 365
    seed: int = 1
    busy: int = 1
    crowd: int = 1
    _seq: Counter[str] = field(default_factory=Counter)
    _said: dict[str, list[tuple[datetime, Fact]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.branch} {self.seed}")
        self._ends = self._at(self.first + timedelta(days=self.days), 0)

    def write(self, database: Database) -> int:
        """Make the year and bring it into a database; returns the number of events."""
        for number in range(self.days):
            day = self.first + timedelta(days=number)
            if day.weekday() < 6:
                self._day(day)
            if number % _STEP == _STEP - 1:
                self._flush(database, self._at(day, 0))
        self._flush(database, self._ends)
        return self._seq.total()

    def _flush(self, database: Database, until: datetime) -> None:
        """Store what happened before a moment; what will happen is kept."""
        with database.write() as connection:
            for origin in sorted(self._said):
                # stable: what happens at one moment keeps its order
                said = sorted(self._said[origin], key=lambda each: each[0])
                first_after = bisect_left(said, until, key=lambda each: each[0])
                self._said[origin] = said[first_after:]
                for begin in range(0, first_after, _BATCH):
                    self._store(connection, origin, said[begin : min(begin + _BATCH, first_after)])

    def _store(
        self, connection: Connection, origin: str, said: list[tuple[datetime, Fact]]
    ) -> None:
        before = self._seq[origin]
        rows = [*self._rows(origin, said, before)]
        connection.execute(insert(_EVENT), rows)
        self._seq[origin] += len(rows)
        events = projections.EventRange(self.branch, origin, 1, before + 1, self._seq[origin])
        projections.apply(connection, events, {str(row["kind"]) for row in rows})

    def _rows(
        self, origin: str, said: list[tuple[datetime, Fact]], before: int
    ) -> Iterator[dict[str, object]]:
        journal = Journal(
            None, Origin(self.branch, origin, 1), FakeClock(), self.zone, "r"  # type: ignore[arg-type]
        )  # fmt: skip
        for number, (moment, fact) in enumerate(said, before + 1):
            yield journal.row(fact, number, moment)

    # --- a day --------------------------------------------------------------------------------

    def _day(self, day: date) -> None:
        for _ in range(2 * self.busy):
            self._talk(day)
        for _ in range(self.busy):
            self._sign_up(day)
        for number in range(3 * self.crowd):
            self._at_the_counter(day, number)
        for _ in range(2 * self.crowd):
            self._diverted(day)
        self._day_book(day)

    def _at(self, day: date, minutes: float) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC) + minutes * _MINUTE

    def _some_time(self, day: date) -> datetime:
        """Within the opening hours, more often in the morning."""
        return self._at(day, self._random.triangular(8.5 * 60, 17 * 60, 10 * 60))

    def _id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

    def _say(self, moment: datetime, payload: Any, origin: str = "T1", **columns: Any) -> None:
        if moment < self._ends:
            self._said[origin].append((moment, Fact(payload, id=self._id(), **columns)))

    def _leave_out_some(self, moment: datetime, visit: UUID) -> None:
        if self._random.random() < 0.12:
            self._say(moment, VisitLeftOut(), visit=visit)

    def _talk(self, day: date) -> None:
        chance, moment, assist = self._random, self._some_time(day), self._id()
        staff = chance.choice(STAFF)
        outcome = chance.choice(list(AssistOutcome))
        of_assist: dict[str, Any] = {"visit": assist, "subject": assist, "staff": staff}
        self._say(moment, AssistStarted(), **of_assist)
        if chance.random() < 0.03:  # forgotten: it never ends
            return
        route: dict[str, Any] = {}
        if outcome is not AssistOutcome.NOTHING_OFFERED and chance.random() < 0.9:
            route = {"service": chance.choice(SERVICES), "channel": chance.choice(CHANNELS)}
        self._leave_out_some(moment + _MINUTE, assist)
        ended = moment + 3 * _MINUTE
        self._say(
            ended,
            AssistEnded(seconds=180 if chance.random() < 0.8 else None),
            outcome=outcome.value,
            reason=chance.choice(OBJECTIONS) if outcome is AssistOutcome.DECLINED else None,
            **route,
            **of_assist,
        )
        if route:
            self._by_word_of_mouth(ended, assist, staff, outcome, route)

    def _by_word_of_mouth(
        self,
        moment: datetime,
        visit: UUID,
        staff: str,
        outcome: AssistOutcome,
        route: dict[str, Any],
    ) -> None:
        of_offer: dict[str, Any] = {"visit": visit, "offer": self._id(), "staff": staff, **route}
        self._say(moment, DiversionOffered(answers={}, wait=None), **of_offer)
        if outcome is AssistOutcome.DECLINED:
            self._say(moment, DiversionDeclined(), **of_offer)
            return
        self._say(moment, DiversionAccepted(), **of_offer)
        if outcome is AssistOutcome.DONE:
            evidence = Evidence.STAFF_SAW.value
            self._say(moment, DiversionCompleted(), evidence=evidence, **of_offer)

    def _sign_up(self, day: date) -> None:
        chance, moment, customer = self._random, self._some_time(day), self._id()
        staff, is_company = chance.choice(STAFF), chance.random() < 0.2
        self._leave_out_some(moment, customer)
        products = COMPANY if is_company else chance.sample(PERSONAL, chance.randint(1, 3))
        for product in products:
            subject = self._id()
            self._say(
                moment,
                SignUpSigned(
                    bundle="new_company" if is_company else None,
                    company=is_company,
                    disclosure_version=1,
                ),
                visit=customer, subject=subject, staff=staff, product=product,
                segment=chance.choice(["young", "fixed_pay", None]) or "young",
                receipt=f"BR{chance.randrange(10**8):08}",
            )  # fmt: skip
            self._afterwards(moment, subject, staff, is_company=is_company)

    def _afterwards(self, signed: datetime, subject: UUID, staff: str, *, is_company: bool) -> None:
        chance = self._random
        if chance.random() < 0.6:
            self._say(
                signed + timedelta(minutes=chance.choice([5, 60 * 24, 60 * 24 * 9])),
                SignUpTaught(), subject=subject, evidence=Evidence.STAFF_SAW.value,
                staff=chance.choice(STAFF),
            )  # fmt: skip
        used = signed + timedelta(days=chance.choice([0, 2, 20, 29, 30, 31, 60]), minutes=9)
        if is_used := chance.random() < 0.5:
            self._say(
                used, SignUpUsed(), subject=subject, evidence=Evidence.CUSTOMER_SAID.value,
                staff=staff,
            )  # fmt: skip
        for number in range(chance.choice([0, 0, 1, 2])):
            self._say(
                signed + timedelta(days=7 + 4 * number, minutes=30),
                FollowUpDone(by=FollowUpBy.VISIT if is_company else FollowUpBy.CALL),
                subject=subject,
                staff=chance.choice(STAFF),
                reason=chance.choice(list(FollowUpResult)).value,
            )
        if chance.random() < 0.05:
            self._say(used + timedelta(days=40), SignUpDormant(), subject=subject)
        if not is_used and chance.random() < 0.05:
            self._say(
                signed + timedelta(days=50), SignUpClosed(), subject=subject, reason="moved",
                staff=staff,
            )  # fmt: skip

    def _at_the_counter(self, day: date, number: int) -> None:
        chance, moment = self._random, self._some_time(day)
        visit, ticket, name = self._id(), self._id(), f"A{1 + number // 999}{number % 999 + 1:03}"
        self._say(moment, VisitStarted(), visit=visit, language="zh_CN", arrived_at=moment)
        self._leave_out_some(moment, visit)
        of_ticket: dict[str, Any] = {
            "visit": visit, "ticket": ticket, "ticket_number": name, "queue": "A",
        }  # fmt: skip
        service = chance.choice(SERVICES)
        self._say(
            moment, TicketIssued(wait=None), service=service,
            transferable=service != "withdrawal", arrived_at=moment, priority="normal", **of_ticket,
        )  # fmt: skip
        self._say(moment, VisitEnded(), visit=visit, language="zh_CN", reason="finished")
        if chance.random() < 0.9:
            self._serve(day, moment, of_ticket)

    def _serve(self, day: date, issued: datetime, of_ticket: dict[str, Any]) -> None:
        chance, counter = self._random, str(self._random.randint(1, 3))
        wait, service = chance.randint(0, 1500), chance.randint(60, 900)
        steps: tuple[tuple[Any, int, TicketState, int], ...] = (
            (TicketCalled, wait, TicketState.WAITING, wait),
            (TicketStarted, wait + 30, TicketState.CALLED, 30),
            (TicketFinished, wait + 30 + service, TicketState.SERVING, service),
        )
        for number, (step, after, was, seconds) in enumerate(steps, 1):
            more = {"services": ()} if step is TicketFinished else {}
            self._say(
                issued + timedelta(seconds=after),
                step(was=was, seconds=seconds, calls=1, **more),
                counter_origin(int(counter)),
                counter=counter, staff=chance.choice(STAFF), step=number, business_date=day,
                **of_ticket,
            )  # fmt: skip

    def _diverted(self, day: date) -> None:
        """A customer at the terminal by themselves."""
        chance, moment, visit = self._random, self._some_time(day), self._id()
        self._say(moment, VisitStarted(), visit=visit, language="zh_CN", arrived_at=moment)
        self._leave_out_some(moment + 2 * _MINUTE, visit)
        of_offer: dict[str, Any] = {
            "visit": visit, "offer": self._id(), "service": chance.choice(SERVICES),
            "channel": chance.choice(CHANNELS),
        }  # fmt: skip
        self._say(moment, DiversionOffered(answers={}, wait=None), **of_offer)
        if chance.random() < 0.4:
            reason = chance.choice(["no_phone", None])
            self._say(moment + _MINUTE, DiversionDeclined(), reason=reason, **of_offer)
        else:
            self._say(moment + _MINUTE, DiversionAccepted(), **of_offer)
            fate = chance.random()
            if fate < 0.25:
                reason = chance.choice(FAILURES)
                self._say(moment + 2 * _MINUTE, DiversionFellBack(), reason=reason, **of_offer)
            if fate < 0.1 or fate > 0.5:
                self._say(
                    moment + 3 * _MINUTE, DiversionCompleted(),
                    evidence=Evidence.CUSTOMER_SAID.value, **of_offer,
                )  # fmt: skip
        self._say(moment + 4 * _MINUTE, VisitEnded(), visit=visit, language="en", reason="finished")

    def _day_book(self, day: date) -> None:
        chance = self._random
        for number in (1, 2, 3):
            items = {"atm": chance.random() > 0.1, "printer": chance.random() > 0.2}
            self._say(
                self._at(day, 8.5 * 60 + number), DayBookChecked(items=items, round=number),
                staff=STAFF[0],
            )  # fmt: skip
        if chance.random() < 0.3:
            category = chance.choice(list(DayBookCategory)).value
            self._say(
                self._at(day, 900), DayBookWritten(text="等太久了"), staff=STAFF[0], reason=category
            )
        if chance.random() < 0.1:
            outage: dict[str, Any] = {"subject": self._id(), "staff": STAFF[0], "channel": "atm"}
            self._say(self._at(day, 600), OutageBegan(machine=2, until=None), **outage)
            self._say(self._at(day, 700), OutageEnded(), **outage)
