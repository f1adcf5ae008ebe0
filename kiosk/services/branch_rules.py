"""What a branch has configured, as far as its waits depend on it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from kiosk.config import Config, PlannedBreak
from kiosk.models import Priority
from kiosk.services.branch_state import BranchDay
from kiosk.services.catalog import Catalog
from kiosk.services.queue_order import CallingOrder
from kiosk.services.waiting.setup import ServiceSetup, Setup
from kiosk.services.waiting.state import Break, HeadStarts

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class BranchRules:
    """What a branch has configured, as far as waits depend on it."""

    catalog: Catalog
    order: CallingOrder
    zone: ZoneInfo
    usual_counters: int
    """How many are open, until counters report."""
    peak_days: Collection[int] = ()
    """Days of the month that are unlike the others."""
    breaks: Collection[PlannedBreak] = ()

    @classmethod
    def configured(cls, config: Config, catalog: Catalog) -> "BranchRules":
        """As the configuration, with what the branch has set, says."""
        return cls(
            catalog,
            CallingOrder.configured(config.queue.head_start),
            config.zone,
            config.branch.counters,
            config.queue.peak_days,
            config.queue.breaks,
        )

    def day(self, on: date) -> BranchDay:
        """What holds on a business day."""
        midnight = self._moment(on, time())
        return BranchDay(
            on,
            midnight,
            self.setup,
            self._classes,
            frozenset(each.letter for each in self.catalog.queues),
            is_peak=on.day in self.peak_days,
            breaks=self._breaks(on, midnight),
        )

    def _breaks(self, on: date, midnight: datetime) -> dict[int, tuple[Break, ...]]:
        """By counter, in the order of their start."""
        found: dict[int, tuple[Break, ...]] = {}
        for each in sorted(self.breaks, key=lambda each: each.start):
            start, end = self._moment(on, each.start), self._moment(on, each.end)
            planned = Break((start - midnight) / _MINUTE, (end - start) / _MINUTE)
            found[each.counter] = (*found.get(each.counter, ()), planned)
        return found

    def _moment(self, on: date, at: time) -> datetime:
        return datetime.combine(on, at, self.zone).astimezone(UTC)

    @cached_property
    def _classes(self) -> dict[Priority, int]:
        """Classes that go ahead, by a number each."""
        ahead = [each for each in Priority if self.order.head_start.get(each, 0) > 0]
        return {each: number for number, each in enumerate(ahead, 1)}

    @cached_property
    def setup(self) -> Setup:
        """Minutes by service, and the order of calling."""
        minutes = {
            number: float(self.order.head_start[each]) for each, number in self._classes.items()
        }
        services = {
            each.code: ServiceSetup((each.minutes.low + each.minutes.high) / 2)
            for each in self.catalog.services
        }
        return Setup(services, HeadStarts(minutes))
