"""Tables, enums and event payloads; no logic.

Every table must be imported here, so that the metadata is whole for whoever imports one of them.
"""

from sqlmodel import SQLModel

from kiosk.models.branch import Branch, Terminal
from kiosk.models.event import Event, Kind
from kiosk.models.projections import Diversion, HourlyFigures, Ticket, Visit
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
    "Batch",
    "BatchState",
    "Branch",
    "BranchMeta",
    "CarriedEvent",
    "Diversion",
    "Event",
    "HourlyFigures",
    "Kind",
    "Quarantine",
    "Receipt",
    "RefusedRelease",
    "Release",
    "SQLModel",
    "Terminal",
    "Ticket",
    "TicketFloor",
    "Visit",
    "Watermark",
]
