"""What people come for, how long it takes, and what of it goes to e-channels."""

import math
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.services.catalog import Catalog
from kiosk.services.simulation.findings import Findings, Reason
from kiosk.services.simulation.intervals import (
    Bounds,
    Scale,
    Sums,
    over_days,
    root_of,
    share_over_days,
)
from kiosk.services.simulation.observed import CameIn, ObservedDay
from kiosk.services.simulation.scenario import Service

_FEWEST: Final = 30
"""Services, before anything is said of how long they take."""
_SHORTEST: Final = 1 / 6
"""Minutes: what is shorter was a press too many, not a service."""
_CATALOG_MINUTES: Final = 5.0
"""Of a service that the catalog has no more."""


@dataclass(frozen=True)
class Pace:
    """How tellers and days differ: variances of the logarithm of service times."""

    speed: float
    day: float

    @property
    def both(self) -> float:
        """Of a teller on a day."""
        return self.speed + self.day

    @property
    def mean(self) -> float:
        """By which services take longer on average, as lognormal factors do."""
        return math.exp(self.both / 2)


def served(day: ObservedDay) -> Iterator[tuple[CameIn, str, float]]:
    """Those who were served, with their counter and minutes of work."""
    for each in day.came:
        ticket = each.ticket
        if ticket is None or ticket.is_no_show or ticket.minutes is None or ticket.counter is None:
            continue
        if ticket.minutes >= _SHORTEST:
            yield each, ticket.counter, ticket.minutes


# --- tellers ----------------------------------------------------------------------------------


def fit_pace(days: Sequence[ObservedDay], findings: Findings) -> Pace:
    """How much faster or slower tellers are, and whole days.

    Two services of one teller and day share both factors, two of different tellers only the day's:
    the mean product of their logarithms, less what is usual for each service, is the variance of
    what they share.
    """
    sums: dict[str, list[float]] = {}
    for day in days:
        for came, _, minutes in served(day):
            of_service = sums.setdefault(came.service, [0.0, 0.0])
            of_service[0] += 1
            of_service[1] += math.log(minutes)
    usual = {service: total / count for service, (count, total) in sums.items()}
    parts = [_products(day, usual) for day in days]
    count = round(sum(each[0] for each in sums.values()))
    less = len(days) / max(1, len(days) - 1)  # the usual ones were taken from the same days
    of_days = over_days(parts, lambda sums: less * sums[2] / sums[3], Scale.POSITIVE)
    speed = over_days(
        parts, lambda sums: less * (sums[0] / sums[1] - sums[2] / sums[3]), Scale.POSITIVE
    )
    return Pace(
        findings.take("tellers.speed_sigma", root_of(speed), count, 0.0) ** 2,
        findings.take("tellers.day_sigma", root_of(of_days), count, 0.0) ** 2,
    )


def _products(day: ObservedDay, usual: Mapping[str, float]) -> Sums:
    """Sum and number of the products within tellers, and between the tellers of a day."""
    cells: dict[str, list[float]] = {}
    for came, counter, minutes in served(day):
        above = math.log(minutes) - usual[came.service]
        cell = cells.setdefault(counter, [0.0, 0.0, 0.0])
        cell[0] += 1
        cell[1] += above
        cell[2] += above * above
    counts = [cell[0] for cell in cells.values()]
    totals = [cell[1] for cell in cells.values()]
    squares = math.fsum(each * each for each in totals)
    squares_of_counts = math.fsum(each * each for each in counts)
    return (
        squares - math.fsum(cell[2] for cell in cells.values()),
        squares_of_counts - math.fsum(counts),
        math.fsum(totals) ** 2 - squares,
        math.fsum(counts) ** 2 - squares_of_counts,
    )


# --- services ---------------------------------------------------------------------------------


def fit_services(
    days: Sequence[ObservedDay], catalog: Catalog, pace: Pace, findings: Findings
) -> tuple[Service, ...]:
    """Every service that somebody came for, in the catalog's order."""
    counts = Tally(each.service for day in days for each in day.came)
    order = {each.code: place for place, each in enumerate(catalog.services)}
    codes = sorted(counts, key=lambda code: (order.get(code, len(order)), code))
    everybody = [len(day.came) for day in days]
    pooled = _spread_of(_logs(days, lambda _: True), pace)
    found = [
        _Fit(code, days, everybody, catalog, pace, findings).service(
            pooled.value if pooled else 0.6
        )
        for code in codes
    ]
    total = math.fsum(each.share for each in found)
    return tuple(each.model_copy(update={"share": each.share / total}) for each in found)


@dataclass(frozen=True)
class _Fit:
    """The fit of one service."""

    code: str
    days: Sequence[ObservedDay]
    everybody: Sequence[int]
    catalog: Catalog
    pace: Pace
    findings: Findings

    def service(self, usual_spread: float) -> Service:
        came = [[each for each in day.came if each.service == self.code] for day in self.days]
        count = sum(map(len, came))
        share = share_over_days(
            [(len(mine), all_) for mine, all_ in zip(came, self.everybody, strict=True)]
        )
        minutes, spread = self._minutes(usual_spread)
        return Service(
            code=self.code,
            group=self._queue(each for mine in came for each in mine),
            share=self.findings.take(self._name("share"), share, count, 0.0),
            minutes=minutes,
            spread=spread,
            **self._channel(came),
        )

    def _name(self, key: str) -> str:
        return f"services.{self.code}.{key}"

    def _queue(self, came: Iterable[CameIn]) -> str:
        """The catalog's, or where most of its tickets were."""
        for each in self.catalog.services:
            if each.code == self.code:
                return each.queue
        queues = Tally(each.ticket.queue for each in came if each.ticket is not None)
        return queues.most_common(1)[0][0] if queues else self.catalog.queues[0].letter

    def _minutes(self, usual_spread: float) -> tuple[float, float]:
        sums = [
            (math.fsum(minutes), float(len(minutes)))
            for minutes in (
                [minutes for came, _, minutes in served(day) if came.service == self.code]
                for day in self.days
            )
        ]
        count = round(sum(each[1] for each in sums))
        mean = spread = None
        if count >= _FEWEST:
            mean = over_days(sums, lambda sums: sums[0] / sums[1] / self.pace.mean, Scale.POSITIVE)
            spread = _spread_of(_logs(self.days, lambda came: came.service == self.code), self.pace)
        return (
            self.findings.take(self._name("minutes"), mean, count, self._catalog_minutes()),
            min(3.0, self.findings.take(self._name("spread"), spread, count, usual_spread)),
        )

    def _catalog_minutes(self) -> float:
        for each in self.catalog.services:
            if each.code == self.code:
                return max(0.5, (each.minutes.low + each.minutes.high) / 2)
        return _CATALOG_MINUTES

    def _channel(self, came: Sequence[Sequence[CameIn]]) -> dict[str, object]:
        """Of those who may be offered one: how many were, and how many of these went there."""
        others = [[each for each in mine if not each.is_priority] for mine in came]
        offered = [[each for each in mine if each.channel is not None] for mine in others]
        channels = Tally(each.channel for mine in offered for each in mine if each.accepted)
        channels = channels or Tally(each.channel for mine in offered for each in mine)
        if not channels:
            return {}
        [(channel, _)] = channels.most_common(1)
        shown = [(len(some), len(mine)) for some, mine in zip(offered, others, strict=True)]
        went = [(sum(each.accepted for each in some), len(some)) for some in offered]
        self.findings.assume(self._name("channel_minutes"), Reason.NOT_IN_EVENTS)
        return {
            "channel": channel,
            "channel_share": self.findings.take(
                self._name("channel_share"), share_over_days(shown), sum(map(len, others)), 0.0
            ),
            "acceptance": self.findings.take(
                self._name("acceptance"), share_over_days(went), sum(map(len, offered)), 0.0
            ),
            "channel_minutes": self._channel_minutes(channel),
        }

    def _channel_minutes(self, channel: str | None) -> float:
        for route in self.catalog.routes:
            if (route.service, route.channel) == (self.code, channel):
                return max(0.5, (route.minutes_alone.low + route.minutes_alone.high) / 2)
        return _CATALOG_MINUTES


def _logs(days: Sequence[ObservedDay], is_wanted: Callable[[CameIn], bool]) -> list[Sums]:
    """Number, sum and sum of squares of the logarithms of minutes."""
    found: list[Sums] = []
    for day in days:
        logs = [math.log(minutes) for came, _, minutes in served(day) if is_wanted(came)]
        found.append((float(len(logs)), math.fsum(logs), math.fsum(each * each for each in logs)))
    return found


def _spread_of(logs: Sequence[Sums], pace: Pace) -> Bounds | None:
    """Standard deviation over mean, as the simulation draws it: of a lognormal, without pace."""

    def spread(sums: Sums) -> float:
        count, total, squares = sums
        variance = (squares - total * total / count) / (count - 1) - pace.both
        return math.sqrt(math.expm1(max(0.0, variance)))

    return over_days(logs, spread, Scale.POSITIVE)
