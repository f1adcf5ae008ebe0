"""What travels from a terminal to its branch: plain data, written down in docs/sync.md.

A batch is a tuple of lines. A line is one event as canonical JSON: exactly the event's columns,
sorted keys, no spaces, ASCII. The very text is digested, together with the digest of the batch
before, so that each batch vouches for the whole history behind it.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, String, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.sqltypes import JSON
from sqlalchemy.types import TypeDecorator, TypeEngine

from kiosk.models import Event
from kiosk.models.payloads import PAYLOADS
from kiosk.models.tables import table_of

WIRE_FORMAT = 1
COLUMNS = {
    1: (
        "app_version", "arrived_at", "boot_id", "branch", "business_date", "channel", "counter",
        "epoch", "evidence", "id", "kind", "language", "local_hour", "monotonic_ns", "occurred_at",
        "offer", "payload", "queue", "reason", "release", "schema_version", "seq", "service",
        "staff", "stage", "terminal", "ticket", "ticket_number", "transferable", "visit",
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
class Caller:
    """Which terminal speaks and where it believes to stand."""

    branch: str
    terminal: str
    epoch: int
    position: Position
    """The last batch that it has a receipt for."""
    database_id: str | None
    """The branch database that gave that receipt; none before the first one."""
    wire_format: int
    schema_version: int
    app_version: str
    sent_at: datetime


@dataclass(frozen=True)
class Parcel:
    """A batch on its way: the lines that follow the caller's position."""

    caller: Caller
    digest: str
    lines: tuple[str, ...]

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


@dataclass(frozen=True)
class Rejected:
    """An event that went to quarantine."""

    seq: int
    event: str
    """Its id as it was sent."""
    reason: str


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
    details: Mapping[str, object] = field(default_factory=dict)
    """Of a refusal: what the sentence about it mentions."""


class BranchSide(Protocol):
    """The branch as a terminal sees it, however it is reached."""

    @property
    def name(self) -> str:
        """How to name it to people."""

    def greet(self, caller: Caller) -> Answer:
        """Make oneself known before the first batch."""

    def receive(self, parcel: Parcel) -> Answer:
        """Hand over a batch. When this returns `ok` or `already`, it is on the branch's disk."""

    def close(self) -> None:
        """Give back the connection."""


class LineError(Exception):
    """A line that can't become an event; the message says why, without quoting values."""


def digest(chain: str, lines: Iterable[str]) -> str:
    """The digest of a batch that follows ``chain``."""
    sha = hashlib.sha256(chain.encode("ascii"))
    for line in lines:
        sha.update(line.encode("ascii"))
        sha.update(b"\n")
    return sha.hexdigest()


def to_line(row: Sequence[object], dialect: Dialect, wire_format: int) -> str:
    """An event's line.

    Args:
        row: The columns of ``COLUMNS[wire_format]`` as the driver gives them. What can't be
            understood is sent as it stands: the branch puts it in quarantine, and the events
            behind it still go through.
        dialect: Of the database that the row comes from.
        wire_format: The form of the line.
    """
    decoders = _decoders(dialect, wire_format)
    values = zip(COLUMNS[wire_format], decoders, row, strict=True)
    event = {
        name: value if value is None else _plain(decode, value) for name, decode, value in values
    }
    return _ENCODER.encode(event)


_Decode = Callable[[Any], object]


@cache
def _decoders(dialect: Dialect, wire_format: int) -> tuple[_Decode | None, ...]:
    decoders: list[_Decode | None] = []
    for name in COLUMNS[wire_format]:
        kind: TypeEngine[Any] = _EVENT.columns[name].type
        if isinstance(kind, JSON):
            decoders.append(_strict_json)
        else:
            decoders.append(kind.dialect_impl(dialect).result_processor(dialect, None))
    return tuple(decoders)


def _plain(decode: _Decode | None, value: Any) -> object:
    """A value as JSON has it; what can't be decoded stays as it is."""
    try:
        decoded = decode(value) if decode else value
    except (ValueError, TypeError, AttributeError, RecursionError):
        decoded = value
    if isinstance(decoded, _AS_THEY_ARE):
        return decoded
    if isinstance(decoded, datetime):
        return decoded.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return decoded.hex() if isinstance(decoded, bytes) else str(decoded)


def _no_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are no JSON


_AS_THEY_ARE = (str, int, dict, list)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _strict_json(text: str | dict[str, object]) -> object:
    return _DECODER.decode(text) if isinstance(text, str) else text


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
    if unknown := event.keys() - _READERS.keys():
        raise LineError(f"unknown column: {_ascii(min(unknown))}")
    row = {
        name: None if event.get(name) is None and nullable else _read(name, reader, event.get(name))
        for name, (reader, nullable) in _READERS.items()
    }
    _check_meaning(row, schemas)
    return row


def event_id(line: str) -> str:
    """The id in a line, as it stands; empty when there is none."""
    try:
        return _ascii(str(_object(line).get("id", "")))
    except LineError:
        return ""


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


def _check_meaning(row: Mapping[str, Any], schemas: range) -> None:
    version = row["schema_version"]
    if version >= schemas.stop:
        raise RefusalError(
            Status.SCHEMA_TOO_NEW, schema=version, low=schemas.start, high=schemas.stop - 1
        )
    if version < schemas.start:
        raise LineError("schema too old")
    if not 0 <= row["local_hour"] <= _LAST_HOUR:
        raise LineError("value: local_hour")
    model = PAYLOADS.get((row["kind"], row["stage"]))
    if model is None:
        raise LineError("unknown kind or stage")
    if empty := [name for name in model.columns if row[name] is None]:
        raise LineError(f"empty: {', '.join(empty)}")
    try:
        model.model_validate(row["payload"])
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
        raise LineError(f"payload: {_ascii(where)}") from None


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
    if str(made) != value:
        raise ValueError
    return made


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _day(value: object) -> date:
    day = date.fromisoformat(_text(value))
    if day.isoformat() != value:
        raise ValueError
    return day


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


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
    if not isinstance(value, dict):
        raise TypeError
    for text in _texts(value):
        _text(text)
    return value


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
