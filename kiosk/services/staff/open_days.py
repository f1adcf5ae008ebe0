"""On which days a branch is open: a year's target is spread over them."""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from kiosk.config import WEEKDAYS, Config
from kiosk.services.demos_report import Days


@dataclass(frozen=True)
class OpenDays:
    """The weekdays on which a branch opens, and the dates on which it does not."""

    weekdays: Collection[int] = range(7)
    """0: Monday."""
    closed_on: Collection[date] = ()

    @classmethod
    def configured(cls, config: Config) -> "OpenDays":
        """As the configuration, with what the branch has set, says."""
        weekdays = [WEEKDAYS.index(day) for day in config.branch.open_days]
        return cls(weekdays, config.branch.closed_on)

    def is_open(self, day: date) -> bool:
        """Whether the branch is open on a day."""
        return day.weekday() in self.weekdays and day not in self.closed_on

    def count(self, days: Days) -> int:
        """How many of some days the branch is open on; both ends included."""
        span = range((days.last - days.first).days + 1)
        return sum(self.is_open(days.first + timedelta(days=number)) for number in span)


def days_of(period: str) -> Days:
    """The days of a year, a quarter or a month: `2026`, `2026-Q4`, `2026-11`."""
    year, _, part = period.partition("-")
    first_month, months = 1, 12
    if part.startswith("Q"):
        first_month, months = 3 * int(part[1]) - 2, 3
    elif part:
        first_month, months = int(part), 1
    last_month = first_month + months - 1
    last_day = calendar.monthrange(int(year), last_month)[1]
    return Days(date(int(year), first_month, 1), date(int(year), last_month, last_day))
