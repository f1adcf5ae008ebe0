"""One seed makes a branch, its terminals, what customers do there and all that goes wrong.

Everything happens in one process, in an order and at times that the seed gives. The program is the
real one, on real SQLite files; the disk under them is `weather.Weather`.
"""

import atexit
import random
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from uuid import UUID

import disk
import pytest
from machines import MOST_TERMINALS, CopiedBranch, Machine, machine, whole_file
from oracle import assert_all_is_well, assert_nothing_is_half_taken, judge, standing
from sqlalchemy import URL, Engine
from sync_world import Recorder, World, add_raw_event
from weather import Mishap, Weather

from kiosk import db
from kiosk.errors import KioskError
from kiosk.services import journal
from kiosk.services.sync.quarantine import Decider, held_events
from kiosk.services.sync.wire import Answer, BranchSide, Caller, Held, Parcel, Status

_STEPS = range(6, 26)
_POISON: tuple[Mapping[str, object], ...] = (
    {"kind": "weather"},
    {"payload": "{broken"},
    {"payload": '{"a":"\\u0000"}'},
    {"service": "nul\0byte"},
    {"occurred_at": "not a time"},
    {"local_hour": 77},
    {"monotonic_ns": 1 << 62, "local_hour": 1 << 40},
    {"visit": None},
)
_FILES = Path("/dev/shm")  # noqa: S108 (memory: thousands of histories shall not wear out a disk)


class SimulationError(AssertionError):
    """Says which seed it was, and what happened until then."""


def simulate(seed: int) -> None:
    """Live through one seed.

    Raises:
        SimulationError: Something was lost, counted twice or called by a wrong name.
    """
    folder = _folder()
    folder.mkdir()
    chance = random.Random(seed)
    simulation = Simulation(folder, chance)
    try:
        with _replaced(chance), disk.watched(simulation.weather):
            simulation.run()
    except Exception as error:
        story = "\n".join(simulation.story)
        raise SimulationError(
            f"{story}\n\n{error}\n\nSeed {seed}: make simulate SEED={seed}"
        ) from error
    finally:
        shutil.rmtree(folder)


@cache
def _folder() -> Path:
    """Where every seed has its files, one after the other: so engines can be used again."""
    parent = tempfile.mkdtemp(dir=_FILES if _FILES.is_dir() else None)
    atexit.register(shutil.rmtree, parent)
    return Path(parent) / "branch"


_first_engine = cache(db._engine)


def _engine(url: URL) -> Engine:
    """As the first one for this file, with its compiled statements: they take half of the time."""
    first = _first_engine(url)
    engine = Engine(first.pool.recreate(), first.dialect, first.url)
    engine._compiled_cache = first._compiled_cache
    return engine


@contextmanager
def _replaced(chance: random.Random) -> Iterator[None]:
    """Ids that are the same each time, and engines that know each other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "new_id", lambda: UUID(int=chance.getrandbits(128)))
        patch.setattr(db, "_engine", _engine)
        yield


@dataclass
class Way(Recorder):
    """The way to the branch: requests and answers get lost, and others are at work meanwhile."""

    chance: random.Random
    excuses: set[str]
    meanwhile: Callable[[], None]
    is_bad: bool

    def greet(self, caller: Caller) -> Answer:
        return self._carry(partial(super().greet, caller))

    def receive(self, parcel: Parcel) -> Answer:
        self.parcels.append(parcel)
        return self._carry(partial(self.side.receive, parcel))

    def pull(self, caller: Caller, held: Mapping[str, Held]) -> Answer:
        return self._carry(partial(super().pull, caller, held))

    def retry(self, caller: Caller, events: Mapping[int, str]) -> Answer:
        return self._carry(partial(super().retry, caller, events))

    def drop(self, caller: Caller, events: Collection[int], why: str) -> Answer:
        return self._carry(partial(super().drop, caller, events, why))

    def _carry(self, request: Callable[[], Answer]) -> Answer:
        self._travel()
        answer = request()
        if answer.status in (Status.OK, Status.ALREADY, Status.AHEAD):
            self._travel()
        return answer

    def _travel(self) -> None:
        if self.chance.random() < 0.15:
            self.meanwhile()
        if self.is_bad and self.chance.random() < 0.12:
            self.excuses.add("database_unreachable")
            raise KioskError("database_unreachable", database=self.name)


class Simulation:
    """A branch, from its first day to the day on which all is mended."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.chance = chance
        self.story: list[str] = []
        """What happened, a line each."""
        self.weather = Weather(chance)
        self.world = World(folder, CopiedBranch(folder))
        self.machines: list[Machine] = []
        self._depth = 0
        self._is_quiet = False
        self._meanwhiles = 0

    def run(self) -> None:
        count = self.chance.choice((1, 1, 2, 2, 3, 4, MOST_TERMINALS))
        self.machines = [machine(self.world, digit) for digit in range(1, count + 1)]
        for _ in range(self.chance.choice(_STEPS)):
            self._act()
        self._heal()

    # --- what happens -----------------------------------------------------------------------------

    def _act(self) -> None:
        here = self.chance.choice(self.machines)
        acts: tuple[tuple[int, Callable[[Machine], None]], ...] = (
            (12, self._customers),
            (10, self._synchronise),
            (2, self._poison),
            (2, self._decide),
            (2, self._deliver_again),
            (2, self._jump),
            (1, self._close_for_repairs),
            (1, self._go_back),
            (1, self._clone),
            (1, self._go_back_at_the_branch),
        )
        weights, choices = zip(*acts, strict=True)
        (act,) = self.chance.choices(choices, weights)
        act(here)

    def _say(self, text: str) -> None:
        self.story.append("  " * self._depth + text)

    def _customers(self, here: Machine) -> None:
        steps = [self._any_step() for _ in range(4)]
        self._say(f"{here.code}: customers")

        with self._bad_weather(here, 30) as excuses, self._expected(excuses):
            for step in steps:
                self._customer_takes(here, step)
                self.world.clock.advance(seconds=self.chance.randrange(600))
                here.settle()

    def _customer_takes(self, here: Machine, step: tuple[int, int]) -> None:
        try:
            here.lobby.step(*step)
        except KioskError:
            here.send_customers_away()
            raise

    def _any_step(self) -> tuple[int, int]:
        return self.chance.randrange(12), self.chance.randrange(12)

    def _synchronise(self, here: Machine) -> None:
        with self._bad_weather(here, 60) as excuses:
            self._sync_once(here, excuses, is_bad=self.chance.random() < 0.4)

    def _sync_once(self, here: Machine, excuses: set[str], *, is_bad: bool) -> str | None:
        batch_size = self.chance.randint(1, 9)
        ended, before = None, self._meanwhiles
        try:
            here.terminal.sync(
                lambda side: Way(
                    side,
                    here.lobby.sent,
                    self.chance,
                    excuses,
                    partial(self._meanwhile, here),
                    is_bad,
                ),
                batch_size,
            )
        except KioskError as error:
            ended = error.code
        self._say(f"{here.code}: synchronised: {ended or 'all is there'}")
        if not self.weather.is_down:
            if ended is None and self._meanwhiles > before:
                return ended  # another copy may have come after it had been told that all is there
            judge(self.world, here, ended, excuses)
        return ended

    def _meanwhile(self, here: Machine) -> None:
        """Others, and this terminal's own customers, do not wait for a synchronisation."""
        if self._depth > 1 or self._is_quiet or self.weather.is_down or self.weather.happened:
            return
        self._depth += 1
        self._meanwhiles += 1
        other = self.chance.choice(self.machines)
        act = self.chance.choice(("visit", "sync", "sync", "jump"))
        if act == "jump":
            self._jump(other)
        elif act == "visit":
            self._say(f"{other.code}: a customer, meanwhile")
            with suppress(KioskError):  # what was planned may happen here
                self._customer_takes(other, self._any_step())
        else:
            # whoever is at work already holds the lock
            self._sync_once(other, {"sync_running", *self._excuses()}, is_bad=False)
        self._depth -= 1

    def _poison(self, here: Machine) -> None:
        if here.promised:
            changes = self.chance.choice(_POISON)
            self._say(f"{here.code}: a damaged event")
            add_raw_event(here.terminal.path, **{"id": journal.new_id().hex, **changes})
            here.is_poisoned = True
            here.settle()

    def _decide(self, here: Machine) -> None:
        """A person looks through the quarantine."""
        terminal = here.terminal
        origin = terminal.journal.origin
        with self._bad_weather(here, 20) as excuses, self._expected(excuses):
            held = [each.seq for each in held_events(terminal.store, origin) if not each.dropped_at]
            if not held:
                return
            self._say(f"{here.code}: quarantine {held}")
            decider = Decider(
                terminal.store, origin, lambda: self._way(here, excuses), terminal.clock
            )
            if self.chance.random() < 0.5:
                assert decider.retry() == 0
            else:
                decider.drop([self.chance.choice(held)], "damaged")

    def _way(self, here: Machine, excuses: set[str]) -> BranchSide:
        side = here.terminal.connect(here.terminal.branch_url)
        return Way(side, [], self.chance, excuses, lambda: None, self.chance.random() < 0.4)

    def _deliver_again(self, here: Machine) -> None:
        """A batch that was on its way somewhere arrives late, or once more."""
        if here.lobby.sent:
            parcel = self.chance.choice(here.lobby.sent)
            self._say(f"{here.code}: batch {parcel.number} arrives late")
            answer = here.terminal.hand_over(parcel)
            assert answer.status in (Status.OK, Status.ALREADY), answer

    def _jump(self, here: Machine) -> None:
        days = self.chance.choice((-20_000, -400, -1, 1, 30, 26_000))
        clock = self.world.clock
        if 1970 < (clock.time + timedelta(days=days)).year < 2100:
            clock.advance(days=days)
            self._say(f"the clock jumps by {days} days")

    def _close_for_repairs(self, here: Machine) -> None:
        """The branch is of an older version for a while."""
        self._is_quiet = True
        self.world.change("UPDATE branch_meta SET schema_max = 0")
        for each in self.machines:
            ended = self._sync_once(each, {"sync_schema_too_new"}, is_bad=False)
            assert ended == "sync_schema_too_new"
        self.world.change("UPDATE branch_meta SET schema_max = 1")
        self._is_quiet = False

    # --- copies -----------------------------------------------------------------------------------

    def _go_back(self, here: Machine) -> None:
        """A terminal is set up again from a backup and goes on."""
        backup = here.keep()
        here.open()
        self._say(f"{here.code}: a backup is made")
        for _ in range(self.chance.randint(0, 4)):
            self._work(here)
        newest = here.keep()
        here.put_back(backup)
        self.weather.platter.forget()
        here.open()
        self._say(f"{here.code}: the backup is put back")
        for _ in range(self.chance.randint(0, 3)):
            self._work(here)
        if self._sync_once(here, set(), is_bad=False):
            self._say(f"{here.code}: the newest store is put back")
            here.put_back(newest)
            self.weather.platter.forget()
            here.open()

    def _clone(self, here: Machine) -> None:
        """A terminal's disk is copied, and both go on."""
        if self._depth:
            return
        self._say(f"{here.code}: is cloned")
        twin = here.clone(here.terminal.config.data_folder / "twin")
        self.weather.platter.forget()
        for _ in range(self.chance.randint(1, 5)):
            self._work(self.chance.choice((here, twin)))
        for each in (here, twin):
            self._sync_once(each, set(), is_bad=False)
        heirs = [each for each in (here, twin) if standing(self.world, each).is_the_branchs]
        assert heirs, "both copies are refused"
        heir = heirs[0].keep()
        twin.close()
        shutil.rmtree(twin.terminal.config.data_folder)
        here.put_back(heir)
        self.weather.platter.forget()
        here.open()

    def _work(self, here: Machine) -> None:
        if self.chance.random() < 0.5:
            self._say(f"{here.code}: a customer")
            self._customer_takes(here, self._any_step())
            here.settle()
        else:
            self._sync_once(here, set(), is_bad=self.chance.random() < 0.3)

    def _go_back_at_the_branch(self, _: Machine) -> None:
        """The branch is restored from an old backup, and then, to lose nothing, from a new one."""
        path = self.world.branch_path
        backup = whole_file(path)
        for each in self.machines:
            self._work(each)
        newest = whole_file(path)
        kept = [each.keep() for each in self.machines]
        for each in self.machines:
            each.open()
        self._say("the branch goes back to a backup")
        disk.put({path: backup})
        self.weather.platter.forget()
        for each in self.machines:
            lost = standing(self.world, each).receipts_ahead
            ended = self._sync_once(each, set(), is_bad=False)
            assert not lost or ended == "sync_branch_lost_data"
        self._say("the branch's newest file is put back")
        for each, as_it_was in zip(self.machines, kept, strict=True):
            each.put_back(as_it_was)
        disk.put({path: newest})
        self.weather.platter.forget()
        for each in self.machines:
            each.open()

    # --- trouble ----------------------------------------------------------------------------------

    @contextmanager
    def _bad_weather(self, here: Machine, within: int) -> Iterator[set[str]]:
        """Something may go wrong with the disk; afterwards all is up again, and has room."""
        if self.chance.random() < 0.35:
            mishap = self.chance.choice(list(Mishap))
            countdown = self.chance.randint(1, within)
            self._say(f"{mishap.value} at write {countdown}")
            self.weather.plan(mishap, countdown)
        yield self._excuses()
        if self.weather.is_down:
            self._say("everything is started again")
            for each in self.machines:
                each.close()
            self.world.branch.close()
            self.weather.revive()
            assert_nothing_is_half_taken(self.world)
            for each in self.machines:
                each.open()
        self.weather.clear()
        for each in self.machines:
            each.settle()

    def _excuses(self) -> set[str]:
        """What a disk that fails may be called."""
        planned = self.weather.mishap or self.weather.full or self.weather.is_down
        return {"disk_full", "disk_failing"} if planned or self.weather.happened else set()

    @contextmanager
    def _expected(self, excuses: Collection[str]) -> Iterator[None]:
        try:
            yield
        except KioskError as error:
            self._say(f"it ends with {error.code}")
            if error.code not in excuses:
                raise

    def _heal(self) -> None:
        self._say("all is mended")
        self._is_quiet = True
        for each in self.machines:
            ended = self._sync_once(each, set(), is_bad=False)
            assert ended is None
            each.settle()
        assert_all_is_well(self.world, self.machines)
        for each in self.machines:
            each.close()
