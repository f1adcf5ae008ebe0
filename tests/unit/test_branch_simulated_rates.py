"""What more diversion does to a branch: the figures that were found once, found again."""

from dataclasses import dataclass
from math import hypot

import pytest
from branch_simulated import DEFAULT, scenario

from kiosk.services.simulation.comparison import Outcome, compare
from kiosk.services.simulation.measures import Interval, Measures

LOAD = 0.95
"""Of the counters in the default scenario."""


@dataclass(frozen=True)
class Row:
    """41.53 % → 56.3 % on the same walk-ins with six counters, in another simulation."""

    mean: tuple[float, float]
    p95: tuple[float, float]
    over_20: tuple[float, float]
    no_shows: tuple[float, float]
    change: Interval
    """Of the day's mean wait."""


FOUND = {
    0.85: Row((12.3, 6.3), (48.7, 33.2), (0.25, 0.11), (0.060, 0.043), Interval(-5.5, 0.6)),
    0.95: Row((19.5, 10.2), (62.4, 46.3), (0.40, 0.20), (0.091, 0.056), Interval(-8.8, 0.8)),
    1.05: Row((25.8, 13.3), (71.1, 53.3), (0.52, 0.26), (0.121, 0.067), Interval(-12.0, 0.8)),
}
"""By load, 225 usual days."""
PEAK = Row((48.3, 32.6), (115, 98), (0.74, 0.53), (0.27, 0.18), Interval(-15.7, 1.1))
"""25 pension days at the load of the default scenario."""


def test_more_diversion_does_what_it_did(*, is_long: bool) -> None:
    """Each within the 95 % intervals of both."""
    for load in FOUND if is_long else (LOAD,):
        of = scenario(walk_ins=DEFAULT.walk_ins * load / LOAD)
        before, after = compare(of, 250 if is_long else 100, seed=31).outcomes
        holds(FOUND[load], before.usual, after.usual, after)
        if load == LOAD:
            assert before.peak is not None
            assert after.peak is not None
            holds(PEAK, before.peak, after.peak, after)


def holds(row: Row, before: Measures, after: Measures, outcome: Outcome) -> None:
    change = outcome.usual_change if after is outcome.usual else outcome.peak_change
    assert change is not None
    assert change.mean_wait.margin is not None
    assert row.change.margin is not None
    both = hypot(change.mean_wait.margin, row.change.margin)
    assert change.mean_wait.mean == pytest.approx(row.change.mean, abs=both)
    for index, found in enumerate((before, after)):
        assert found.day_mean.margin is not None
        assert found.day_p95.margin is not None
        sure = 2**0.5 * found.day_mean.margin
        assert found.waits.mean == pytest.approx(row.mean[index], abs=sure)
        assert found.waits.p95 == pytest.approx(row.p95[index], abs=2**0.5 * found.day_p95.margin)
        # as far as the mean wait is open, so are these
        relative = sure / row.mean[index]
        assert found.waits.over_20 == pytest.approx(row.over_20[index], rel=relative)
        assert found.no_shows == pytest.approx(row.no_shows[index], rel=relative)


def test_the_shortcut_overstates_it() -> None:
    """A quarter fewer tickets of average work would help more than a quarter fewer quick ones."""
    counted = scenario(
        variants=[
            {"name": "56.3 %", "diversion": 0.563},
            {"name": "a quarter fewer of all", "walk_ins": 1 - 0.253},
        ]
    )
    base, diverting, fewer = (each.usual for each in compare(counted, 40, seed=31).outcomes)
    assert fewer.tickets == pytest.approx(diverting.tickets, rel=0.03)
    true, claimed = (1 - each.waits.mean / base.waits.mean for each in (diverting, fewer))
    assert claimed > 1.2 * true
