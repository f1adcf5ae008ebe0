"""How far a branch and its people are with their targets, and where that leads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from kiosk.services.demos_report import Days
from kiosk.services.percent import percent
from kiosk.services.staff.open_days import OpenDays, days_of
from kiosk.services.target_list import BY_HAND, Target, TargetList

CountOf = Callable[[Target, Days], int | None]
"""What was reached of a target within some days, counted from what is recorded; None: nobody
can say it."""


@dataclass(frozen=True)
class Progress:
    """One target: what was reached of it, and what is to be expected."""

    target: Target
    actual: Decimal | None
    """In the target's unit; None: nobody has said it, or no journal proves anything."""
    open_so_far: int
    """Open days of the period until today, today included."""
    open_days: int
    """Open days of the whole period."""

    @property
    def completion(self) -> Decimal | None:
        """Actual / target, in percent to two decimals."""
        return None if self.actual is None else percent(self.actual, self.target.value)

    @property
    def due(self) -> Decimal | None:
        """The part of the target that belongs to the open days so far; None: it is never open."""
        if not self.open_days:
            return None
        return _rounded(self.target.value * self.open_so_far / self.open_days)

    @property
    def forecast(self) -> Decimal | None:
        """Actual / open days so far × open days of the period; None before the first of them."""
        if self.actual is None or not self.open_so_far:
            return None
        return _rounded(self.actual * self.open_days / self.open_so_far)

    @property
    def forecast_completion(self) -> Decimal | None:
        """The forecast / target, in percent; it is the actual / what is due, too."""
        if self.actual is None:
            return None
        # with products on both sides nothing is rounded twice
        return percent(self.actual * self.open_days, self.target.value * self.open_so_far)


def progress(
    listed: TargetList, count: CountOf, open_days: OpenDays, today: date
) -> tuple[Progress, ...]:
    """How far each target is, in the order of the list.

    Args:
        listed: The targets, and the actuals that somebody has said.
        count: Counts what is recorded.
        open_days: Of the branch.
        today: Its business day.
    """
    return tuple(_progress(each, listed, count, open_days, today) for each in listed.targets)


def _progress(
    target: Target, listed: TargetList, count: CountOf, open_days: OpenDays, today: date
) -> Progress:
    days = days_of(target.period)
    if target.metric in BY_HAND:
        said = listed.actual_of(target)
        actual = None if said is None else said.value
    else:
        counted = count(target, days)
        actual = None if counted is None else Decimal(counted)
    so_far = Days(days.first, min(days.last, today))
    return Progress(target, actual, open_days.count(so_far), open_days.count(days))


def running(listed: TargetList, today: date) -> TargetList:
    """The targets whose period holds a day."""
    return listed.model_copy(update={"targets": tuple(_holding(listed.targets, today))})


def _holding(targets: Iterable[Target], today: date) -> Iterable[Target]:
    for each in targets:
        days = days_of(each.period)
        if days.first <= today <= days.last:
            yield each


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
