"""Tables, enums and event payloads; no logic.

Every table must be imported here, so that the metadata is whole for whoever imports one of them.
"""

from sqlmodel import SQLModel

from kiosk.models.audit import AuditEntry
from kiosk.models.branch import BRANCH_ORIGIN, Branch, Counter, Terminal, counter_origin
from kiosk.models.contact import Consent, Purpose, StoredContact
from kiosk.models.entry import TicketEntry
from kiosk.models.event import Event, Evidence, Kind
from kiosk.models.journal import JournalCandidate, JournalDamage, JournalFile, JournalLine
from kiosk.models.projections import (
    Assist,
    CounterNow,
    DemoOutcome,
    Diversion,
    FollowUp,
    HelpCall,
    HourlyFigures,
    Outage,
    SignUp,
    Ticket,
    Visit,
)
from kiosk.models.states import (
    AssistOutcome,
    CounterState,
    DayBookCategory,
    FollowUpBy,
    FollowUpResult,
    LineFault,
    LineState,
    MatchRule,
    Priority,
    TicketState,
    UndoneReason,
    Way,
)
from kiosk.models.sync import (
    Batch,
    BatchState,
    BranchMeta,
    CarriedEvent,
    Quarantine,
    Receipt,
    RefusedRelease,
    Release,
    TicketFloor,
    Watermark,
)

__all__ = [
    "BRANCH_ORIGIN",
    "Assist",
    "AssistOutcome",
    "AuditEntry",
    "Batch",
    "BatchState",
    "Branch",
    "BranchMeta",
    "CarriedEvent",
    "Consent",
    "Counter",
    "CounterNow",
    "CounterState",
    "DayBookCategory",
    "DemoOutcome",
    "Diversion",
    "Event",
    "Evidence",
    "FollowUp",
    "FollowUpBy",
    "FollowUpResult",
    "HelpCall",
    "HourlyFigures",
    "JournalCandidate",
    "JournalDamage",
    "JournalFile",
    "JournalLine",
    "Kind",
    "LineFault",
    "LineState",
    "MatchRule",
    "Outage",
    "Priority",
    "Purpose",
    "Quarantine",
    "Receipt",
    "RefusedRelease",
    "Release",
    "SQLModel",
    "SignUp",
    "StoredContact",
    "Terminal",
    "Ticket",
    "TicketEntry",
    "TicketFloor",
    "TicketState",
    "UndoneReason",
    "Visit",
    "Watermark",
    "Way",
    "counter_origin",
]
