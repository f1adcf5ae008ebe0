"""What staff put down in the lobby, and what must come of it.

It is counted in plain Python, from the events as they stand in the table, and knows nothing of the
program's statements.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from demo_history import BRANCH, STAFF, TERMINALS
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sync_world import FakeClock, World

from kiosk import projections
from kiosk.models import (
    Assist,
    AssistOutcome,
    Consent,
    Event,
    Evidence,
    FollowUp,
    FollowUpBy,
    FollowUpResult,
    HelpCall,
    Outage,
    SignUp,
)
from kiosk.models.payloads import (
    AssistEnded,
    AssistStarted,
    ConsentGiven,
    ConsentPurged,
    ConsentWithdrawn,
    FollowUpDone,
    HelpAsked,
    HelpDone,
    HelpTaken,
    OutageBegan,
    OutageEnded,
    SignUpClosed,
    SignUpDormant,
    SignUpSigned,
    SignUpTaught,
    SignUpUsed,
    VisitLeftOut,
)
from kiosk.models.tables import table_of
from kiosk.services.journal import Fact, Journal, Origin, new_id

_EVENT = table_of(Event)
SUBJECTS = 2
"""Of each kind: few, so that much happens to each."""
EVIDENCE = tuple(each.value for each in Evidence)
Row = Mapping[str, Any]
Move = tuple[str, int, int, int, int]

MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "asked", "taken", "taken", "help_done", "started", "ended", "signed", "signed",
                "taught", "taught", "used", "used", "dormant", "closed", "followed_up",
                "followed_up", "began", "ended_outage", "ended_outage", "left_out",
                "consented", "consented", "withdrawn", "purged",
            ]
        ),
        st.integers(0, 1), st.integers(0, SUBJECTS - 1), st.integers(0, 8),
        st.sampled_from([0, 0, 1, 61, 1_800, 86_400, -120]),
    ),
    min_size=3, max_size=30,
)  # fmt: skip
"""What, at which terminal, about which subject, which choice, and after how many seconds."""


@dataclass
class StaffedLobby:
    """A branch database with the journals of two terminals in it."""

    world: World
    ids: dict[str, list[UUID]] = field(default_factory=dict)

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
        names = ("visit", "call", "assist", "sign_up", "outage", "contact")
        self.ids = {name: [new_id() for _ in range(SUBJECTS)] for name in names}
        self.world.clock.time = FakeClock().time.replace(hour=15, minute=40)  # 23:40 there

    def play(self, moves: Iterable[Move]) -> None:
        for what, who, which, choice, seconds in moves:
            self.world.clock.advance(seconds=seconds)
            # a customer is left out at the terminal that knows of the coming, and nowhere else
            journal = self.journals[which if what == "left_out" else who]
            journal.record(self._fact(what, which, choice))

    def _fact(self, what: str, which: int, choice: int) -> Fact:
        staff = STAFF[choice % 2]
        visit, call, assist, sign_up, outage, contact = (ids[which] for ids in self.ids.values())
        of_assist: dict[str, Any] = {"visit": visit, "subject": assist, "staff": STAFF[which]}
        of_sign_up: dict[str, Any] = {"subject": sign_up, "staff": staff}
        of_outage: dict[str, Any] = {"subject": outage, "staff": staff, "channel": "atm"}
        consent = {"purpose": ("call_back", "activation")[choice % 2], "version": choice % 3 + 1}
        evidence = EVIDENCE[choice % 3]
        match what:
            case "asked":
                service = "transfer" if choice % 2 else None
                return Fact(HelpAsked(), visit=visit, subject=call, screen="home", service=service)
            case "taken":
                return Fact(HelpTaken(), subject=call, staff=staff)
            case "help_done":
                who = {"visit": visit} if choice % 3 == 0 else {"staff": staff}
                return Fact(HelpDone(), subject=call, **who)
            case "started":
                return Fact(AssistStarted(), **of_assist)
            case "ended":
                offered = choice % 3 > 0
                return Fact(
                    AssistEnded(seconds=choice or None),
                    outcome=list(AssistOutcome)[choice % len(AssistOutcome)].value,
                    service="transfer" if offered else None,
                    channel="mobile" if offered else None,
                    reason="distrust" if choice % 4 == 1 else None,
                    segment="merchant" if choice % 2 else None,
                    **of_assist,
                )
            case "signed":
                return Fact(
                    SignUpSigned(
                        bundle="one_card" if choice % 2 else None,
                        company=choice % 3 == 0,
                        disclosure_version=1,
                    ),
                    visit=visit,
                    product=("mobile", "net")[which],
                    segment="merchant",
                    receipt="BR20261123",
                    **of_sign_up,
                )
            case "taught":
                return Fact(SignUpTaught(), evidence=evidence, **of_sign_up)
            case "used":
                return Fact(SignUpUsed(), evidence=evidence, subject=sign_up)
            case "dormant":
                return Fact(SignUpDormant(), subject=sign_up)
            case "closed":
                return Fact(SignUpClosed(), reason="moved", **of_sign_up)
            case "followed_up":
                result = list(FollowUpResult)[choice % len(FollowUpResult)].value
                by = list(FollowUpBy)[choice % 2]
                return Fact(FollowUpDone(by=by), reason=result, **of_sign_up)
            case "began":
                until = self.world.clock.now().replace(microsecond=0) if choice % 2 else None
                return Fact(OutageBegan(machine=choice % 3 or None, until=until), **of_outage)
            case "ended_outage":
                return Fact(OutageEnded(), **of_outage)
            case "consented":
                given = ConsentGiven(digest=str(choice) * 64, **consent)
                return Fact(given, subject=contact, language=("en", "zh_TW")[choice % 2])
            case "withdrawn":
                return Fact(ConsentWithdrawn(**consent), subject=contact)
            case "purged":
                return Fact(ConsentPurged(**consent), subject=contact)
            case _:
                return Fact(VisitLeftOut(), visit=visit)

    def events(self) -> list[Row]:
        """All that happened, each origin in its order."""
        with self.world.branch.read() as connection:
            found = connection.execute(select(_EVENT).order_by(_EVENT.c.terminal, _EVENT.c.seq))
            return [dict(row) for row in found.mappings()]

    def kept(self) -> dict[str, dict[UUID, dict[str, Any]]]:
        """What stands of each subject, by table."""
        found = {}
        with self.world.branch.read() as connection:
            for model in (HelpCall, Assist, SignUp, FollowUp, Outage, Consent):
                table = table_of(model)
                rows = [dict(row) for row in connection.execute(select(table)).mappings()]
                found[table.name] = {row.pop("id"): row for row in rows}
        return found


# --- counted by hand ------------------------------------------------------------------------------


_TABLE_OF = {
    "help": "help_call", "assist": "assist", "sign_up": "sign_up", "follow_up": "sign_up",
    "outage": "outage", "consent": "consent",
}  # fmt: skip


def by_hand(events: Iterable[Row]) -> dict[str, dict[UUID, dict[str, Any]]]:
    """What must stand of each subject."""
    events = list(events)
    out = {e["visit"] for e in events if (e["kind"], e["stage"]) == ("visit", "left_out")}
    subjects: dict[str, dict[UUID, list[Row]]] = {
        name: defaultdict(list) for name in _TABLE_OF.values()
    }
    for event in events:
        if event["kind"] != "visit":
            subjects[_TABLE_OF[event["kind"]]][event["subject"]].append(event)
    rows = {
        "help_call": _call, "assist": _assist, "sign_up": _sign_up, "outage": _outage,
        "consent": _consent,
    }  # fmt: skip
    found = {
        name: {id_: row(_Of(of_one, out)) for id_, of_one in subjects[name].items()}
        for name, row in rows.items()
    }
    found["follow_up"] = {
        e["id"]: {
            "sign_up": e["subject"], "branch": BRANCH, "terminal": e["terminal"],
            "business_date": e["business_date"], "staff": e["staff"], "done_at": e["occurred_at"],
            "result": e["reason"], "by": e["payload"]["by"],
        }
        for e in events if e["kind"] == "follow_up"
    }  # fmt: skip
    return found


class _Of:
    """The events of one subject, with the questions that its row answers."""

    def __init__(self, events: list[Row], out: set[UUID]) -> None:
        self.events, self.out = events, out

    def least(self, stage: str, column: str = "occurred_at") -> Any:
        found = [e[column] for e in self.events if e["stage"] == stage and e[column] is not None]
        return min(found, default=None)

    def said(self, stage: str, name: str) -> list[Any]:
        """What the payloads of a stage say, but for nothing."""
        found = [e["payload"][name] for e in self.events if e["stage"] == stage]
        return [each for each in found if each is not None]

    def greatest(self, stage: str) -> Any:
        found = [e["occurred_at"] for e in self.events if e["stage"] == stage]
        return max(found, default=None)

    def at(self, stage: str, moment: Any, column: str) -> Any:
        """What was said at one moment; of several, the least."""
        found = [
            e[column] for e in self.events if (e["stage"], e["occurred_at"]) == (stage, moment)
        ]
        return min((each for each in found if each is not None), default=None)

    def best(self, stage: str) -> str | None:
        found = [e["evidence"] for e in self.events if e["stage"] == stage]
        return max(found, key=EVIDENCE.index, default=None)

    def start(self, stage: str, *columns: str) -> dict[str, Any]:
        begun = [e for e in self.events if e["stage"] == stage] or self.events
        return {name: min(e[name] for e in begun) for name in columns}

    def any_of(self, column: str) -> Any:
        return next((e[column] for e in self.events if e[column] is not None), None)


def _call(of: _Of) -> dict[str, Any]:
    taken_at = of.least("taken")
    return {
        "branch": BRANCH,
        **of.start("asked", "terminal", "business_date"),
        "visit": of.any_of("visit"),
        "screen": of.least("asked", "screen"),
        "service": of.least("asked", "service"),
        "asked_at": of.least("asked"),
        "taken_at": taken_at,
        "taken_by": of.at("taken", taken_at, "staff"),
        "done_at": of.least("done"),
    }


def _assist(of: _Of) -> dict[str, Any]:
    return {
        "branch": BRANCH,
        **of.start("started", "terminal", "business_date", "local_hour"),
        "visit": of.any_of("visit"),
        "staff": of.any_of("staff"),
        "started_at": of.least("started"),
        "ended_at": of.least("ended"),
        "seconds": min(of.said("ended", "seconds"), default=None),
        **{name: of.least("ended", name) for name in ("service", "channel", "outcome", "segment")},
        "objection": of.least("ended", "reason"),
        "left_out": of.any_of("visit") in of.out,
    }


def _sign_up(of: _Of) -> dict[str, Any]:
    taught_at, followed_up_at = of.least("taught"), of.greatest("done")
    return {
        "branch": BRANCH,
        **of.start("signed", "terminal", "business_date"),
        "visit": of.any_of("visit"),
        **{name: of.least("signed", name) for name in ("staff", "product", "segment", "receipt")},
        "bundle": min(of.said("signed", "bundle"), default=None),
        "is_company": any(of.said("signed", "company")),
        "left_out": of.any_of("visit") in of.out,
        "signed_at": of.least("signed"),
        "taught_at": taught_at,
        "taught_by": of.at("taught", taught_at, "staff"),
        "taught_evidence": of.best("taught"),
        "used_at": of.least("used"),
        "used_evidence": of.best("used"),
        "dormant_at": of.greatest("dormant"),
        "closed_at": of.least("closed"),
        "follow_ups": sum(e["stage"] == "done" for e in of.events),
        "last_follow_up_at": followed_up_at,
        "last_result": of.at("done", followed_up_at, "reason"),
    }


def _outage(of: _Of) -> dict[str, Any]:
    began_at, ended_at = of.least("began"), of.least("ended")
    until = min(of.said("began", "until"), default=None)
    return {
        "branch": BRANCH,
        **of.start("began", "business_date"),
        "channel": "atm",
        "machine": min(of.said("began", "machine"), default=None),
        "began_at": began_at,
        "began_by": of.at("began", began_at, "staff"),
        "until": until and datetime.fromisoformat(until),
        "ended_at": ended_at,
        "ended_by": of.at("ended", ended_at, "staff"),
    }


def _consent(of: _Of) -> dict[str, Any]:
    of_all = [e["payload"] for e in of.events]
    return {
        "branch": BRANCH,
        **of.start("given", "terminal", "business_date"),
        **{name: min(each[name] for each in of_all) for name in ("purpose", "version")},
        "digest": min(of.said("given", "digest"), default=None),
        "language": of.least("given", "language"),
        "given_at": of.least("given"),
        "withdrawn_at": of.least("withdrawn"),
        "purged_at": of.least("purged"),
    }
