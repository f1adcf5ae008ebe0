"""A scenario from a branch's own events, with how sure each value is and what nobody measured.

What no event tells keeps the default scenario's value, or the catalog's, and stands in the
scenario's `assumptions`. How the calling goes, what counters can do and how many machines there
are is the branch's configuration.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, select

from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Counter as CounterRow
from kiosk.models.tables import table_of
from kiosk.services.catalog import Catalog
from kiosk.services.demos_report import Days
from kiosk.services.simulation.findings import (
    Assumed,
    Estimate,
    Findings,
    OnDay,
    Reason,
    rounded,
)
from kiosk.services.simulation.fit_arrivals import Hours, fit_arrivals, hours_of
from kiosk.services.simulation.fit_counters import (
    absences_a_day,
    fit_counters,
    serving_everything,
)
from kiosk.services.simulation.fit_customers import fit_customers
from kiosk.services.simulation.fit_peak import fit_peak
from kiosk.services.simulation.fit_services import fit_pace, fit_services
from kiosk.services.simulation.observed import ObservedDay, observed_days
from kiosk.services.simulation.scenario import (
    Counter,
    Devices,
    PlannedBreak,
    Scenario,
    Service,
    Tellers,
)
from kiosk.services.simulation.scenario_file import default_scenario

FEWEST_DAYS: Final = 5
"""With customers, from which anything is estimated."""
_OPEN: Final = 0.5
"""A weekday is one of the branch's when it was open on so many of them."""
_COUNTER = table_of(CounterRow)


@dataclass(frozen=True)
class Fitted:
    """What a branch's days say."""

    scenario: Scenario
    days: int
    """With customers, on the branch's weekdays."""
    left_out_days: int
    """With customers, on other ones: they are in no figure."""
    estimates: tuple[Estimate, ...]
    assumed: tuple[Assumed, ...]
    configured: tuple[str, ...]
    """Values that the branch's configuration says."""
    weekdays: tuple[int, ...]
    """On which the branch is open; 0 is Monday."""
    diverted: tuple[int, int]
    """Walk-ins who needed no ticket, and all of them."""


def fit(
    database: Database, settings: Config, catalog: Catalog, days: Days, on_day: OnDay
) -> Fitted:
    """Fit a scenario to a branch's days.

    Args:
        database: The branch database.
        settings: What holds in the branch.
        catalog: The branch's.
        days: From which; those without a customer count for nothing.
        on_day: Is told of each day that was read; whatever it raises breaks the fit off.

    Raises:
        KioskError: `fit_too_few_days`, or what keeps the database from being read.
    """
    branch, read = settings.branch.code, []
    wanted = [days.first + timedelta(n) for n in range((days.last - days.first).days + 1)]
    with database.read() as connection:
        queues = _queues(connection, branch)
        for day in observed_days(connection, branch, settings.zone, wanted):
            read.append(day)
            on_day(len(read), len(wanted))
    return fit_days(read, settings, catalog, queues)


def fit_days(
    read: Sequence[ObservedDay],
    settings: Config,
    catalog: Catalog,
    queues: dict[str, tuple[str, ...] | None],
) -> Fitted:
    """Fit a scenario to days that were read.

    Args:
        read: All days from the first to the last.
        settings: What holds in the branch.
        catalog: The branch's.
        queues: The letters that each counter calls; None: all.

    Raises:
        KioskError: `fit_too_few_days`.
    """
    weekdays = _weekdays(read)
    with_people = [day for day in read if day.came]
    of_weekdays = [day for day in with_people if day.on.weekday() in weekdays]
    peaks = [day for day in of_weekdays if day.on.day in settings.queue.peak_days]
    usual = [day for day in of_weekdays if day not in peaks]
    if len(usual) < FEWEST_DAYS:
        raise KioskError("fit_too_few_days", days=len(usual), least=FEWEST_DAYS)
    findings, hours = Findings(), hours_of(usual)
    walk_ins, arrivals, expected = fit_arrivals(usual, hours, weekdays, findings)
    pace = fit_pace(of_weekdays, findings)
    services = fit_services(usual, catalog, pace, findings)
    customers = fit_customers(usual, settings.queue.head_start.senior, findings)
    counters, tellers = _counters(of_weekdays, services, settings, queues, hours, findings)
    peak_days = fit_peak(peaks, usual, hours, expected, findings)
    devices = _devices(settings, services)
    named = f"{settings.branch.code} {read[0].on}/{read[-1].on}"
    scenario = Scenario(
        name=named,
        opens=hours.opens,
        closes=hours.closes,
        walk_ins=walk_ins,
        arrivals=arrivals,
        services=services,
        counters=counters,
        devices=devices,
        customers=customers,
        tellers=tellers.model_copy(
            update={"speed_sigma": rounded(pace.speed**0.5), "day_sigma": rounded(pace.day**0.5)}
        ),
        peak_days=peak_days,
        assumptions=tuple(each.name for each in findings.assumed),
    )
    everybody = [each for day in of_weekdays for each in day.came]
    return Fitted(
        scenario,
        len(of_weekdays),
        len(with_people) - len(of_weekdays),
        tuple(findings.estimates),
        tuple(findings.assumed),
        (
            "customers.head_start",
            "counters.skills",
            *(["devices.count"] if devices else []),
            *(["peak_days.every"] if peak_days else []),
        ),
        tuple(weekdays),
        (sum(each.ticket is None for each in everybody), len(everybody)),
    )


def _weekdays(read: Sequence[ObservedDay]) -> list[int]:
    """On which the branch usually has customers."""
    all_of = Tally(day.on.weekday() for day in read)
    with_people = Tally(day.on.weekday() for day in read if day.came)
    return [each for each in sorted(all_of) if with_people[each] >= _OPEN * all_of[each]]


# --- counters and machines --------------------------------------------------------------------


def _queues(connection: Connection, branch: str) -> dict[str, tuple[str, ...] | None]:
    rows = connection.execute(
        select(_COUNTER.c.number, _COUNTER.c.queues).where(_COUNTER.c.branch == branch)
    )
    return {str(number): None if letters is None else tuple(letters) for number, letters in rows}


def _counters(
    days: Sequence[ObservedDay],
    services: Sequence[Service],
    settings: Config,
    queues: dict[str, tuple[str, ...] | None],
    hours: Hours,
    findings: Findings,
) -> tuple[tuple[Counter, ...], Tellers]:
    groups = tuple(dict.fromkeys(each.group for each in services))
    usual = default_scenario().tellers
    skills = {name: _skills(queues.get(name), groups) for day in days for name in day.counters}
    counters, absences = fit_counters(days, skills, hours, findings)
    if not counters:
        findings.assume("counters.opens", Reason.NO_COUNTERS)
        findings.assume("counters.breaks", Reason.NO_COUNTERS)
        counters = tuple(
            Counter(name=str(number), skills=groups, breaks=_configured_breaks(number, settings))
            for number in range(1, settings.branch.counters + 1)
        )
    counters = serving_everything(counters, groups, hours, findings)
    a_day, minutes = absences_a_day(absences, hours, usual.absence_minutes, findings)
    tellers = usual.model_copy(update={"absences": a_day, "absence_minutes": minutes})
    return counters, tellers


def _skills(queues: tuple[str, ...] | None, groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in groups if queues is None or each in queues)


def _configured_breaks(number: int, settings: Config) -> tuple[PlannedBreak, ...]:
    return tuple(
        PlannedBreak(
            start=60.0 * each.start.hour + each.start.minute,
            minutes=60.0 * (each.end.hour - each.start.hour) + each.end.minute - each.start.minute,
        )
        for each in sorted(settings.queue.breaks, key=lambda each: each.start)
        if each.counter == number
    )


def _devices(settings: Config, services: Sequence[Service]) -> tuple[Devices, ...]:
    channels = {each.channel for each in services}
    return tuple(
        Devices(channel=each.channel, count=each.count)
        for each in settings.branch.machines
        if each.channel in channels
    )
