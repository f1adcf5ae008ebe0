"""The power goes at any write: every disk that could be left is opened with the program.

What the program writes is recorded under its own SQLite library, not by a tool of the system: see
`disk`. Of a real disk this shows what happens if it keeps what it confirmed, and no more.
"""

import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import disk
import pytest
from disk import Operation, Platter
from sync_world import SqliteBranch, TerminalHere, World, assert_consistent, open_terminal, rows

from kiosk import db
from kiosk.config import Config
from kiosk.db import Database
from kiosk.services.branch import check
from kiosk.services.sync.wire import BranchSide
from kiosk.sqlite_driver import driver as sqlite

VISITS = 8
IMAGES, ALL_IMAGES = 120, 6000
SMALL_LOG = "wal_autocheckpoint=24"
"""Pages: so that the log is written back into the file again and again."""
Image = Mapping[Path, bytes]


@dataclass(frozen=True)
class Promise:
    """From here on, so many events have been shown as recorded."""

    events: int


@dataclass(frozen=True)
class Recording:
    """What a terminal and its branch wrote, and what was promised meanwhile."""

    folder: Path
    story: list[Operation | Promise]
    events: list[object]
    """The ids of all, in their order."""


class BranchLeft(SqliteBranch):
    """A branch database as it was found."""

    def make(self, config: Config) -> Database:
        return Database(self.url)


def record(folder: Path) -> Recording:
    """Customers and synchronisations by turns; the files are put back as they were before."""
    folder.mkdir()
    world = World(folder)
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    terminal.store.close()
    world.branch.close()
    before = {path: path.read_bytes() for path in (terminal.path, world.branch_path)}
    story: list[Operation | Promise] = []

    def listen(operation: Operation) -> int:
        story.append(operation)
        return disk.OK

    with disk.watched(listen):
        for number in range(1, VISITS + 1):
            terminal.visit(f"A1{number:03}")
            story.append(Promise(_last_seq(terminal)))
            if number % 2 == 0:
                terminal.sync(batch_size=3)
            if number == VISITS // 2:
                terminal.store.close()
    events = [id_ for (id_,) in rows(terminal.path, "SELECT id FROM event ORDER BY seq")]
    terminal.store.close()
    disk.put(before)
    return Recording(folder, story, events)


def _last_seq(terminal: TerminalHere) -> int:
    ((last,),) = rows(terminal.path, "SELECT max(seq) FROM event")
    return int(str(last))


def images(
    recording: Recording, chance: random.Random, most: int
) -> Iterator[tuple[list[object], Image]]:
    """What may be left, with the events that must be there, at so many points about.

    A point is before an operation: what it would do has not happened. Each way of losing what is
    not synchronised yet has its turn.
    """
    platter, promised = Platter(), 0
    ways: tuple[Callable[[], Image], ...] = (
        partial(platter.after_power_cut, chance), platter.after_loss, platter.after_kill,
    )  # fmt: skip
    share = most / len(recording.story)
    for each in recording.story:
        if isinstance(each, Promise):
            promised = each.events
            continue
        for _ in range(int(share) + (chance.random() < share % 1)):
            yield recording.events[:promised], chance.choice(ways)()
        platter.record(each)


def lay_out(image: Image, folder: Path, recording: Recording) -> None:
    """The files of an image in a folder of their own, beside what was not written to."""
    shutil.copytree(recording.folder, folder, ignore=shutil.ignore_patterns("*-shm", "*lock"))
    disk.put({folder / path.name: content for path, content in image.items()})


def found(world: World) -> TerminalHere:
    """The terminal as it starts again."""

    def connect(url: str) -> BranchSide:
        return world.here.connect(url, world.clock)

    return open_terminal(world.config, world.clock, world.here.url, connect)


def stored(path: Path) -> list[object]:
    return [id_ for (id_,) in rows(path, "SELECT id FROM event ORDER BY seq")]


@pytest.fixture
def small_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_PRAGMAS", (*db._PRAGMAS, SMALL_LOG))


@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("small_log")
def test_nothing_promised_is_lost_and_the_synchronisation_goes_on(
    tmp_path: Path, is_long: bool
) -> None:
    recording = record(tmp_path / "recorded")
    chance = random.Random(5)
    most = ALL_IMAGES if is_long else IMAGES
    for number, (promised, image) in enumerate(images(recording, chance, most)):
        folder = tmp_path / "left"
        lay_out(image, folder, recording)
        world = World(folder, BranchLeft(folder))
        store = world.config.store_path
        assert rows(store, "PRAGMA integrity_check") == [("ok",)], number
        assert stored(store)[: len(promised)] == promised, number
        terminal = found(world)
        terminal.sync()
        assert_consistent(world, terminal)
        if number % 10 == 0:
            assert not check(world.branch).differences
            assert not check(terminal.store).differences
        terminal.store.close()
        world.branch.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("patience", ["NORMAL", "OFF"])
def test_less_patience_with_the_disk_would_lose_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: str
) -> None:
    """The control: the images show what the program's own setting is for."""
    lazy = tuple(each for each in db._PRAGMAS if not each.startswith("synchronous"))
    monkeypatch.setattr(db, "_PRAGMAS", (*lazy, SMALL_LOG, f"synchronous={patience}"))
    recording = record(tmp_path / "recorded")
    assert any(
        is_lost(recording, tmp_path / "left", promised, image)
        for promised, image in images(recording, random.Random(5), IMAGES)
    )


def is_lost(recording: Recording, folder: Path, promised: list[object], image: Image) -> bool:
    lay_out(image, folder, recording)
    try:
        return stored(Config(data_folder=folder).store_path)[: len(promised)] != promised
    except sqlite.DatabaseError:
        return True
    finally:
        shutil.rmtree(folder)
