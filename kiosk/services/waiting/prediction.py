"""From the roll-forward to quantiles that keep their word."""

from dataclasses import dataclass, replace

from kiosk.services.waiting.calibration import (
    LEVELS,
    Cell,
    Quantiles,
    Step,
    calibrated,
    cells_of,
)
from kiosk.services.waiting.learned import Learned
from kiosk.services.waiting.roll import RolledWait, roll_forward
from kiosk.services.waiting.service_time import gamma_quantile
from kiosk.services.waiting.setup import Setup
from kiosk.services.waiting.state import Queued, QueueState

_MODEL_SPREAD = 0.14
"""Of the predicted wait: what the roll-forward can't know even when its means are right."""
_MEANS_SPREAD = 0.2
"""Error of configured means over themselves, as long as nothing was learned."""
_MEANS_LEARNED = 200.0
"""Observations that halve the variance of that."""
_MOST_VARIANCE = 2.0
"""Of the mean's square: more would put most of a short wait at nothing at all."""


@dataclass(frozen=True)
class Prediction:
    """How long a customer will wait for the call, in minutes from now."""

    mean: float
    """As rolled forward, before the calibration."""
    low: float
    """1 of 10 is called earlier."""
    median: float
    high: float
    """1 of 10 is called later."""
    ahead: int
    """Tickets that are called earlier, at a counter that may serve the customer."""
    steps: tuple[Step, ...]
    """How it was calibrated; once the customer is called, it teaches the cells. None: no wait."""

    @property
    def is_free(self) -> bool:
        """Whether a counter can call the customer now."""
        return self.mean == 0


def predict(
    state: QueueState, customer: Queued, learned: Learned, setup: Setup
) -> Prediction | None:
    """Predict a customer's wait.

    With nothing learned it is the roll-forward with the configured minutes, and wider.

    Args:
        state: The queue; the customer may stand in it or not yet.
        customer: Whose wait is asked for.
        learned: From before.
        setup: As configured.

    Returns:
        None where no counter will ever call the customer, as far as is known: then only people can
        be counted.
    """
    rolled = roll_forward(state, customer, learned, setup)
    if rolled is None:
        return None
    if rolled.mean == 0:
        return Prediction(0.0, 0.0, 0.0, 0.0, rolled.ahead, ())
    names = cells_of(rolled.mean, customer.priority, customer.needs, is_peak_day=state.is_peak_day)
    quantiles, steps = calibrated(_raw(rolled, learned), names, learned.cells)
    return Prediction(rolled.mean, *quantiles, rolled.ahead, steps)


def _raw(rolled: RolledWait, learned: Learned) -> Quantiles:
    means = _MEANS_SPREAD**2 * _MEANS_LEARNED / (_MEANS_LEARNED + learned.observations)
    square = rolled.mean * rolled.mean
    variance = rolled.variance + (_MODEL_SPREAD**2 + means) * square
    variance = min(variance, _MOST_VARIANCE * square)
    low, median, high = (gamma_quantile(rolled.mean, variance, level) for level in LEVELS)
    return low, median, high


def after_call(learned: Learned, prediction: Prediction, waited: float) -> Learned:
    """Learn from a customer who was called, or whose number was, how their prediction came true.

    Args:
        learned: From before.
        prediction: That of the ticket's issue.
        waited: Minutes from the issue to the first call; known of no-shows too.
    """
    if prediction.is_free:
        return learned
    cells = dict(learned.cells)
    for step in prediction.steps:
        cells[step.cell] = cells.get(step.cell, Cell()).after(step.before, waited)
    return replace(learned, observations=learned.observations + 1, cells=cells)
