"""What travels from a terminal to its branch: plain data, written down in docs/sync.md.

A batch is a tuple of lines. A line is one event as JSON: exactly the event's columns in the
store's own form, sorted keys, no spaces, no line feed. The very text is digested, together with
the digest of the batch before, so that each batch vouches for the whole history behind it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from operator import itemgetter
from typing import Any, Protocol
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, String, Uuid
from sqlalchemy.sql.sqltypes import JSON
from sqlalchemy.types import TypeDecorator, TypeEngine

from kiosk.models import Event
from kiosk.models.payloads import COUNTS, FROM_TERMINALS, WORDS
from kiosk.models.tables import table_of

WIRE_FORMAT = 1
COLUMNS = {
    1: (
        "app_version", "arrived_at", "boot_id", "branch", "business_date", "channel", "counter",
        "demo", "demo_run", "epoch", "evidence", "id", "kind", "language", "local_hour",
        "monotonic_ns", "occurred_at", "offer", "outcome", "payload", "priority", "product",
        "questions", "queue", "reason", "receipt", "reference", "release", "right_answers",
        "schema_version", "screen", "segment", "seq", "service", "staff", "stage", "step",
        "subject", "terminal", "ticket", "ticket_number", "transferable", "visit", "way",
        "wrong_keys",
    )
}  # fmt: skip
"""The columns of each form of a line. A new column means a new form: a batch that was opened in an
older one is offered again in the older one, or its digest would not be the same."""

_EVENT = table_of(Event)
_ORIGIN = ("branch", "terminal", "epoch", "seq")
_LAST_HOUR = 23


@dataclass(frozen=True)
class Position:
    """How far a terminal's events have come: the last batch, its last event and its digest."""

    number: int = 0
    seq: int = 0
    chain: str = ""


@dataclass(frozen=True)
class Condition:
    """How a terminal is; codes and numbers only."""

    up_seconds: int | None
    """For how long its program has run; None: it does not."""
    printer: str | None
    """`ok` (no failure is known), `paper_low` or the last failure's code; None: it has none."""
    free_mb: int
    """Free for its data folder."""
    last_error: str | None = None
    """The code of the last error that its program noted."""
    last_error_at: datetime | None = None
    """When that was."""
    goes_out: bool = False
    """Whether it is taken out to people, where there is no network for days."""


@dataclass(frozen=True)
class Caller:
    """Which terminal speaks and where it believes to stand."""

    branch: str
    terminal: str
    epoch: int
    digit: int
    """The second character of its ticket numbers: another terminal's would spoil both."""
    position: Position
    """The last batch that it has a receipt for."""
    database_id: str | None
    """The branch database that gave that receipt; none before the first one."""
    wire_format: int
    schema_version: int
    app_version: str
    sent_at: datetime
    waiting: int
    """How many events the terminal has behind its position and behind those that come along."""
    oldest_waiting_at: datetime | None
    """When the oldest of them happened, by the terminal's clock."""
    audit_seq: int | None = None
    """How many entries the terminal's audit log has; None: it does not say."""
    audit_head: str = ""
    """The seal of the last one."""
    condition: Condition | None = None
    """How the terminal is; None: it does not say."""
    quarantine_epoch: int | None = None
    """Of the events that are decided about: an earlier epoch of the same terminal, or its own."""

    def of_quarantine(self) -> "Caller":
        """The caller as the one whose events in quarantine are meant."""
        return replace(self, epoch=self.quarantine_epoch or self.epoch)


@dataclass(frozen=True)
class Parcel:
    """A batch on its way: the lines that follow the caller's position."""

    caller: Caller
    digest: str
    lines: tuple[str, ...]
    doubtful: Mapping[int, str] = field(default_factory=dict)
    """Seq → why the terminal itself takes the event for damaged: it goes to quarantine."""

    @property
    def number(self) -> int:
        """The batch's number: 1, 2, 3 … for each terminal and epoch."""
        return self.caller.position.number + 1

    @property
    def from_seq(self) -> int:
        """The first event."""
        return self.caller.position.seq + 1

    @property
    def to_seq(self) -> int:
        """The last event."""
        return self.caller.position.seq + len(self.lines)

    @property
    def position(self) -> Position:
        """Where the terminal stands once the parcel is taken."""
        return Position(self.number, self.to_seq, self.digest)


@dataclass(frozen=True)
class RenewalRequest:
    """What a terminal says that begins a new store."""

    code: str
    """As a person at the branch was shown it."""
    epoch: int
    """The highest epoch that its old store knows; 0 where nothing can be read."""
    business_date: date
    """The day whose ticket numbers must not be given again."""
    positions: Mapping[int, Position]
    """Epoch → the last batch that the old store has a receipt for."""


@dataclass(frozen=True)
class Undecided:
    """An event of an earlier epoch that stands in the branch's quarantine; as its table has it."""

    epoch: int
    seq: int
    event: str
    reason: str
    text: str
    received_at: datetime


@dataclass(frozen=True)
class Grant:
    """What a terminal needs for a new store."""

    epoch: int
    """Of the new store's events."""
    highest_number: int
    """The highest count in the day's ticket numbers that the branch has; or zero."""
    confirmed: frozenset[int]
    """The epochs whose position the branch stands to: it has what is before."""
    events_from: date | None
    """The branch dropped the events of earlier days, if it did."""
    undecided: tuple[Undecided, ...] = ()
    """What the new store's people have to decide about, though the old one may not know of it."""


@dataclass(frozen=True)
class FilledIn:
    """One field of a ticket, as a customer filled it in while waiting; no event."""

    ticket: UUID
    field: str
    value: str
    """Empty: it was left out, or taken back."""


@dataclass(frozen=True)
class SentContact:
    """A phone number that a customer left, encrypted as the store has it; no event."""

    id: UUID
    sign_up: UUID | None
    purpose: str
    number_encrypted: bytes
    key_id: str
    blind_index: str
    number_masked: str
    consent_version: int
    language: str
    given_at: datetime
    keep_until: date
    withdrawal_code: str


class Status(StrEnum):
    """All that a branch database may answer."""

    OK = "ok"
    ALREADY = "already"
    """The very batch was taken before; the answer holds its receipt."""
    AHEAD = "ahead"
    """The branch has later batches of this terminal than the terminal knows of."""
    BRANCH_LOST_DATA = "branch_lost_data"
    """The branch has fewer batches than it has given receipts for."""
    FORK = "fork"
    """Another history than the one the branch has: a restored or copied store went on."""
    EPOCH_MISMATCH = "epoch_mismatch"
    NOT_ENROLLED = "not_enrolled"
    DIGIT_DIFFERS = "digit_differs"
    """It gives ticket numbers with another digit than it was enrolled with."""
    WRONG_BRANCH = "wrong_branch"
    OTHER_DATABASE = "other_database"
    NO_BRANCH_DATABASE = "no_branch_database"
    SCHEMA_TOO_NEW = "schema_too_new"
    SCHEMA_TOO_OLD = "schema_too_old"
    BAD_DIGEST = "bad_digest"
    MALFORMED = "malformed"
    """Lines that are not the terminal's own or not in order."""
    ROWS_MISSING = "rows_missing"
    """Events were swallowed by others with the same id."""
    RENEWAL_REFUSED = "renewal_refused"
    """A new store without a code of the branch, or with one that was used."""


@dataclass(frozen=True)
class Rejected:
    """An event that went to quarantine."""

    seq: int
    event: str
    """Its id as it was sent."""
    reason: str


@dataclass(frozen=True)
class DayPart:
    """Which of a business day's events are meant: of one epoch, from one seq to another."""

    day: date
    epoch: int
    first: int | None = None
    """None: the day's first, whichever that is."""
    last: int | None = None


@dataclass(frozen=True)
class EventThere:
    """An event as it stands in a database."""

    seq: int
    kind: str
    digest: str
    """SHA-256 of its line, in hexadecimal."""


@dataclass(frozen=True)
class DayThere:
    """What a branch database has of a day of one terminal."""

    events: tuple[EventThere, ...]
    """Those that were asked for."""
    in_epochs: Mapping[int, int]
    """Epoch → how many there are of that day in all."""
    kept_from: date | None
    """Events of earlier days were dropped."""


@dataclass(frozen=True)
class Held:
    """What a terminal has of one release."""

    version: int | None
    """The version in use; none: there never was a good one."""
    digests: tuple[str, ...]
    """Of that one, and of one that it could not use: neither need be sent again."""


@dataclass(frozen=True)
class SentRelease:
    """A release on its way to a terminal."""

    name: str
    version: int
    digest: str
    format: int
    body: str
    published_at: datetime


@dataclass(frozen=True)
class Answer:
    """What the branch says; for a batch that was taken, its receipt."""

    status: Status
    database_id: str = ""
    position: Position = Position()
    """Where the branch believes the terminal to stand."""
    inserted: int = 0
    duplicates: int = 0
    rejected: tuple[Rejected, ...] = ()
    received_at: datetime | None = None
    releases: tuple[SentRelease, ...] = ()
    """Of a pull: what the terminal does not have."""
    day: DayThere | None = None
    """Of `list_day`: the events that were asked for."""
    details: Mapping[str, object] = field(default_factory=dict)
    """Of a refusal: what the sentence about it mentions."""
    grant: Grant | None = None
    """Of a renewal."""
    known: frozenset[UUID] = frozenset()
    """Of a question about events: those that are here."""
    settled: frozenset[UUID] = frozenset()
    """Of `fill_in`: the tickets for which the terminal need not keep anything any more. Of
    `keep_contacts`: the numbers that are here as the terminal has them."""
    gone: frozenset[UUID] = frozenset()
    """Of `keep_contacts`: the numbers that must not be kept any more."""


class BranchSide(Protocol):
    """The branch as a terminal sees it, however it is reached."""

    @property
    def name(self) -> str:
        """How to name it to people."""

    def greet(self, caller: Caller) -> Answer:
        """Make oneself known before the first batch."""

    def receive(self, parcel: Parcel) -> Answer:
        """Hand over a batch. When this returns `ok` or `already`, it is on the branch's disk."""

    def pull(self, caller: Caller, held: Mapping[str, Held]) -> Answer:
        """Ask for what the branch says.

        Args:
            caller: Who asks.
            held: By name, what it has.

        Returns:
            The newest release of each name that it does not have, and the queue as it is now.
        """

    def retry(self, caller: Caller, events: Mapping[int, str]) -> Answer:
        """Try events in quarantine again, each in a transaction of its own.

        Args:
            caller: Whose they are.
            events: Seq → why the terminal itself still takes it for damaged; empty: it does not.

        Returns:
            What was inserted, what was there already, and what is rejected still.
        """

    def drop(self, caller: Caller, events: Collection[int], why: str) -> Answer:
        """Decide that events in quarantine shall never be counted."""

    def list_day(self, caller: Caller, part: DayPart) -> Answer:
        """List a day's events, to be compared with the caller's; only its own."""

    def renew(self, caller: Caller, request: RenewalRequest) -> Answer:
        """Ask for the epoch of a new store; the answer has the grant. May be repeated.

        Args:
            caller: Its epoch and position do not matter: a damaged store does not know them.
            request: See there.
        """

    def which_are_known(self, caller: Caller, events: Collection[tuple[date, UUID]]) -> Answer:
        """Ask which of the terminal's events are here, in whatever epoch.

        Args:
            caller: In the epoch that was granted.
            events: Business date and id of each.
        """

    def fill_in(self, caller: Caller, entries: Collection[FilledIn]) -> Answer:
        """Hand over what was filled in for the terminal's tickets. May be repeated.

        Args:
            caller: Whose tickets they are.
            entries: Kept for tickets that go on; for one that has ended, nothing is.

        Returns:
            The tickets that are settled: all that the branch knows.
        """

    def keep_contacts(
        self, caller: Caller, contacts: Collection[SentContact], held: Collection[UUID]
    ) -> Answer:
        """Hand over phone numbers, encrypted, whose consent stands. May be repeated.

        Args:
            caller: Where they were given.
            contacts: Those that the branch does not have as the terminal has them.
            held: Those that the terminal believes to be there.

        Returns:
            Which of all these are there, and which must go; what is neither, the branch lost.
        """

    def close(self) -> None:
        """Give back the connection."""


_TICKET_NUMBER = re.compile(r".\d(\d{3})", re.ASCII)


def ticket_count(number: str) -> int:
    """The count in a ticket's number, behind its queue and its terminal's digit; 0 if none."""
    found = _TICKET_NUMBER.fullmatch(number)
    return int(found[1]) if found else 0


class LineError(Exception):
    """A line that can't become an event; the message says why, without quoting values."""


def digest(chain: str, lines: Iterable[str]) -> str:
    """The digest of a batch that follows ``chain``."""
    text = chain + "\n".join(lines)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@cache
def line_of_event(wire_format: int) -> str:
    """An SQLite expression for an event's line, as UTF-8 bytes.

    SQLite makes a line in a third of the time that Python takes. What can't be right is sent as it
    stands, a blob as its digits: the branch puts it in quarantine, and the events behind it still
    go through.
    """
    names = COLUMNS[wire_format]
    template = ",".join(f'"{name}":%s' for name in names)
    values = ",".join(
        f"json_quote(CASE typeof({n}) WHEN 'blob' THEN hex({n}) ELSE {n} END)" for n in names
    )
    return f"CAST(format('{{{template}}}',{values}) AS BLOB)"


def line_of_row(row: Mapping[str, object]) -> bytes:
    """As `line_of_event`, of a row in Python's types; its payload is a text already."""
    in_store = {name: written(value) for name, value in row.items()}
    return json.dumps(in_store, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def written(value: object) -> object:
    """A value of an event as a store's file has it."""
    match value:
        case bool():
            return int(value)
        case UUID():
            return value.hex
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        case date():
            return value.isoformat()
    return value


def to_text(line: bytes) -> str:
    """A line as text; bytes that are no UTF-8 are escaped, which leaves no JSON."""
    return line.decode("utf-8", "backslashreplace")


def doubt(kind: str, stage: str, payload: str) -> str | None:
    """Why an event's payload is not what its kind and stage say; None if it is.

    The terminal looks before it sends: it has the models of all that it can have written, and a
    branch database that runs a batch as one function has none.
    """
    model = FROM_TERMINALS.get((kind, stage))
    if model is None:
        return None  # the branch knows whether it knows it
    try:
        model.model_validate_json(_json_text(payload))
    except (LineError, ValidationError, RecursionError) as error:
        return _reason(error)
    return None


def doubt_of_line(line: str) -> str | None:
    """As `doubt`, of a whole event."""
    event = _object(line)
    return doubt(event["kind"], event["stage"], event["payload"])


def _json_text(payload: object) -> str:
    if not isinstance(payload, str) or "\\u0000" in payload:
        raise LineError("value: payload")
    return payload


def _reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "value: payload"
    where = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
    return f"payload: {_ascii(where)}" if where else "value: payload"


def _no_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are no JSON


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


class RefusalError(Exception):
    """The batch as a whole is not taken."""

    def __init__(self, status: Status, **details: object) -> None:
        super().__init__(status, details)
        self.status = status
        self.details = details


def from_line(line: str, parcel: Parcel, seq: int, schemas: range) -> dict[str, object]:
    """The event row of a line, checked.

    Args:
        line: As it was sent.
        parcel: Says whose events these must be.
        seq: Which of them the line must be.
        schemas: The event schemas that the branch takes.

    Raises:
        LineError: The event belongs in quarantine.
        RefusalError: The whole batch can't be taken.
    """
    event = _object(line)
    caller = parcel.caller
    if tuple(event.get(key) for key in _ORIGIN) != (
        caller.branch, caller.terminal, caller.epoch, seq,
    ):  # fmt: skip
        raise RefusalError(Status.MALFORMED, number=parcel.number)
    row = _row(event)
    _check_schema(row, schemas)
    _check_meaning(row)
    return row


def fault(line: str) -> str | None:
    """Why a line can't become an event, as far as its terminal can tell; None if it can."""
    try:
        row = _row(_object(line))
        if (row["kind"], row["stage"]) in FROM_TERMINALS:
            _check_meaning(row)
    except LineError as reason:
        return str(reason)
    return None


def _row(event: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := event.keys() - _READERS.keys():
        raise LineError(f"unknown column: {_ascii(min(unknown))}")
    return {
        name: None if event.get(name) is None and nullable else _read(name, reader, event.get(name))
        for name, (reader, nullable) in _READERS.items()
    }


def event_id(line: str) -> str:
    """The id in a line, as it stands; empty when there is none."""
    try:
        return _ascii(str(_object(line).get("id", "")))
    except LineError:
        return ""


def raw_rows(parcel: Parcel) -> list[tuple[object, ...]]:
    """The events as an SQLite table holds them, in the order of ``COLUMNS``; nothing is checked.

    Raises:
        ValueError: A line is no JSON or lacks a column.
    """
    names = COLUMNS[parcel.caller.wire_format]
    events = _DECODER.decode(f"[{','.join(parcel.lines)}]")
    try:
        return list(map(itemgetter(*names), events))
    except (KeyError, TypeError) as error:
        raise ValueError from error


def quarantine_rows(
    parcel: Parcel, rejected: Iterable[Rejected], now: datetime
) -> list[dict[str, object]]:
    """What the quarantine keeps of rejected events, on either end."""
    caller = parcel.caller
    return [
        {
            "branch": caller.branch,
            "terminal": caller.terminal,
            "epoch": caller.epoch,
            "seq": each.seq,
            "event": each.event,
            "reason": each.reason,
            "text": parcel.lines[each.seq - parcel.from_seq],
            "received_at": now,
        }
        for each in rejected
    ]


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii").replace("\0", "\\0")


def _object(line: str) -> dict[str, Any]:
    try:
        event = _DECODER.decode(line)
    except (ValueError, RecursionError):
        raise LineError("not JSON") from None
    if not isinstance(event, dict):
        raise LineError("not a JSON object")
    return event


def _check_schema(row: Mapping[str, Any], schemas: range) -> None:
    version = row["schema_version"]
    if version >= schemas.stop:
        raise RefusalError(
            Status.SCHEMA_TOO_NEW, schema=version, low=schemas.start, high=schemas.stop - 1
        )
    if version < schemas.start:
        raise LineError("schema too old")


def _check_meaning(row: Mapping[str, Any]) -> None:
    if not 0 <= row["local_hour"] <= _LAST_HOUR:
        raise LineError("value: local_hour")
    model = FROM_TERMINALS.get((row["kind"], row["stage"]))
    if model is None:
        raise LineError("unknown kind or stage")
    if empty := [name for name in model.columns if row[name] is None]:
        raise LineError(f"empty: {', '.join(empty)}")
    if model.either and [row[name] for name in model.either].count(None) != 1:
        raise LineError(f"not one of: {', '.join(model.either)}")
    if row["step"] is not None:
        raise LineError("value: step")
    for name, words in WORDS.items():
        if row[name] not in (None, *words):
            raise LineError(f"value: {name}")
    for name in COUNTS:
        if (row[name] or 0) < 0:
            raise LineError(f"value: {name}")


def _read(name: str, reader: "_Reader", value: object) -> object:
    try:
        return reader(value)
    except (ValueError, TypeError, OverflowError):
        raise LineError(f"value: {name}") from None


def _text(value: object) -> str:
    """A text that PostgreSQL can hold too: no zero byte, no half of a character."""
    if not isinstance(value, str):
        raise TypeError
    if "\0" in value:
        raise ValueError
    value.encode("utf-8")
    return value


def _uuid(value: object) -> UUID:
    made = UUID(_text(value))
    if made.hex != value:
        raise ValueError
    return made


def _moment(value: object) -> datetime:
    text = _text(value)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None or moment.isoformat(" ", "microseconds") != text:
        raise ValueError
    return moment.replace(tzinfo=UTC)


def _day(value: object) -> date:
    day = date.fromisoformat(_text(value))
    if day.isoformat() != value:
        raise ValueError
    return day


def _flag(value: object) -> bool:
    if _number(value, 1) not in (0, 1):
        raise ValueError
    return value == 1


def _int32(value: object) -> int:
    return _number(value, 31)


def _int64(value: object) -> int:
    return _number(value, 63)


def _number(value: object, bits: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    if not -(1 << bits) <= value < 1 << bits:
        raise ValueError
    return value


def _payload(value: object) -> dict[str, object]:
    try:
        payload = _DECODER.decode(_json_text(value))
    except (LineError, RecursionError):
        raise ValueError from None
    if not isinstance(payload, dict):
        raise TypeError
    for text in _texts(payload):
        _text(text)
    return payload


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


_Reader = Callable[[object], object]
_READER_OF: tuple[tuple[type[TypeEngine[Any]], _Reader], ...] = (
    (JSON, _payload),
    (Uuid, _uuid),
    (DateTime, _moment),
    (Date, _day),
    (Boolean, _flag),
    (BigInteger, _int64),
    (Integer, _int32),
    (String, _text),
)
"""From column type to reader; the first that fits holds."""


def _reader(kind: TypeEngine[Any]) -> _Reader:
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return next(reader for each, reader in _READER_OF if isinstance(plain, each))


_READERS: dict[str, tuple[_Reader, bool]] = {
    column.name: (_reader(column.type), bool(column.nullable)) for column in _EVENT.columns
}
