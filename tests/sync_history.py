"""What customers do at a terminal, step by step, and the figures that must come of it.

The figures are counted in plain Python that knows nothing of the program's statements.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from sync_world import WAIT, LosesAnswers, Recorder, TerminalHere, World, rows

from kiosk.errors import KioskError
from kiosk.models import Evidence
from kiosk.models.payloads import (
    DiversionAccepted,
    DiversionCompleted,
    DiversionDeclined,
    DiversionFellBack,
    DiversionOffered,
    HelpAsked,
    IntentStated,
    Payload,
    TicketCancelled,
    TicketIssued,
    VisitEnded,
    VisitLeftOut,
    VisitStarted,
)
from kiosk.services import journal
from kiosk.services.demo.runs import DemoRun, DemoRuns, LeftBecause, Way
from kiosk.services.journal import Fact
from kiosk.services.sync.wire import Parcel

SERVICES = ("transfer", "cash")
REASONS = ("", "no_phone", "distrust")
EVIDENCE = tuple(each.value for each in Evidence)
LANGUAGES = ("zh_CN", "en", "zh_TW")
STAGES: tuple[type[Payload], ...] = (
    DiversionAccepted,
    DiversionDeclined,
    DiversionCompleted,
    DiversionFellBack,
)


class Lobby:
    """One terminal with its customers; takes whatever step it is told."""

    def __init__(self, terminal: TerminalHere) -> None:
        self.terminal = terminal
        self.visit: UUID | None = None
        self.offer: dict[str, Any] | None = None
        self.ticket: dict[str, Any] | None = None
        self.run: DemoRun | None = None
        self.tickets = 0
        self.sent: list[Parcel] = []

    def step(self, action: int, choice: int) -> None:
        """The ``action``-th of the things that may happen now."""
        if self.visit is None:
            return self._start(choice)
        acts = (
            self._intent, self._leave_out, self._offer, self._stage, self._stage, self._ticket,
            self._cancel, self._help, self._end, *[self._demo] * 3,
        )  # fmt: skip
        return acts[action % len(acts)](choice)

    def _record(self, payload: Payload, **columns: Any) -> None:
        self.terminal.journal.record(Fact(payload, visit=self.visit, **columns))

    def _start(self, choice: int) -> None:
        self.visit, self.offer, self.ticket, self.run = journal.new_id(), None, None, None
        now = self.terminal.clock.now()
        self._record(VisitStarted(), language=LANGUAGES[choice % 3], arrived_at=now)

    def _intent(self, choice: int) -> None:
        self._record(IntentStated(), service=SERVICES[choice % 2])

    def _leave_out(self, choice: int) -> None:
        self._record(VisitLeftOut())

    def _offer(self, choice: int) -> None:
        self.offer = {
            "service": SERVICES[choice % 2],
            "channel": "mobile",
            "offer": journal.new_id(),
        }
        self._record(DiversionOffered(answers={}, wait=WAIT), **self.offer)

    def _stage(self, choice: int) -> None:
        if self.offer:
            payload = STAGES[choice % 4]()
            more = {"evidence": EVIDENCE[choice % 3]} if choice % 4 == 2 else {}
            self._record(payload, reason=REASONS[choice % 3] or None, **self.offer, **more)

    def _ticket(self, choice: int) -> None:
        if self.ticket is None:
            self.tickets += 1
            self.ticket = {
                "ticket": journal.new_id(),
                "ticket_number": f"A{self.terminal.config.terminal.digit}{self.tickets:03}",
                "queue": "A",
                "service": (*SERVICES, None)[choice % 3],
                "transferable": choice % 2 == 0,
                "arrived_at": self.terminal.clock.now(),
            }
            self._record(TicketIssued(wait=WAIT), priority="normal", **self.ticket)

    def _cancel(self, choice: int) -> None:
        if self.ticket:
            self._record(TicketCancelled(), **self.ticket)

    def _help(self, choice: int) -> None:
        self._record(HelpAsked(), screen="home", subject=journal.new_id())

    def _demo(self, choice: int) -> None:
        runs = DemoRuns(self.terminal.journal)
        if self.run is None:
            offer = self.offer["offer"] if self.offer else None
            self.run = DemoRun(
                journal.new_id(), "transfer_mobile", 1, list(Way)[choice % 3], self.visit,
                SERVICES[0], "mobile", offer,
            )  # fmt: skip
            runs.start(self.run, "home")
        elif choice % 4 < 2:
            runs.step(self.run, "home", "payee", choice, choice % 3)
        elif choice % 4 == 2:
            runs.finish(self.run, 60, choice % 3, 3)
            self.run = None
        else:
            runs.leave(self.run, "payee", 60, choice % 3, LeftBecause.STOPPED)
            self.run = None

    def _end(self, choice: int) -> None:
        self._record(VisitEnded(), language=LANGUAGES[choice % 3], reason="finished")
        self.visit = None

    def sync(self, batch_size: int, *, loses_answer: bool) -> None:
        """Send what waits; perhaps the answer to the first or second batch is lost."""
        after = 1 if batch_size % 2 else 0
        with suppress(KioskError):
            if loses_answer:
                self.terminal.sync(lambda side: LosesAnswers(side, self.sent, after), batch_size)
            else:
                self.terminal.sync(lambda side: Recorder(side, self.sent), batch_size)

    def repeat(self, which: int) -> None:
        """Deliver an old batch once more."""
        if self.sent:
            parcel = self.sent[which % len(self.sent)]
            self.terminal.hand_over(parcel)


COUNTS = (
    "visits", "visits_left_out", "tickets", "tickets_transferable", "offered", "accepted",
    "declined", "completed", "fell_back",
)  # fmt: skip
RUNS = "SELECT id, steps, wrong_keys, finished_at IS NOT NULL, left_screen, left_out FROM demo_run"
Figures = dict[tuple[object, ...], Counter[str]]


def kept_figures(world: World) -> Figures:
    columns = ", ".join(("business_date", "local_hour", "service", "channel", *COUNTS))
    kept: Figures = {}
    for row in world.rows(f"SELECT {columns} FROM hourly_figures"):  # noqa: S608 (our own words)
        counts = Counter({name: int(str(n)) for name, n in zip(COUNTS, row[4:], strict=True)})
        if any(counts.values()):
            kept[row[:4]] = +counts
    return kept


def counted(terminals: Iterable[TerminalHere], aside: Collection[tuple[str, int]] = ()) -> Figures:
    """The same figures, counted visit by visit.

    Args:
        terminals: Whose stores are read.
        aside: The events, as terminal and seq, that the branch has not taken.
    """
    figures: Figures = defaultdict(Counter)
    for terminal in terminals:
        visits: dict[object, list[dict[str, Any]]] = defaultdict(list)
        columns = (
            "visit", "business_date", "local_hour", "kind", "stage", "service", "channel", "offer",
            "ticket", "transferable", "occurred_at",
        )  # fmt: skip
        every = f"SELECT seq, {', '.join(columns)} FROM event ORDER BY epoch, seq"  # noqa: S608 (our own words)
        found = rows(terminal.path, every)
        for seq, *row in found:
            if (terminal.config.terminal.code, seq) not in aside:
                event = dict(zip(columns, row, strict=True))
                visits[event["visit"]].append(event)
        for events in visits.values():
            count_visit(events, figures)
    return {key: +counts for key, counts in figures.items() if +counts}


def kept_runs(world: World) -> list[tuple[object, ...]]:
    return sorted(
        (id_, int(str(steps)), int(str(wrong)), bool(finished), screen, bool(out))
        for id_, steps, wrong, finished, screen, out in world.rows(RUNS)
    )


def counted_runs(
    terminals: Iterable[TerminalHere], aside: Collection[tuple[str, int]] = ()
) -> list[tuple[object, ...]]:
    """What must stand of each run; as `counted`."""
    found: list[tuple[object, ...]] = []
    for terminal in terminals:
        every = "SELECT seq, kind, stage, visit, demo_run, screen, wrong_keys FROM event"
        events = [
            event for event in rows(terminal.path, every)
            if (terminal.config.terminal.code, event[0]) not in aside
        ]  # fmt: skip
        out = {visit for _, kind, stage, visit, *_ in events if stage == "left_out"}
        runs: dict[object, list[tuple[object, ...]]] = defaultdict(list)
        for _, kind, stage, visit, run, screen, wrong in events:
            if kind == "demo":
                runs[run].append((stage, visit, screen, wrong))
        for run, of_run in runs.items():
            stages = [stage for stage, *_ in of_run]
            left = [screen for stage, _, screen, _ in of_run if stage == "left"]
            wrong_keys = sum(int(str(wrong or 0)) for *_, wrong in of_run)
            is_out = of_run[0][1] in out
            found.append(
                (
                    run, stages.count("step"), wrong_keys, "finished" in stages,
                    left[0] if left else None, is_out,
                )
            )  # fmt: skip
    return sorted(found)


def count_visit(events: list[dict[str, Any]], figures: Figures) -> None:
    first = events[0]
    left_out = any(event["stage"] == "left_out" for event in events)
    cell = figures[first["business_date"], first["local_hour"], "", ""]
    cell.update(visits=1, visits_left_out=int(left_out))
    for ticket in {event["ticket"] for event in events if event["ticket"]}:
        of_ticket = [event for event in events if event["ticket"] == ticket]
        issued = of_ticket[0]
        if all(event["stage"] != "cancelled" for event in of_ticket):
            cell = figures[
                issued["business_date"], issued["local_hour"], issued["service"] or "", ""
            ]
            cell.update(
                tickets=1, tickets_transferable=int(bool(issued["transferable"]) and not left_out)
            )
    if left_out:
        return
    diversions = [event for event in events if event["kind"] == "diversion"]
    for offer in {event["offer"] for event in diversions}:
        of_offer = [event for event in diversions if event["offer"] == offer]
        offered, stages = of_offer[0], {event["stage"] for event in of_offer}
        cell = figures[
            offered["business_date"], offered["local_hour"], offered["service"], offered["channel"]
        ]
        done, gave_up = _first(of_offer, "completed"), _first(of_offer, "fell_back")
        completed = bool(done) and (not gave_up or done > gave_up)
        cell.update(
            offered=1,
            accepted=int("accepted" in stages),
            declined=int("declined" in stages and "accepted" not in stages),
            completed=int(completed),
            fell_back=int(bool(gave_up) and not completed),
        )


def _first(events: list[dict[str, Any]], stage: str) -> str:
    """When a stage was first reached, as SQLite has it: such texts sort by time; "" for never."""
    return min((event["occurred_at"] for event in events if event["stage"] == stage), default="")
