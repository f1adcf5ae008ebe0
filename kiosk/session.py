"""What the terminal knows of the customer before it; dies with the session."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kiosk.config import Language


@dataclass
class CustomerSession:
    """One visit. No name, no number, no amount: codes only."""

    visit: UUID
    language: Language
    arrived_at: datetime
    """Aware, in UTC; a ticket keeps it through every detour."""
    large_type: bool = False
    left_out: bool = False
    """Once large type or 60+ was chosen, the visit stays out of diversion figures."""
    ticket: UUID | None = None
    """The one live ticket of this visit."""
