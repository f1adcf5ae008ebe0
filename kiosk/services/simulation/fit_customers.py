"""Who goes ahead, who comes back from an e-channel, and who is not there when called."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from kiosk.services.simulation.findings import Findings, Reason
from kiosk.services.simulation.intervals import Bounds, Scale, over_days, share_over_days
from kiosk.services.simulation.observed import AtCounter, ObservedDay
from kiosk.services.simulation.patience import fit_patience, gathered
from kiosk.services.simulation.scenario import Customers
from kiosk.services.simulation.scenario_file import default_scenario

_AT_ONCE: Final = 10.0
"""Minutes in which hardly anybody loses patience."""


def fit_customers(days: Sequence[ObservedDay], head_start: float, findings: Findings) -> Customers:
    """How people are.

    Args:
        days: Usual days.
        head_start: As it is configured.
        findings: Get what is found.
    """
    usual = default_scenario().customers
    ahead = [(sum(each.is_priority for each in day.came), len(day.came)) for day in days]
    went = [[each for each in day.came if each.accepted and not each.is_priority] for day in days]
    back = [(sum(each.came_back for each in some), len(some)) for some in went]
    tickets = [[each.ticket for each in day.came if each.ticket is not None] for day in days]
    findings.assume("customers.priority_acceptance", Reason.OFFERED_NOTHING)
    gone, median, sigma = _patience(tickets, usual, findings)
    gap = _mean(tickets, lambda ticket: ticket.gap)
    vain = _mean(tickets, lambda ticket: ticket.minutes if ticket.is_no_show else None)
    return Customers(
        priority_share=findings.take(
            "customers.priority_share",
            share_over_days(ahead),
            sum(count for _, count in ahead),
            usual.priority_share,
        ),
        head_start=float(head_start),
        priority_acceptance=0.0,
        come_back=findings.take(
            "customers.come_back", share_over_days(back), sum(map(len, went)), usual.come_back
        ),
        call_gap=findings.take("customers.call_gap", *gap, usual.call_gap),
        no_show_at_once=gone,
        patience_median=median,
        patience_sigma=sigma,
        no_show_minutes=findings.take("customers.no_show_minutes", *vain, usual.no_show_minutes),
    )


def _mean(
    tickets: Sequence[Sequence[AtCounter]], minutes: Callable[[AtCounter], float | None]
) -> tuple[Bounds | None, int]:
    """Of what is known, and of how many."""
    known = [[each for each in map(minutes, some) if each is not None] for some in tickets]
    sums = [(math.fsum(some), float(len(some))) for some in known]
    mean = over_days(sums, lambda sums: sums[0] / sums[1], Scale.POSITIVE)
    return mean, sum(map(len, known))


def _patience(
    tickets: Sequence[Sequence[AtCounter]], usual: Customers, findings: Findings
) -> tuple[float, float, float]:
    calls = [
        [
            (each.waited, each.is_no_show)
            for each in some
            if each.waited is not None and each.minutes is not None
        ]
        for some in tickets
    ]
    count = sum(map(len, calls))
    start = usual.no_show_at_once, usual.patience_median, usual.patience_sigma
    found = fit_patience(gathered(each for some in calls for each in some), start)
    if found is None:
        soon = [[missed for waited, missed in some if waited < _AT_ONCE] for some in calls]
        at_once = share_over_days([(sum(some), len(some)) for some in soon])
        gone = findings.take(
            "customers.no_show_at_once", at_once, sum(map(len, soon)), usual.no_show_at_once
        )
        findings.assume("customers.patience_median", Reason.WAITS_TOO_SHORT)
        findings.assume("customers.patience_sigma", Reason.WAITS_TOO_SHORT)
        return gone, usual.patience_median, usual.patience_sigma
    return (
        findings.take("customers.no_show_at_once", found.gone, count, 0.0),
        findings.take("customers.patience_median", found.median, count, 0.0),
        min(3.0, findings.take("customers.patience_sigma", found.sigma, count, 0.0)),
    )
