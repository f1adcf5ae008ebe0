"""`kiosk sync --watch`: what it does after which round, with time and dice in the test's hands."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import KioskError
from kiosk.service_manager import ServiceManager
from kiosk.services.sync.push import Outcome, Progress
from kiosk.services.sync.schedule import LEAST_PAUSE, LONGEST_BACK_OFF, SLOW, Schedule
from kiosk.sync_watch import Watch

EVERY = 60.0
AWAY = KioskError("database_unreachable", database="b.db")
BUSY = KioskError("database_busy", database="b.db")
REFUSED = KioskError("sync_not_enrolled", database="b.db", terminal="T1")
RUNNING = KioskError("sync_running", database="t.db")
FAULT = ZeroDivisionError("13800138000")
NOTHING = Outcome()
SOME = Outcome(batches=1, events=3, inserted=3)
POISON = Outcome(batches=1, events=3, inserted=2, quarantined=1)

Step = Outcome | Exception


class Enough(BaseException):
    """Ends a watch that would never end."""


class Heard(ServiceManager):
    """What the service manager is told, with what else happens in between."""

    def __init__(self, beat_every: float | None = None) -> None:
        super().__init__({})
        self.beat_every = beat_every
        self.all: list[str] = []

    def _tell(self, assignment: str) -> None:
        self.all.append(assignment)


class Trial:
    """A watch through some rounds; pauses pass at once."""

    def __init__(
        self,
        steps: Iterable[Step],
        *,
        chance: float = 0.5,
        beat_every: float | None = None,
        batches: int = 0,
        publish: Callable[[], None] = lambda: None,
        wishes: int = 0,
    ) -> None:
        self.heard = Heard(beat_every)
        self.said: list[str] = []
        self.pauses: list[float] = []
        """What was slept before each round, the last before the end."""
        self._steps: Iterator[Step] = iter(steps)
        self._batches = batches
        self._wishes = wishes
        watch = Watch(
            self._bring,
            publish,
            Schedule(EVERY),
            self.heard,
            now=lambda: "now",
            sleep=self._sleep,
            wished=self._wished,
            chance=lambda: chance,
            say=self.said.append,
        )
        self._slept = 0.0
        with pytest.raises(Enough):
            watch.run()

    def _bring(self, progress: Progress) -> Outcome:
        self.pauses.append(self._slept)
        self._slept = 0.0
        self.heard.all.append("round")
        for number in range(self._batches):
            progress(number, self._batches)
        match next(self._steps, Enough()):
            case Outcome() as outcome:
                return outcome
            case stopped:
                raise stopped

    def _wished(self, seconds: float) -> bool:
        """The first pauses are cut short after a second."""
        self._wishes -= 1
        is_wished = self._wishes >= 0
        self._sleep(1 if is_wished else seconds)
        return is_wished

    def _sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.heard.all.append("sleep")
        self._slept += seconds


def test_rounds_keep_their_pace() -> None:
    assert Trial([NOTHING, SOME, NOTHING]).pauses == [30.5, 60, 60, 60]
    assert Trial([NOTHING, SOME], chance=0).pauses == [LEAST_PAUSE, 30, 30]
    assert Trial([NOTHING, SOME], chance=1).pauses == [60, 90, 90]


def test_a_ticket_goes_to_the_branch_without_waiting_for_the_next_round() -> None:
    assert Trial([NOTHING, SOME, NOTHING], wishes=2).pauses == [1.2, 1.2, 60, 60]
    assert Trial([NOTHING, SOME], wishes=2, beat_every=10.0).pauses == [1.2, 1.2, 60]


def test_a_branch_in_trouble_is_not_asked_at_every_ticket() -> None:
    trial = Trial([AWAY, AWAY, SOME, REFUSED, SOME], chance=1, wishes=99)
    assert trial.pauses == [1.2, 5, 10, 1.2, 1.5 * SLOW, 1.2]


def test_an_outage_and_its_end() -> None:
    trial = Trial([SOME, *[AWAY] * 10, SOME, NOTHING], chance=1)
    assert trial.pauses[2:11] == [5, 10, 20, 40, 80, 160, 320, 640, LONGEST_BACK_OFF]
    assert trial.pauses[-2:] == [90, 90]
    assert len(trial.said) == 4
    _, before, trouble, after = trial.said
    assert before == after == "3 events brought to the branch; nothing is waiting."
    assert trouble.endswith("the next run carries on. (database_unreachable)")


def test_a_refusal_is_said_once_and_tried_again_slowly() -> None:
    trial = Trial([REFUSED] * 4 + [SOME, NOTHING])
    assert trial.pauses[1:5] == [SLOW] * 4
    assert trial.pauses[-1] == EVERY
    assert len(trial.said) == 3
    assert "kiosk branch enrol T1" in trial.said[1]
    assert trial.said[1].endswith("(sync_not_enrolled) It is tried again about every 15 minutes.")


def test_another_run_at_work_is_said_and_no_trouble() -> None:
    trial = Trial([SOME, RUNNING, RUNNING, SOME])
    assert trial.pauses[1:] == [EVERY] * 4
    assert [line.endswith("(sync_running)") for line in trial.said] == [False, False, True, False]


def test_a_fault_of_the_program_ends_nothing_and_quotes_nothing() -> None:
    trial = Trial([FAULT, FAULT, SOME])
    assert trial.pauses[1:3] == [SLOW, SLOW]
    _, told, where, good = trial.said
    assert "ZeroDivisionError" in told
    assert "_bring" in where
    assert "3 events brought" in good
    assert "13800138000" not in " ".join(trial.said + trial.heard.all)


def test_a_week_without_a_network_leaves_a_short_log() -> None:
    week = Trial([AWAY] * 10_000, chance=0.5)
    assert sum(week.pauses) > 7 * 86_400
    assert len(week.said) == 2


def test_a_release_that_can_t_be_followed_is_told_once() -> None:
    damaged = KioskError("release_damaged", name="catalog", version=2)
    refusing = Outcome(refused=(damaged,))
    trial = Trial([NOTHING, refusing, refusing, NOTHING, refusing])
    told = [line for line in trial.said if line.endswith("(release_damaged)")]
    assert len(told) == 2
    assert trial.pauses[1:] == [EVERY] * 5


def test_quiet_rounds_say_nothing_and_quarantine_does_each_time() -> None:
    trial = Trial([NOTHING, *[SOME, NOTHING] * 50, POISON, NOTHING, POISON])
    assert len(trial.said) == 4
    assert all("quarantine" in line for line in trial.said[2:])


@given(st.lists(st.sampled_from([NOTHING, SOME, POISON, AWAY, BUSY, REFUSED, RUNNING, FAULT])),
       st.floats(0, 1))  # fmt: skip
def test_whatever_happens_the_next_round_comes(steps: list[Step], chance: float) -> None:
    trial = Trial(steps, chance=chance)
    assert len(trial.pauses) == len(steps) + 1
    assert all(LEAST_PAUSE <= pause <= 1.5 * SLOW for pause in trial.pauses)
    assert trial.heard.all[0] == "READY=1"


def test_the_status_is_kept_up_though_nothing_is_said() -> None:
    trial = Trial([NOTHING, NOTHING, AWAY])
    told = [line for line in trial.heard.all if line.startswith("STATUS=now: ")]
    assert len(told) == 4
    assert told[-1].endswith("(database_unreachable)")


def test_it_beats_through_a_long_rest_and_after_every_batch() -> None:
    trial = Trial([NOTHING], beat_every=20, batches=3)
    beaten = " ".join(trial.heard.all).replace("WATCHDOG=1", "beat")
    rest = "beat sleep beat sleep beat sleep"  # 60 s in parts of 20
    assert f"beat round beat beat beat STATUS=now: {trial.said[-1]} {rest}" in beaten


def test_it_does_not_beat_while_a_step_hangs() -> None:
    """The watchdog bites then: between two batches there is nothing that beats."""
    trial = Trial([AWAY, NOTHING], beat_every=20)
    heard = trial.heard.all
    for index, what in enumerate(heard):
        if what == "round" and index + 1 < len(heard):
            assert heard[index + 1].startswith("STATUS=")


def test_figures_that_can_t_be_written_are_told_once() -> None:
    unwritten = KioskError("metrics_not_written", path="k.prom", reason="no room")
    results = iter([None, unwritten, unwritten, None, unwritten, None])

    def publish() -> None:
        if (error := next(results)) is not None:
            raise error

    trial = Trial([NOTHING] * 6, publish=publish)
    told = [line for line in trial.said if "k.prom" in line]
    assert len(told) == 2
    assert len(trial.pauses) == 7
