"""What a day that is over teaches: from its events alone, and always the same."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from support import SHANGHAI, default_rules

from kiosk.models import Priority
from kiosk.services.branch_state import BranchDay
from kiosk.services.learned_day import Happened, learn_from
from kiosk.services.waiting.learned import Learned, dump

DAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
CASH, CARD = "large_withdrawal", "card_replace"
RULES = default_rules()


def day_of(on: date = DAY) -> BranchDay:
    return RULES.day(on)


@dataclass
class Day:
    """Events as they are told, one after the other."""

    events: list[Happened] = field(default_factory=list)
    minute: float = 0.0

    def at(self, minute: float) -> "Day":
        self.minute = minute
        return self

    def counter(self, stage: str, number: int = 1, minutes: float | None = None) -> "Day":
        return self._add(stage=stage, counter=number, staff=f"s{number}", minutes=minutes)

    def issue(
        self, ticket: int, service: str = CASH, priority: Priority = Priority.NORMAL
    ) -> "Day":
        return self._add(
            stage="issued", ticket=UUID(int=ticket), queue="A", service=service, priority=priority
        )

    def step(self, stage: str, ticket: int, number: int = 1, **rest: object) -> "Day":
        return self._add(
            stage=stage, ticket=UUID(int=ticket), counter=number, staff=f"s{number}", queue="A",
            **rest,
        )  # fmt: skip

    def _add(self, **rest: object) -> "Day":
        at = NINE + timedelta(minutes=self.minute)
        self.events.append(Happened(at=at, **rest))  # type: ignore[arg-type]
        return self

    def learned(self, morning: Learned | None = None) -> Learned:
        return learn_from(self.events, morning or Learned(), day_of(), {})


def minutes_of(learned: Learned, service: str = CASH) -> float:
    """What one observation beside the catalog's says of a service, taken apart again."""
    known = learned.minutes[service]
    return 16 * known.value - 15 * RULES.setup.minutes_of(service)


def calibrated(learned: Learned) -> int:
    """How many predictions came true or not."""
    return max((len(each.ratios) for each in learned.cells.values()), default=0)


def one_waits() -> Day:
    """A counter is busy for ten minutes; the second ticket waits for it."""
    day = Day().counter("opened").issue(1).step("called", 1).step("started", 1)
    return day.at(1).issue(2).at(10).step("finished", 1).step("called", 2)


def test_a_service_lasts_from_its_call_to_its_finish() -> None:
    assert minutes_of(one_waits().learned()) == pytest.approx(10)


def test_time_on_hold_is_not_the_counter_s() -> None:
    day = Day().counter("opened").issue(1).step("called", 1)
    day.at(4).step("held", 1).at(20).step("resumed", 1, 2).at(23).step("finished", 1, 2)
    assert minutes_of(day.learned()) == pytest.approx(7)


def test_what_is_sent_on_teaches_where_it_is_finished() -> None:
    day = Day().counter("opened").counter("opened", 2).issue(1).step("called", 1)
    day.at(2).step("transferred", 1, wanted_counter=2)
    assert day.learned().minutes == {}
    day.at(9).step("called", 1, 2).at(14).step("finished", 1, 2)
    assert minutes_of(day.learned()) == pytest.approx(5)


def test_a_no_show_teaches_its_chance_and_what_the_empty_call_cost() -> None:
    learned = one_waits().at(12).step("recalled", 2).at(13).step("no_show", 2).learned()
    assert learned.no_show_chances[0].value > Learned().no_show_chances[0].value
    assert learned.no_show_minutes is not None
    assert learned.no_show_minutes.value == pytest.approx((15 * 0.8 + 3) / 16)


def test_a_prediction_is_held_against_the_first_call_once() -> None:
    day = one_waits()
    assert calibrated(day.learned()) == 1
    day.at(12).step("no_show", 2).at(30).step("requeued", 2).at(50).step("called", 2)
    assert calibrated(day.learned()) == 1


def test_who_was_never_called_teaches_nothing_about_waiting() -> None:
    day = Day().counter("opened").issue(1).step("called", 1).at(1).issue(2).at(500)
    day.events.append(Happened(NINE + timedelta(minutes=500), "expired", UUID(int=2)))
    assert calibrated(day.learned()) == 0


def test_what_nobody_could_predict_is_not_held_against_anything() -> None:
    """Tickets were taken before the first counter opened."""
    day = Day().issue(1).issue(2).at(5).counter("opened").step("called", 1)
    day.at(9).step("finished", 1).step("called", 2)
    assert calibrated(day.learned()) == 0
    assert day.learned().shares[CASH] > 0


def ratio(day: Day) -> float:
    """How the newest wait came true, over its P90."""
    [kind] = [cell for name, cell in day.learned().cells.items() if not name.startswith("needs")]
    return kind.ratios[-1][2]


def test_the_replay_sees_what_a_terminal_saw() -> None:
    """Each counter that could call sooner makes the same wait a longer one than was expected."""

    def waits(*counters: tuple[str, float | None]) -> Day:
        day = Day().counter("opened").issue(1).step("called", 1)
        for number, (stage, minutes) in enumerate(counters, 2):
            day.counter("opened", number).counter(stage, number, minutes)
        return day.at(1).issue(2).at(10).step("finished", 1).step("called", 2)

    alone = ratio(waits())
    assert ratio(waits(("closed", None))) == alone
    long, short = (ratio(waits(("break_started", minutes))) for minutes in (60.0, 3.0))
    assert short > long >= alone
    assert calibrated(waits(("break_ended", None)).learned()) == 0  # a free counter: no wait


def test_the_replay_knows_how_long_the_services_of_the_day_had_taken() -> None:
    def after_services_of(minutes: float) -> Day:
        day = Day()
        for ticket in range(10, 40):
            day.issue(ticket)
        day.counter("opened")  # nothing was predicted before
        for ticket in range(10, 40):
            day.step("called", ticket).at(day.minute + minutes).step("finished", ticket)
        day.issue(1).step("called", 1).at(day.minute + 1).issue(2)
        return day.at(day.minute + 9).step("finished", 1).step("called", 2)

    assert ratio(after_services_of(20)) < ratio(after_services_of(5))


def test_sent_on_tickets_wait_for_their_counter_alone() -> None:
    def waits(**destination: object) -> Day:
        day = Day().counter("opened").counter("opened", 2).issue(1).step("called", 1)
        day.issue(3).step("called", 3, 2).at(1).step("transferred", 3, 2, **destination)
        day.issue(4).step("called", 4, 2).at(2).issue(2)
        return day.at(10).step("finished", 1).step("called", 2)

    for_2 = ratio(waits(wanted_counter=2))
    assert ratio(waits(wanted_staff="s2")) == for_2
    assert ratio(waits(wanted_staff="nobody")) != for_2
    assert ratio(waits()) < for_2  # whom any counter may call, counter 1 calls first


def a_busy_day(seed: int, *, pace: float = 1.0) -> list[Happened]:
    """Two counters, first come first served; services take 6 minutes, some nobody comes to."""
    chance = random.Random(seed)
    day = Day().counter("opened", 1).counter("opened", 2)
    free = [0.0, 0.0]
    arrival = 0.0
    for ticket in range(1, 91):
        arrival += chance.expovariate(1 / 3.2)
        priority = Priority.SENIOR if ticket % 7 == 0 else Priority.NORMAL
        day.at(arrival).issue(ticket, CARD if ticket % 5 == 0 else CASH, priority)
        number = free.index(min(free))
        call = max(arrival, free[number])
        end = call + (0.9 if ticket % 20 == 0 else pace * chance.gammavariate(4, 1.5))
        free[number] = end
        day.at(call).step("called", ticket, number + 1)
        day.at(end).step("no_show" if ticket % 20 == 0 else "finished", ticket, number + 1)
    return sorted(day.events, key=lambda event: event.at)


def learned_from(days: Iterable[list[Happened]]) -> Learned:
    learned = Learned()
    for events in days:
        learned = learn_from(events, learned, day_of(), {})
    return learned


def test_the_same_events_teach_the_same() -> None:
    days = [a_busy_day(seed) for seed in range(3)]
    once, again = learned_from(days), learned_from(days)
    assert once == again
    assert dump(once) == dump(again)
    assert once != learned_from(days[:2])
    assert once.through == DAY


def test_a_branch_finds_its_own_minutes_whatever_the_catalog_says() -> None:
    learned = learned_from(a_busy_day(seed) for seed in range(12))
    assert learned.minutes_of(CASH, RULES.setup) == pytest.approx(6, rel=0.12)
    assert learned.arrivals[RULES.day(DAY).classes[Priority.SENIOR]].days == 12
    assert learned.no_show_chances[0].value == pytest.approx(0.05, abs=0.02)


def test_a_day_of_peaks_is_calibrated_by_itself() -> None:
    peak = default_rules(peak_days=(23,)).day(DAY)
    learned = learn_from(a_busy_day(1), Learned(), peak, {})
    kinds = {name for name in learned.cells if not name.startswith("needs")}
    assert kinds
    assert all(name.endswith(" peak") for name in kinds)
