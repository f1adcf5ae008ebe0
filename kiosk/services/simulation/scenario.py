"""A branch and its customers, as far as waits depend on them."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    Strict,
    model_validator,
)

from kiosk.services.catalog_parts import Code, Count, Part, Text, distinct, nearest, refuse

MOST_VARIANTS: Final = 5
"""Beside the scenario itself: more curves than six, nobody can tell apart."""
HALF_HOUR: Final = 30.0


def _minutes_of_day(value: object) -> object:
    if isinstance(value, time):
        if value.second or value.microsecond or value.tzinfo:
            raise refuse(("", "a time of day has hours and minutes, as 11:30:00"))
        return 60.0 * value.hour + value.minute
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(("", "must be a time of day without quotes, as 11:30:00"))
    return value


def _whole_minute(value: float) -> float:
    if value % 1:
        raise refuse(("", "a time of day has hours and minutes, as 11:30:00"))
    return value


def _time_of_day(minutes: float) -> time:
    hour, minute = divmod(int(minutes), 60)
    return time(hour, minute)


Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Moment = Annotated[
    Number,
    BeforeValidator(_minutes_of_day),
    Field(ge=0, lt=24 * 60),
    AfterValidator(_whole_minute),
    PlainSerializer(_time_of_day),
]
"""A time of day: minutes since midnight here, a local time in the file."""
Minutes = Annotated[Number, Field(gt=0, le=600)]
NoOrMoreMinutes = Annotated[Number, Field(ge=0, le=600)]
Share = Annotated[Number, Field(ge=0, le=1)]
Spread = Annotated[Number, Field(ge=0, le=3)]
"""Standard deviation over mean, or the sigma of a lognormal factor."""
Factor = Annotated[Number, Field(gt=0, le=10)]
Weight = Annotated[Number, Field(ge=0)]
Name = Annotated[Text, Field(max_length=40)]


class PlannedBreak(Part):
    """When a counter is left, as soon as the service that runs has ended."""

    start: Moment
    minutes: Minutes


class Arrivals(Part):
    """When people come, and how much days differ."""

    half_hours: Annotated[tuple[Weight, ...], Field(min_length=1)]
    """From the opening; only how they relate to each other counts."""
    weekdays: Annotated[tuple[Factor, ...], Field(min_length=1, max_length=7)] = (1.0,)
    """Each working day of a week beside the mean one, in their order."""
    day_spread: Spread = 0.0
    half_hour_spread: Spread = 0.0


class Service(Part):
    """What a walk-in may come for."""

    code: Code
    group: Code
    """The skill that a counter needs for it; services of one group are reported together."""
    share: Share
    """Of the walk-ins, before any diversion."""
    minutes: Minutes
    """At the counter, without the call and the way to it."""
    spread: Spread
    channel: Code | None = None
    """The e-channel that can do it; None: only the counter can."""
    channel_share: Share = 0.0
    """Of those who come for it: how many the e-channel can really finish it for."""
    acceptance: Share = 0.0
    """Of these: how many go there, when they are not of a priority class."""
    channel_minutes: NoOrMoreMinutes = 0.0
    """There, without its own queue."""

    @model_validator(mode="after")
    def _channel_whole(self) -> Self:
        if self.channel is None and (self.channel_share or self.acceptance or self.channel_minutes):
            raise refuse((".channel", "missing: which e-channel can do it"))
        if self.channel is not None and not self.channel_minutes:
            raise refuse((".channel_minutes", "missing: how long it takes there"))
        return self


class Counter(Part):
    """A counter with its teller."""

    name: Name
    skills: Annotated[tuple[Code, ...], Field(min_length=1), AfterValidator(distinct)]
    """Groups of services."""
    opens: Moment | None = None
    """None: with the branch."""
    closes: Moment | None = None
    """None: when everybody was served; else after the service that runs then."""
    breaks: tuple[PlannedBreak, ...] = ()


class Devices(Part):
    """Machines of an e-channel, which has a queue of its own; one without any has none."""

    channel: Code
    count: Count


class Customers(Part):
    """How people are."""

    priority_share: Share
    """Of those who may go ahead, as the elderly."""
    head_start: NoOrMoreMinutes
    """By which they count as come earlier."""
    priority_acceptance: Share
    """Their acceptance of an e-channel over that of the others."""
    come_back: Share
    """Of those who went to an e-channel: for how many it did not work."""
    call_gap: NoOrMoreMinutes
    """From the call until somebody stands at the counter."""
    no_show_at_once: Share
    """Of the tickets: whose customer is gone whenever they are called."""
    patience_median: Annotated[Number, Field(gt=0)]
    """Minutes after which a customer leaves in silence; lognormal."""
    patience_sigma: Spread
    no_show_minutes: Minutes
    """Three calls, and nobody comes."""


class Tellers(Part):
    """How those at the counters differ."""

    speed_sigma: Spread
    """Between tellers."""
    day_sigma: Spread
    """Between days, for all of them."""
    absences: Annotated[Number, Field(ge=0, le=20)]
    """Unplanned, a counter and day."""
    absence_minutes: Minutes


class PeakDays(Part):
    """Days unlike the others, as when pensions are paid."""

    every: Annotated[Count, Field(ge=2)]
    """10: one day in ten is."""
    walk_ins: Factor = 1.0
    """Times as many."""
    priority: Factor = 1.0
    """Times the usual share, up to nine in ten."""
    half_hours: tuple[Weight, ...] = ()
    """Factors on the usual half hours, from the opening; none: as usual."""
    services: Mapping[Code, Factor] = {}
    """Factors on the usual shares; those that are not named are as usual."""


class Variant(Part):
    """What would be different; what is left out stays as it is."""

    name: Name
    diversion: Share | None = None
    """Share of all walk-ins who need no ticket: all acceptances go up or down by one factor."""
    acceptance: Mapping[Code, Share] = {}
    """Of single services."""
    counters: Annotated[Count, Field(le=99)] | None = None
    """How many are open."""
    lunch_start: Moment | None = None
    """Of the first wave; the others follow as they did."""
    lunch_minutes: Minutes | None = None
    walk_ins: Factor = 1.0
    """Times as many."""


class Scenario(Part):
    """A branch, its customers, and what to compare it with."""

    name: Name
    opens: Moment
    closes: Moment
    """When the last ticket is issued; whoever has one is served."""
    walk_ins: Annotated[Number, Field(gt=0, le=10_000)]
    """Expected on a usual day."""
    assumptions: tuple[str, ...] = ()
    """What nobody measured here: `table.key`, or `table.code.key` for one service or counter."""
    arrivals: Arrivals
    services: Annotated[tuple[Service, ...], Field(min_length=1)]
    counters: Annotated[tuple[Counter, ...], Field(min_length=1)]
    devices: tuple[Devices, ...] = ()
    customers: Customers
    tellers: Tellers
    peak_days: PeakDays | None = None
    variants: Annotated[tuple[Variant, ...], Field(max_length=MOST_VARIANTS)] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Of the services, in the order in which they are first named."""
        return tuple(dict.fromkeys(each.group for each in self.services))

    def service(self, code: str) -> Service:
        """The service of a code."""
        return next(each for each in self.services if each.code == code)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        problems = [
            *_twice(self),
            *_hours(self),
            *_mix(self),
            *_unserved(self),
            *_unknown(self),
        ]
        if problems:
            raise refuse(*problems)
        return self


# --- what must fit together -------------------------------------------------------------------

Problems = Iterator[tuple[str, str]]
"""The key, and what is wrong there."""


def _twice(of: Scenario) -> Problems:
    named = {
        "services": [each.code for each in of.services],
        "counters": [each.name for each in of.counters],
        "devices": [each.channel for each in of.devices],
        "variants": [of.name, *(each.name for each in of.variants)],
    }
    for table, names in named.items():
        for name in dict.fromkeys(each for each in names if names.count(each) > 1):
            yield f".{table}", f'"{name}" stands here more than once'


def _hours(of: Scenario) -> Problems:
    if of.opens >= of.closes:
        yield ".closes", "must be later than opens"
        return
    count = -int((of.opens - of.closes) // HALF_HOUR)
    given = {"arrivals": of.arrivals.half_hours}
    if of.peak_days and of.peak_days.half_hours:
        given["peak_days"] = of.peak_days.half_hours
    for table, half_hours in given.items():
        if len(half_hours) != count:
            reason = f"from opens to closes there are {count} half hours, not {len(half_hours)}"
            yield f".{table}.half_hours", reason
        elif not any(half_hours):
            yield f".{table}.half_hours", "somebody must come"
    for counter in of.counters:
        yield from _counter_hours(counter, of)


def _counter_hours(counter: Counter, of: Scenario) -> Problems:
    key = f".counters.{counter.name}"
    opens = of.opens if counter.opens is None else counter.opens
    closes = of.closes if counter.closes is None else counter.closes
    if opens >= closes:
        yield f"{key}.closes", "must be later than it opens"
    free = opens
    for each in counter.breaks:
        if not free <= each.start < closes:
            yield f"{key}.breaks", "must lie in its hours, one after the other"
        free = each.start + each.minutes


def _mix(of: Scenario) -> Problems:
    total = sum(each.share for each in of.services)
    if abs(total - 1) > 0.001:
        yield ".services", f"the shares must add up to 1, not {total:.3f}"
    channels = {each.channel for each in of.services}
    for each in of.devices:
        if each.channel not in channels:
            yield f".devices.{each.channel}", "no service is done there"


def _unserved(of: Scenario) -> Problems:
    groups = of.groups
    for counter in of.counters:
        for skill in counter.skills:
            if skill not in groups:
                reason = f'there is no service group "{skill}"{nearest(skill, groups)}'
                yield f".counters.{counter.name}.skills", reason
    last = {skill for each in of.counters if stays(each, of) for skill in each.skills}
    for group in groups:
        if group not in last:
            yield ".counters", f'none that stays until closing can serve "{group}"'


def stays(counter: Counter, of: Scenario) -> bool:
    """Whether a counter serves until nobody waits any more."""
    return counter.closes is None or counter.closes >= of.closes


def _unknown(of: Scenario) -> Problems:
    codes = [each.code for each in of.services]
    named = {"peak_days.services": of.peak_days.services if of.peak_days else {}}
    named |= {f"variants.{each.name}.acceptance": each.acceptance for each in of.variants}
    for key, table in named.items():
        for code in table:
            if code not in codes:
                yield f".{key}", f'there is no service "{code}"{nearest(code, codes)}'
    for variant in of.variants:
        for code in variant.acceptance:
            if code in codes and of.service(code).channel is None:
                yield f".variants.{variant.name}.acceptance", f'no e-channel can do "{code}"'
    known = list(assumable(of))
    for name in of.assumptions:
        if name not in known:
            yield ".assumptions", f'there is no "{name}"{nearest(name, known)}'


def assumable(of: Scenario) -> Iterator[str]:
    """Whatever may stand in `assumptions`."""
    yield "walk_ins"
    tables: dict[str, type[Part]] = {
        "arrivals": Arrivals,
        "customers": Customers,
        "tellers": Tellers,
        "peak_days": PeakDays,
    }
    for table, model in tables.items():
        yield from (f"{table}.{key}" for key in model.model_fields)
    lists: dict[str, tuple[type[Part], list[str]]] = {
        "services": (Service, [each.code for each in of.services]),
        "counters": (Counter, [each.name for each in of.counters]),
        "devices": (Devices, [each.channel for each in of.devices]),
    }
    for table, (model, names) in lists.items():
        for key in list(model.model_fields)[1:]:  # not the name itself
            yield f"{table}.{key}"
            yield from (f"{table}.{name}.{key}" for name in names)
