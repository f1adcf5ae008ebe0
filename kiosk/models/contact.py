"""A phone number that a customer left, and the consent that it rests on."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, Index, SQLModel


class Purpose(StrEnum):
    """What a customer left a phone number for; it may be used for nothing else."""

    CALL_BACK = "call_back"
    ACTIVATION = "activation"
    """To help with the first use of what was signed up."""


class StoredContact(SQLModel, table=True):
    """One phone number, encrypted, for as long as it is needed; no event and no projection.

    In the store of the terminal where it was given and in the branch database, until either side
    says that it is to go: see `kiosk.services.staff.contacts`.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index("contact_days", "branch", "keep_until"),
        Index("contact_sign_up", "sign_up"),
    )

    id: UUID = Field(primary_key=True)
    branch: str
    terminal: str
    """Where it was given."""
    sign_up: UUID | None = None
    """What was signed up, where it is about that."""
    purpose: str
    """One of `Purpose`."""
    number_encrypted: bytes
    """A nonce and the number, closed with AES-256-GCM for this very row and purpose."""
    key_id: str
    """Which key opens it; the key itself is in no database."""
    blind_index: str
    """HMAC of the number: finds a number again without telling it."""
    number_masked: str
    """138****1234"""
    consent_version: int
    language: str
    """In which the customer read what they agreed to."""
    given_at: datetime
    keep_until: date
    """The last day in the branch's zone on which it is kept."""
    withdrawal_code: str
    """Eight digits that the customer was given: whoever says them deletes it."""
    is_brought: bool = False
    """In a store: the branch has it as it stands here."""


class Consent(SQLModel, table=True):
    """What became of a consent; derived from events, and kept when the number is gone."""

    __tablename__ = "consent"
    __table_args__ = (Index("consent_day", "branch", "business_date"),)

    id: UUID = Field(primary_key=True)
    """The contact's."""
    branch: str
    terminal: str
    """Where it was given."""
    business_date: date
    """On which it was given."""
    purpose: str
    """One of `Purpose`."""
    version: int
    """Of the words that the customer agreed to."""
    digest: str | None = None
    """SHA-256 of these very words."""
    language: str | None = None
    given_at: datetime | None = None
    """None: only its end is known so far."""
    withdrawn_at: datetime | None = None
    purged_at: datetime | None = None
