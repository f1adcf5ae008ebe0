"""What learners do with demos, move by move, and what must come of it.

It is counted in plain Python, from the events as they stand in the table, and knows nothing of the
program's statements.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import delete, select
from sync_world import FakeClock, World

from kiosk import projections
from kiosk.models import Event
from kiosk.models.tables import table_of
from kiosk.services.demo.runs import DemoRun, DemoRuns, LeftBecause, Way
from kiosk.services.diversion import Diversions, Evidence, OfferMade
from kiosk.services.journal import Journal, Origin, new_id
from kiosk.services.visits import Visits

BRANCH = "0001"
TERMINALS = ("T1", "T2")
SCREENS = ("home", "payee", "sum", "confirm", "done")
DEMOS: tuple[tuple[str, str | None, str], ...] = (
    ("transfer_phone", "transfer", "mobile"),
    ("balance_text", "balance", "sms"),
    ("log_in", None, "mobile"),
)
OFFERS = (("transfer", "mobile"), ("balance", "sms"), ("transfer", "atm"))
STAFF = ("1001", "1002")
STAGES = ("complete", "complete", "fall_back", "accept", "decline")
_EVENT = table_of(Event)
Row = Mapping[str, Any]

MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ["start"] * 3 + ["step"] * 4 + ["stage"] * 2
            + ["finish", "leave", "offer", "left_out", "practise"]
        ),
        st.integers(0, 1), st.integers(0, 8),
        st.sampled_from([0, 1, 61, 1_800, 86_400, -120]),
    ),
    min_size=3, max_size=30,
)  # fmt: skip


@dataclass
class Lobby:
    """A branch database with the journals of two terminals in it."""

    world: World
    visits: list[UUID] = field(default_factory=list)
    runs: list[DemoRun] = field(default_factory=list)
    offers: list[OfferMade] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.journals = [
            Journal(
                self.world.branch, Origin(BRANCH, terminal, 1), self.world.clock,
                self.world.config.zone, "release-1",
            )
            for terminal in TERMINALS
        ]  # fmt: skip

    def clear(self) -> None:
        with self.world.branch.write() as connection:
            for table in (_EVENT, *projections.TABLES):
                connection.execute(delete(table))
        for kept in (self.visits, self.runs, self.offers):
            kept.clear()
        self.world.clock.time = FakeClock().time.replace(hour=15, minute=40)  # 23:40 there

    def play(self, moves: Iterable[tuple[str, int, int, int]]) -> None:
        acts: dict[str, Callable[[int, int], None]] = {
            "start": self._start, "practise": self._practise, "step": self._step,
            "finish": self._finish, "leave": self._leave, "offer": self._offer,
            "stage": self._stage, "left_out": self._left_out,
        }  # fmt: skip
        self.visits += [new_id() for _ in TERMINALS]
        for who, visit in enumerate(self.visits):
            Visits(self._journal(who)).start(visit, "zh_CN")
        for what, who, choice, seconds in moves:
            self.world.clock.advance(seconds=seconds)
            acts[what](who, choice)

    def _journal(self, who: int) -> Journal:
        return self.journals[who % len(self.journals)]

    def _runs_of(self, run: DemoRun) -> DemoRuns:
        who = self.visits.index(run.visit) if run.visit else STAFF.index(run.staff or "")
        return DemoRuns(self._journal(who))

    def _begin(self, choice: int, visit: UUID | None, staff: str | None) -> None:
        demo, service, channel = DEMOS[choice % len(DEMOS)]
        way = list(Way)[choice // len(DEMOS) % len(Way)]
        run = DemoRun(new_id(), demo, 1, way, visit, service, channel, staff=staff)
        self.runs.append(run)
        self._runs_of(run).start(run, SCREENS[0])

    def _start(self, who: int, choice: int) -> None:
        self._begin(choice, self.visits[who], None)

    def _practise(self, who: int, choice: int) -> None:
        self._begin(choice, None, STAFF[who % 2])

    def _run(self, choice: int) -> DemoRun | None:
        return self.runs[choice % len(self.runs)] if self.runs else None

    def _step(self, who: int, choice: int) -> None:
        if run := self._run(choice):
            screen, next_screen = SCREENS[who], SCREENS[who + 1]
            self._runs_of(run).step(run, screen, next_screen, choice, choice % 3)

    def _finish(self, who: int, choice: int) -> None:
        if run := self._run(choice):
            score = (choice % 4, 3) if run.way is Way.CHECK else (None, None)
            self._runs_of(run).finish(run, choice, *score)

    def _leave(self, who: int, choice: int) -> None:
        if run := self._run(choice):
            because = list(LeftBecause)[choice % len(LeftBecause)]
            self._runs_of(run).leave(run, SCREENS[who], choice, choice % 2, because)

    def _offer(self, who: int, choice: int) -> None:
        offer = OfferMade(new_id(), self.visits[who], *OFFERS[choice % len(OFFERS)])
        self.offers.append(offer)
        Diversions(self._journal(who), 1).offer(offer, {}, None)

    def _stage(self, _: int, choice: int) -> None:
        if not self.offers:
            return
        offer = self.offers[choice // len(STAGES) % len(self.offers)]
        diversions = Diversions(self._journal(self.visits.index(offer.visit)), 1)
        match STAGES[choice % len(STAGES)]:
            case "accept":
                diversions.accept(offer)
            case "decline":
                diversions.decline(offer)
            case "complete":
                diversions.complete(offer, Evidence.CUSTOMER_SAID)
            case "fall_back":
                diversions.fall_back(offer)

    def _left_out(self, who: int, _: int) -> None:
        Visits(self._journal(who)).leave_out(self.visits[who])

    def events(self) -> list[Row]:
        """All that happened, each origin in its order."""
        with self.world.branch.read() as connection:
            found = connection.execute(select(_EVENT).order_by(_EVENT.c.terminal, _EVENT.c.seq))
            return [dict(row) for row in found.mappings()]


def arrive(world: World, events: Iterable[Row]) -> None:
    """Let events come one by one, whichever they are, into tables that know of none."""
    with world.branch.write() as connection:
        for table in projections.TABLES:
            connection.execute(delete(table))
        for event in events:
            one = projections.EventRange(
                BRANCH, event["terminal"], event["epoch"], event["seq"], event["seq"]
            )
            projections.apply(connection, one, [event["kind"]])


# --- counted by hand ------------------------------------------------------------------------------


def left_out_visits(events: Iterable[Row]) -> set[UUID]:
    return {e["visit"] for e in events if (e["kind"], e["stage"]) == ("visit", "left_out")}


def outcomes(events: Iterable[Row]) -> dict[UUID, dict[str, Any]]:
    """What must stand of each run."""
    events = list(events)
    out = left_out_visits(events)
    runs: dict[UUID, list[Row]] = defaultdict(list)
    for event in events:
        if event["kind"] == "demo":
            runs[event["demo_run"]].append(event)
    return {id_: _outcome(of_run, out) for id_, of_run in runs.items()}


def _outcome(events: list[Row], out: set[UUID]) -> dict[str, Any]:
    def least(stage: str, column: str) -> Any:
        found = [e[column] for e in events if e["stage"] == stage and e[column] is not None]
        return min(found, default=None)

    any_of, begun = events[0], [e for e in events if e["stage"] == "started"] or events
    return {
        **{name: any_of[name] for name in (
            "visit", "staff", "branch", "terminal", "demo", "way", "service", "channel", "offer",
        )},
        "business_date": min(e["business_date"] for e in begun),
        "local_hour": min(e["local_hour"] for e in begun),
        "left_out": any_of["visit"] in out,
        "started_at": least("started", "occurred_at"),
        "steps": sum(e["stage"] == "step" for e in events),
        "wrong_keys": sum(e["wrong_keys"] or 0 for e in events),
        "finished_at": least("finished", "occurred_at"),
        "right_answers": least("finished", "right_answers"),
        "questions": least("finished", "questions"),
        "left_at": least("left", "occurred_at"),
        "left_screen": least("left", "screen"),
        "left_because": least("left", "reason"),
    }  # fmt: skip


def _completed(events: Iterable[Row]) -> dict[tuple[UUID, str, str], list[Any]]:
    """When each offer was completed that stands as completed, by visit, service and channel."""
    offers: dict[UUID, list[Row]] = defaultdict(list)
    for event in events:
        if event["kind"] == "diversion":
            offers[event["offer"]].append(event)
    found = defaultdict(list)
    for stages in offers.values():
        done, gave_up = (
            min((e["occurred_at"] for e in stages if e["stage"] == stage), default=None)
            for stage in ("completed", "fell_back")
        )
        if done is not None and (gave_up is None or done > gave_up):
            key = tuple(stages[0][name] for name in ("visit", "service", "channel"))
            found[key].append(done)
    return found


def hand_report(events: Iterable[Row], first: date, last: date) -> dict[str, Any]:
    """The figures of some days, as `kiosk report demos --json` tells them."""
    events = list(events)
    customers = [run for run in _begun(events, first, last) if run["visit"] is not None]
    return {
        "branch": BRANCH,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "by_way": _by_way([run for run in customers if not run["left_out"]]),
        "went_on": _went_on([run for run in customers if not run["left_out"]], events),
        "left_out": {
            "started": sum(run["left_out"] for run in customers),
            "finished": sum(
                run["left_out"] and run["finished_at"] is not None for run in customers
            ),
        },
    }


def hand_practice(events: Iterable[Row], first: date, last: date) -> list[dict[str, Any]]:
    """What staff practised, as `kiosk report practice --json` tells it."""
    runs = [run for run in _begun(events, first, last) if run["staff"] is not None]
    return [
        {"staff": staff, "demo": demo, "way": way, **_counts(of_staff)}
        for (staff, demo, way), of_staff in _grouped(runs, "staff", "demo", "way")
    ]


def _begun(events: Iterable[Row], first: date, last: date) -> list[dict[str, Any]]:
    return [
        run for run in outcomes(events).values()
        if run["started_at"] is not None and first <= run["business_date"] <= last
    ]  # fmt: skip


def _counts(runs: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "started": len(runs),
        "finished": sum(run["finished_at"] is not None for run in runs),
        "right_answers": sum(run["right_answers"] or 0 for run in runs),
        "questions": sum(run["questions"] or 0 for run in runs),
    }


def _grouped(runs: list[dict[str, Any]], *names: str) -> list[tuple[Any, list[dict[str, Any]]]]:
    groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for run in runs:
        groups[tuple(run[name] for name in names)].append(run)
    return sorted(groups.items())


def _by_way(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for (demo, way), of_way in _grouped(runs, "demo", "way"):
        left = Counter(
            run["left_screen"] for run in of_way if run["left_at"] and not run["finished_at"]
        )
        ordered = sorted(left.items(), key=lambda each: (-each[1], each[0]))
        rows.append(
            {
                "demo": demo,
                "way": way,
                **_counts(of_way),
                "wrong_keys": sum(run["wrong_keys"] for run in of_way),
                "left": [list(each) for each in ordered],
            }
        )
    ways = ["show", "try", "check"]
    return sorted(rows, key=lambda row: (row["demo"], ways.index(row["way"])))


def _went_on(runs: list[dict[str, Any]], events: list[Row]) -> list[dict[str, Any]]:
    completed = _completed(events)
    practised = [run for run in runs if run["service"] and run["way"] != "check"]
    rows = []
    for (demo, service, channel), of_demo in _grouped(practised, "demo", "service", "channel"):
        since: dict[UUID, Any] = {}
        for run in of_demo:
            visit = run["visit"]
            since[visit] = min(since.get(visit, run["started_at"]), run["started_at"])
        rows.append(
            {
                "demo": demo,
                "service": service,
                "channel": channel,
                "practised": len(since),
                "completed": sum(
                    any(done > moment for done in completed.get((visit, service, channel), ()))
                    for visit, moment in since.items()
                ),
            }
        )
    return rows
