"""What the bank offers: services, the channels they can move to, minutes, fees, words, demos.

`kiosk.services.catalog_file` reads it. Amounts and fees are whole fen, minutes are whole minutes.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

import segno
from pydantic import AfterValidator, Field, StrictBool, StrictStr, model_validator
from pydantic.types import Strict

from kiosk.errors import KioskError
from kiosk.services.catalog_parts import (
    LANGUAGES,
    ChannelCode,
    Code,
    Count,
    Fee,
    Fen,
    Hint,
    LocalizedText,
    MenuName,
    Minutes,
    NeedCode,
    Part,
    QuestionCode,
    QueueLetter,
    Sentence,
    ServiceCode,
    ServiceName,
    ShortName,
    SourceCode,
    Step,
    at_most,
    reference,
    refuse,
)
from kiosk.services.catalog_staff import (
    MAX_ON_DIGITS,
    Bundle,
    FollowUpRules,
    PieceRates,
    Segment,
)
from kiosk.services.demo.script import MAX_DEMO_GROUPS, Demo, DemoGroup
from kiosk.services.objection import Objection
from kiosk.services.personal import asks_who, code_asks_who
from kiosk.services.poster import DEFAULT_SET, Poster, PosterSet
from kiosk.services.product import Opens, Product

MAX_CHOICES: Final = 12
"""A menu with more choices is not read any more (docs: few, simple products)."""
MAX_REASONS: Final = 6
"""Reasons stand on the digits 1 to 6 of one screen; 7 is for whoever would rather not say."""
MAX_FIELDS: Final = 5
"""What a service may have filled in while waiting; more would be a form."""
MAX_OPTIONS: Final = 6
"""As with reasons: 7 leaves the field out."""
MAX_DIGITS: Final = 999_999
"""The largest number of a `digits` field: shorter than anything that says who somebody is."""
MAX_AMOUNT: Final = 99_999_999_00
"""Fen; a typed amount has at most eight digits of yuan."""
MAX_QR_VERSION: Final = 3
"""The largest QR code that fits beside the text on 80 columns."""


class Move(StrEnum):
    """Whether a service can be done away from the counter."""

    YES = "yes"
    CONDITIONS = "conditions"
    NO = "no"


class Source(Part):
    """Where a figure comes from."""

    title: Annotated[StrictStr, Field(min_length=1)]
    effective: Annotated[date, Strict()]
    note: StrictStr = ""


class FeeBand(Part):
    """The fee of the amounts above the band before, up to and including `up_to`."""

    up_to: Fen | None = None
    """Fen, inclusive; None: no upper limit."""
    fee: Fee


class AmountBand(Part):
    """A range of amounts that a customer can choose, up to and including `up_to`."""

    code: Code
    up_to: Fen | None = None
    """Fen, inclusive; None: no upper limit."""
    label: ShortName


def _band_problems(limits: Sequence[int | None]) -> Iterator[tuple[str, str]]:
    """Why upper limits do not cover every amount exactly once."""
    below: int | None = 0
    for index, limit in enumerate(limits):
        if below is None:
            yield f"[{index}]", "overlaps the band before it, which has no upper limit"
        elif limit is not None and limit < below:
            yield f"[{index}].up_to", f"out of order: {limit} is below {below} before it"
        elif limit is not None and limit == below:
            yield f"[{index}].up_to", f"overlaps: no amount lies between {below} and {limit}"
        below = limit
    if limits and limits[-1] is not None:
        yield "", f"gap: no band for amounts above {limits[-1]} fen; the last one has no up_to"


def _whole_fees(bands: tuple[FeeBand, ...]) -> tuple[FeeBand, ...]:
    if problems := list(_band_problems([band.up_to for band in bands])):
        raise refuse(*problems)
    return bands


def _whole_amounts(bands: tuple[AmountBand, ...]) -> tuple[AmountBand, ...]:
    problems = list(_band_problems([band.up_to for band in bands]))
    for code, times in Counter(band.code for band in bands).items():
        if times > 1:
            problems.append(("", f'{times} amount bands have the code "{code}"'))
    if problems:
        raise refuse(*problems)
    return bands


FeeBands = Annotated[tuple[FeeBand, ...], AfterValidator(_whole_fees)]
AmountBands = Annotated[tuple[AmountBand, ...], AfterValidator(_whole_amounts)]


def fee_at(bands: Sequence[FeeBand], amount: int) -> Fee:
    """The fee for one amount in fen.

    Raises:
        KeyError: No band holds it; a loaded catalog has none such.
    """
    for band in bands:
        if band.up_to is None or amount <= band.up_to:
            return band.fee
    raise KeyError(amount)


def _fee_between(bands: Sequence[FeeBand], above: int, up_to: int | None) -> Fee:
    """The fee for an amount somewhere in (above, up_to], as a range if bands differ."""
    fees = []
    floor = 0
    for band in bands:
        if (band.up_to is None or band.up_to > above) and (up_to is None or floor < up_to):
            fees.append(band.fee)
        floor = band.up_to or 0
    low, high = min(fee.low for fee in fees), max(fee.high for fee in fees)
    return fees[0].model_copy(update={"low": low, "high": high})


REFERENCE = "{reference}"
"""Where a link shall carry the reference of what the customer does."""
_WITH_REFERENCE = re.compile(r"[?&/#;][^?&/#;]*\{reference\}.*")
_LONGEST_REFERENCE = "ZZZZZZZZ"
"""Takes as much room in a code as any."""
_SURE_TO_FIT = 42
"""Bytes in a QR code of the largest version; working its size out takes a millisecond."""


def _link(link: str) -> str:
    if not re.fullmatch(r"(?i:https)://[!-~]+", link):
        raise refuse(("", "a link begins with https:// and holds no space"))
    filled = link.replace(REFERENCE, _LONGEST_REFERENCE)
    if "{" in filled or "}" in filled:
        raise refuse(("", "only {reference} stands in braces, where the number of the offer goes"))
    host, _, _ = link[len("https://") :].partition(REFERENCE)
    if host != link[len("https://") :] and not re.search(r"[/?#]", host):
        raise refuse(("", "{reference} stands behind the domain: it is no part of it"))
    if len(filled) <= _SURE_TO_FIT:
        return link
    try:
        # the mask does not change the size; a given one saves trying all eight
        version = segno.make_qr(filled, error="m", boost_error=False, mask=0).version
    except segno.DataOverflowError:
        version = 41
    if isinstance(version, int) and version > MAX_QR_VERSION:
        size = f"version {version}" if version <= 40 else "more than any version"
        raise refuse(
            (
                "",
                f"too long: {len(filled)} bytes need a QR code of {size}; at most version "
                f"{MAX_QR_VERSION} fits (42 bytes, or 61 in capitals and digits)",
            )
        )
    return link


# --- what the file holds ----------------------------------------------------------------------


class Channel(Part):
    """A way to get a service done that is not the counter."""

    code: Code
    name: Annotated[LocalizedText, at_most(8, 24)]
    where: ShortName
    """Where a customer does it."""
    in_branch: StrictBool
    """A device that stands in the branch, so that it can be out of order or have a queue."""


class Need(Part):
    """Something a customer must have or bring."""

    code: Code
    name: ShortName


class Question(Part):
    """A question that decides between routes.

    A yes/no question bears the code of the need or property that it decides.
    """

    code: Code
    kind: Literal["yes_no", "amount"]
    text: Step
    help: Sentence | None = None
    yes: ShortName | None = None
    """What the two buttons say; none where an amount is asked."""
    no: ShortName | None = None

    @model_validator(mode="after")
    def _answered(self) -> "Question":
        found = [
            (f".{name}", reason)
            for name, answer in (("yes", self.yes), ("no", self.no))
            if (reason := _wrong_answer(self.kind, answer))
        ]
        if found:
            raise refuse(*found)
        return self


def _wrong_answer(kind: str, answer: LocalizedText | None) -> str:
    if kind == "yes_no" and answer is None:
        return "missing: what the button says"
    if kind == "amount" and answer is not None:
        return "leave it out: the amount bands are the answers"
    return ""


class Hours(Part):
    """When a route works, in the branch's local time."""

    opens: Annotated[time, Strict()]
    closes: Annotated[time, Strict()]

    @model_validator(mode="after")
    def _ordered(self) -> "Hours":
        if self.opens >= self.closes:
            raise refuse(("", f"opens at {self.opens}, which is not before {self.closes}"))
        return self


class Route(Part):
    """One service by one channel."""

    service: ServiceCode
    channel: ChannelCode
    rank: Count
    """1 is the best for most customers."""
    needs: tuple[NeedCode, ...] = ()
    """Shown to the customer; decided by the question of the same code if the service asks it."""
    not_for: tuple[QuestionCode, ...] = ()
    """Yes/no questions whose "yes" excludes this route."""
    max_amount: Fen | None = None
    """Fen, inclusive."""
    hours: Hours | None = None
    """None: always."""
    minutes_alone: Minutes
    minutes_helped: Minutes
    """The first time, with a member of staff beside the customer."""
    fees: Annotated[FeeBands, Field(min_length=1)]
    """A free route states its zero, with the source."""
    fee_note: Step | None = None
    """What the customer may pay beside the fee, to be shown with it."""
    steps: Annotated[tuple[Step, ...], Field(min_length=3, max_length=6)]
    link: Annotated[StrictStr, AfterValidator(_link)] | None = None
    safety: Sentence
    source: SourceCode

    def link_for(self, reference: str | None) -> str | None:
        """What the code opens for one customer, with the reference where the link carries it."""
        if reference is None or self.link is None:
            return self.plain_link
        return self.link.replace(REFERENCE, reference)

    @property
    def plain_link(self) -> str | None:
        """What it opens for everybody: what people compare with what their phone shows."""
        return _WITH_REFERENCE.sub("", self.link) if self.link is not None else None


class EntryOption(Part):
    """One of the answers that a field of kind `choice` has."""

    code: Code
    label: ShortName


class EntryField(Part):
    """Something a customer may fill in while waiting: a figure or a choice, never who they are."""

    code: Code
    kind: Literal["amount", "digits", "choice"]
    label: ShortName
    help: Step
    least: Fen | None = None
    """The smallest amount in fen, or the smallest number; with `most`, only where it is typed."""
    most: Fen | None = None
    options: tuple[EntryOption, ...] = ()
    """Only of a choice."""

    @model_validator(mode="after")
    def _can_be_asked(self) -> "EntryField":
        found = [*self._personal(), *self._wrong_bounds(), *self._wrong_options()]
        if found:
            raise refuse(*found)
        return self

    @property
    def is_typed(self) -> bool:
        """Whether it is typed, not chosen."""
        return self.kind != "choice"

    def takes(self, value: str) -> bool:
        """Whether a value is one that this field may have.

        Args:
            value: Fen or a number, as digits; the code of an option.
        """
        if not self.is_typed:
            return any(option.code == value for option in self.options)
        low, high = self.bounds
        return value.isascii() and value.isdigit() and low <= int(value) <= high

    @property
    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest value of a typed field."""
        return self.least or 0, self.most or 0

    def _personal(self) -> Iterator[tuple[str, str]]:
        told = "asks for what says who somebody is; nothing such is ever typed here"
        if word := code_asks_who(self.code):
            yield ".code", f'"{word}" {told}'
        for name, text in (("label", self.label), ("help", self.help)):
            for language in LANGUAGES:
                if word := asks_who(text.in_language(language), typed=self.is_typed):
                    yield f".{name}.{language}", f'"{word}" {told}'

    def _wrong_bounds(self) -> Iterator[tuple[str, str]]:
        for name, bound in (("least", self.least), ("most", self.most)):
            if self.is_typed and bound is None:
                yield f".{name}", "missing: what is typed has bounds"
            elif not self.is_typed and bound is not None:
                yield f".{name}", "leave it out: the options are the answers"
            elif self.kind == "amount" and bound is not None and bound % 100:
                yield f".{name}", f"{bound} fen is not whole yuan, and whole yuan are typed"
        if self.least is not None and self.most is not None and self.least > self.most:
            yield "", f"least {self.least} is above most {self.most}"
        highest = MAX_AMOUNT if self.kind == "amount" else MAX_DIGITS
        if self.is_typed and (self.most or 0) > highest:
            yield ".most", f"{self.most} is above {highest}: longer than what may be typed here"

    def _wrong_options(self) -> Iterator[tuple[str, str]]:
        count = len(self.options)
        if self.is_typed and count:
            yield ".options", "leave it out: the answer is typed"
        elif not self.is_typed and not 2 <= count <= MAX_OPTIONS:
            yield ".options", f"{count} options; a choice has 2 to {MAX_OPTIONS}"
        yield from _repeated(self.options, "options")


def _repeated(
    parts: Sequence[EntryOption] | Sequence[EntryField], noun: str
) -> Iterator[tuple[str, str]]:
    for code, times in Counter(part.code for part in parts).items():
        if times > 1:
            yield "", f'{times} {noun} have the code "{code}"'


def _distinct_fields(fields: tuple[EntryField, ...]) -> tuple[EntryField, ...]:
    if problems := list(_repeated(fields, "fields")):
        raise refuse(*problems)
    return fields


EntryFields = Annotated[
    tuple[EntryField, ...], AfterValidator(_distinct_fields), Field(max_length=MAX_FIELDS)
]


class Service(Part):
    """Something a customer comes for."""

    code: Code
    number: Count
    name: ServiceName
    spoken: Sentence
    """What the voice says for it."""
    move: Move
    minutes: Minutes
    """At the counter, without the wait."""
    queue: Annotated[QueueLetter, reference("queues", "queue")]
    bring: tuple[NeedCode, ...] = ()
    """What the counter asks for."""
    fees: FeeBands = ()
    """At the counter; none: not known, the teller says it."""
    fee_note: Step | None = None
    """What the customer may pay beside the fee, to be shown with it."""
    amount_bands: AmountBands = ()
    """Only where the amount changes a limit or a fee."""
    questions: Annotated[tuple[QuestionCode, ...], Field(max_length=4)] = ()
    """What may be asked, in this order; a customer meets two of them at most."""
    why_counter: Sentence | None = None
    """Why it cannot move, in one honest sentence."""
    fields: EntryFields = ()
    """What may be filled in while waiting, in the order of asking."""
    opens: Opens = ()
    """Products that a customer may read about and ask for here."""
    source: SourceCode


class Menu(Part):
    """One page of the choice of services."""

    code: Code
    name: MenuName
    hint: Hint
    services: Annotated[tuple[ServiceCode, ...], Field(min_length=1)]


class Queue(Part):
    """A line at the counters; its letter begins the ticket number."""

    letter: QueueLetter
    name: ShortName


class Reason(Part):
    """Something a customer may answer when asked why."""

    code: Code
    name: Annotated[LocalizedText, at_most(12, 32)]


class Catalog(Part):
    """Everything a terminal may offer, checked."""

    name: Annotated[StrictStr, Field(min_length=1)]
    version: Annotated[StrictStr, Field(min_length=1)]
    currency: Literal["CNY"] = "CNY"
    sources: dict[Code, Source]
    channels: tuple[Channel, ...]
    needs: tuple[Need, ...]
    questions: tuple[Question, ...]
    queues: tuple[Queue, ...]
    menus: tuple[Menu, ...]
    services: tuple[Service, ...]
    routes: tuple[Route, ...]
    decline_reasons: tuple[Reason, ...]
    failure_reasons: tuple[Reason, ...]
    demo_groups: Annotated[tuple[DemoGroup, ...], Field(max_length=MAX_DEMO_GROUPS)] = ()
    demos: tuple[Demo, ...] = ()
    """By their number."""
    products: tuple[Product, ...] = ()
    posters: tuple[Poster, ...] = ()
    poster_sets: tuple[PosterSet, ...] = ()
    objections: tuple[Objection, ...] = ()
    segments: Annotated[tuple[Segment, ...], Field(max_length=MAX_ON_DIGITS)] = ()
    bundles: Annotated[tuple[Bundle, ...], Field(max_length=MAX_ON_DIGITS)] = ()
    follow_up: FollowUpRules = FollowUpRules()
    piece_rates: PieceRates | None = None
    """None: nothing is paid by the piece."""

    @cached_property
    def _services(self) -> dict[str, Service]:
        return {service.code: service for service in self.services}

    @cached_property
    def _channels(self) -> dict[str, Channel]:
        return {channel.code: channel for channel in self.channels}

    @cached_property
    def _needs(self) -> dict[str, Need]:
        return {need.code: need for need in self.needs}

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {question.code: question for question in self.questions}

    @cached_property
    def _queues(self) -> dict[str, Queue]:
        return {queue.letter: queue for queue in self.queues}

    @cached_property
    def _demos(self) -> dict[str, Demo]:
        return {demo.code: demo for demo in self.demos}

    @cached_property
    def _products(self) -> dict[str, Product]:
        return {product.code: product for product in self.products}

    @cached_property
    def _segments(self) -> dict[str, Segment]:
        return {segment.code: segment for segment in self.segments}

    @cached_property
    def _bundles(self) -> dict[str, Bundle]:
        return {bundle.code: bundle for bundle in self.bundles}

    @cached_property
    def _objections(self) -> dict[str, Objection]:
        return {objection.code: objection for objection in self.objections}

    @cached_property
    def _routes(self) -> dict[str, tuple[Route, ...]]:
        ranked = sorted(self.routes, key=lambda route: route.rank)
        return {
            code: tuple(route for route in ranked if route.service == code)
            for code in self._services
        }

    @cached_property
    def release(self) -> str:
        """16 hex digits that change with the content and with nothing else."""
        content = json.dumps(
            self.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"), sort_keys=True
        )
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy that looks up its own content: what was worked out here does not go along."""
        copied = super().model_copy(update=update, deep=deep)
        for name in vars(copied).keys() - type(self).model_fields.keys():
            del vars(copied)[name]
        return copied

    def service(self, code: str) -> Service:
        """The service with this code, or KeyError."""
        return self._services[code]

    def channel(self, code: str) -> Channel:
        """The channel with this code, or KeyError."""
        return self._channels[code]

    def need(self, code: str) -> Need:
        """The need with this code, or KeyError."""
        return self._needs[code]

    def question(self, code: str) -> Question:
        """The question with this code, or KeyError."""
        return self._questions[code]

    def queue(self, letter: str) -> Queue:
        """The queue with this letter, or KeyError."""
        return self._queues[letter]

    def routes_of(self, service_code: str) -> tuple[Route, ...]:
        """The routes of a service, the best first; none if it cannot move."""
        return self._routes[service_code]

    def demo(self, code: str) -> Demo:
        """The demo with this code, or KeyError."""
        return self._demos[code]

    def demo_of(self, service: str, channel: str) -> Demo | None:
        """The demo of a service by a channel; None: there is none."""
        wanted = (service, channel)
        return next((demo for demo in self.demos if (demo.service, demo.channel) == wanted), None)

    def demos_in(self, group: str) -> tuple[Demo, ...]:
        """The demos of a group by their number; none of one that does not exist."""
        return tuple(demo for demo in self.demos if demo.group == group)

    def product(self, code: str) -> Product:
        """The product with this code, or KeyError."""
        return self._products[code]

    def objection(self, code: str) -> Objection:
        """The objection with this code, or KeyError."""
        return self._objections[code]

    def segment(self, code: str) -> Segment:
        """The segment with this code, or KeyError."""
        return self._segments[code]

    def segment_of(self, service: str) -> Segment | None:
        """The segment that who comes for a service is taken for; None: nobody can say."""
        return next((each for each in self.segments if service in each.services), None)

    def bundle(self, code: str) -> Bundle:
        """The bundle with this code, or KeyError."""
        return self._bundles[code]

    def posters_of(self, code: str) -> tuple[Poster, ...]:
        """The posters of a set, in its order.

        Args:
            code: Of the set; empty: no posters. Nobody chose the default one: it may be missing.

        Raises:
            KioskError: `posters_unknown`.
        """
        by_code = {poster.code: poster for poster in self.posters}
        for each in self.poster_sets:
            if each.code == code:
                return tuple(by_code[poster] for poster in each.posters)
        if code not in ("", DEFAULT_SET):
            known = ", ".join(each.code for each in self.poster_sets) or "-"
            raise KioskError("posters_unknown", set=code, known=known)
        return ()

    def counter_fee(self, service: Service | str, amount_band: str | None = None) -> Fee | None:
        """What the counter charges.

        Args:
            service: The service or its code.
            amount_band: The code of one of its amount bands; None: not known, so that the fee is
                a range if the bands differ.

        Returns:
            The fee, or None where the catalog states none.

        Raises:
            KeyError: The service or its amount band does not exist.
        """
        wanted = self.service(service) if isinstance(service, str) else service
        above, up_to = _amounts(wanted, amount_band)
        return _fee_between(wanted.fees, above, up_to) if wanted.fees else None

    def route_fee(self, route: Route, amount_band: str | None = None) -> Fee:
        """What a route charges; as `counter_fee`, but every route states its fee."""
        above, up_to = _amounts(self.service(route.service), amount_band)
        if amount_band is None and route.max_amount is not None:
            up_to = route.max_amount  # a larger amount cannot go this way: its fee is no news
        return _fee_between(route.fees, above, up_to)


def _amounts(service: Service, amount_band: str | None) -> tuple[int, int | None]:
    """The amounts of a band: above the first, up to the second."""
    if amount_band is None:
        return 0, None
    above = 0
    for band in service.amount_bands:
        if band.code == amount_band:
            return above, band.up_to
        above = band.up_to or 0
    raise KeyError(amount_band)
