"""What a journal of an e-channel looks like: one TOML file for each kind, named by its layout."""

import codecs
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StrictInt, StrictStr, ValidationError, model_validator

from kiosk.errors import KioskError
from kiosk.paths import resource
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_parts import (
    ChannelCode,
    Known,
    Part,
    ServiceCode,
    nearest,
    refuse,
)

COLUMNS: Final = (
    "id", "time", "channel", "service", "amount",
    "reference", "branch", "terminal", "kind", "reverses",
)  # fmt: skip
"""What a line may say, in the order in which it is read."""
_SPAN: Final = re.compile(r"([1-9][0-9]{0,3})-([1-9][0-9]{0,3})")
_PATH: Final = re.compile(r"[^\s.$\"\[\]]+(\.[^\s.$\"\[\]]+)*")


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise refuse(("", f'there is no encoding "{name}"')) from None
    return name


def _zone(name: str) -> str:
    if name not in available_timezones():
        known = sorted(available_timezones())
        raise refuse(("", f'there is no time zone "{name}"{nearest(name, known)}'))
    return name


def _format(text: str) -> str:
    if datetime(2026, 11, 23, 9, 30).strftime(text) == datetime(2027, 1, 2, 3, 4).strftime(text):  # noqa: DTZ001 (only what the format makes of them counts)
        raise refuse(("", 'must be a format of a time, as "%Y-%m-%d %H:%M:%S"'))
    return text


Place = Annotated[StrictInt, Field(ge=1, le=999)] | StrictStr
"""Where a column is: the field's number, from-to in bytes, or the path of names in an object."""
OneSign = Annotated[StrictStr, Field(min_length=1, max_length=1)]
Sign = Annotated[StrictStr, Field(min_length=1)]


class Columns(Part):
    """Where each column is; those that a journal lacks are left out."""

    time: Place
    id: Place | None = None
    """The journal's own number of a transaction, unique in its layout; none: file and line."""
    channel: Place | None = None
    service: Place | None = None
    amount: Place | None = None
    reference: Place | None = None
    branch: Place | None = None
    terminal: Place | None = None
    kind: Place | None = None
    """What says that a line is a reversal."""
    reverses: Place | None = None
    """The number of the transaction that this one takes back or corrects."""


class TimeFormat(Part):
    """How a time is written."""

    format: Annotated[StrictStr, AfterValidator(_format)]
    zone: Annotated[StrictStr, AfterValidator(_zone)]
    """Where no offset (%z) stands with it."""


class AmountFormat(Part):
    """How an amount is written."""

    unit: Literal["fen", "yuan"]
    negative_is_reversal: bool = False


class Trailer(Part):
    """A last line that is no transaction."""

    starts_with: Sign
    count: Place | None = None
    """How many lines the journal has, to know a file that was cut off."""


class Layout(Part):
    """One kind of journal."""

    name: StrictStr
    form: Literal["csv", "fixed", "jsonl"]
    encoding: Annotated[StrictStr, AfterValidator(_encoding)] = "utf-8"
    delimiter: OneSign = ","
    quote: OneSign | None = None
    fields: Annotated[StrictInt, Field(ge=1, le=999)] | None = None
    """How many a line of a CSV file has; a line with others is damaged, not read askew."""
    skip: Annotated[StrictInt, Field(ge=0, le=999)] = 0
    """Lines before the first transaction, as headings."""
    trailer: Trailer | None = None
    columns: Columns
    time: TimeFormat
    amount: AmountFormat | None = None
    channel: ChannelCode | None = None
    """Of all lines."""
    channels: Mapping[Sign, ChannelCode] = {}
    """What the column says, and our channel; lines of others are passed over."""
    services: Mapping[Sign, ServiceCode] = {}
    """As `channels`; other services are nobody's offer."""
    reversals: tuple[Sign, ...] = ()
    """What the column `kind` says of a reversal."""

    @property
    def our_channels(self) -> list[str]:
        """Whose transactions a file of this layout covers."""
        return sorted({*self.channels.values(), *([self.channel] if self.channel else [])})

    def place(self, column: str) -> Place | None:
        """Where one of `COLUMNS` is."""
        found: Place | None = getattr(self.columns, column)
        return found

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if problems := [*self._misplaced(), *self._incomplete()]:
            raise refuse(*problems)
        return self

    def _misplaced(self) -> list[tuple[str, str]]:
        said = {"csv": "a field's number", "fixed": 'bytes, as "1-16"', "jsonl": 'names, as "a.b"'}
        places = {f".columns.{each}": self.place(each) for each in COLUMNS}
        if self.trailer is not None:
            places[".trailer.count"] = self.trailer.count
        return [
            (key, f"must be {said[self.form]}")
            for key, place in places.items()
            if place is not None and not self._is_place(place)
        ]

    def _is_place(self, place: Place) -> bool:
        if self.form == "csv":
            return isinstance(place, int) and place <= (self.fields or place)
        if isinstance(place, int):
            return False
        if self.form == "jsonl":
            return _PATH.fullmatch(place) is not None
        span = _SPAN.fullmatch(place)
        return span is not None and int(span[1]) <= int(span[2])

    def _incomplete(self) -> list[tuple[str, str]]:
        columns, found = self.columns, []
        if self.form == "csv" and self.fields is None:
            found.append((".fields", "missing: how many fields a line has"))
        if self.form != "csv" and self.quote is not None:
            found.append((".quote", "only fields of csv stand in quotes"))
        if (self.channel is None) == (columns.channel is None):
            found.append((".channel", "either the channel of all lines, or a column for it"))
        for column, table in (("channel", self.channels), ("service", self.services)):
            if (self.place(column) is None) == bool(table):
                found.append((f".{column}s", f"goes together with columns.{column}"))
        if (columns.amount is None) != (self.amount is None):
            found.append((".amount", "goes together with columns.amount"))
        if (columns.kind is None) == bool(self.reversals):
            found.append((".reversals", "goes together with columns.kind"))
        return found


def span_of(place: str) -> tuple[int, int]:
    """The first byte of a fixed column, counted from 1, and how many there are."""
    first, last = map(int, place.split("-"))
    return first, last - first + 1


def load_layout(name: str, folder: Path | None, catalog: Catalog) -> Layout:
    """Read the layout of a name: the bank's own, else one that ships with the program.

    Raises:
        KioskError: `layout_unknown`, or `layout_invalid` with the first thing that is wrong.
    """
    folders = [each for each in (folder, resource("layouts")) if each is not None]
    for path in (each / f"{name}.toml" for each in folders):
        if path.is_file():
            return read_layout(path, catalog)
    known = sorted({each.stem for place in folders for each in place.glob("*.toml")})
    raise KioskError("layout_unknown", layout=name, known=", ".join(known))


def read_layout(path: Path, catalog: Catalog) -> Layout:
    """Read the layout of a file; what it calls channels and services must be the catalog's."""
    codes = {
        "channels": [each.code for each in catalog.channels],
        "services": [each.code for each in catalog.services],
    }
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return Layout.model_validate({**raw, "name": path.stem}, context=Known(codes, {}))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KioskError("layout_invalid", file=path, key="file", reason=error) from error
    except ValidationError as error:
        key, reason = _first_problem(error)
        raise KioskError("layout_invalid", file=path, key=key, reason=reason) from error


def _first_problem(error: ValidationError) -> tuple[str, str]:
    details = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in details["loc"])
    if details["type"] == "catalog":
        below, reason = details["ctx"]["problems"][0]
        return (key + below).lstrip("."), reason
    if details["type"] == "extra_forbidden":
        return key, "there is no such key"
    return key, details["msg"]
