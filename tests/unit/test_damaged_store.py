"""Stores with pages that can't be read: refused, kept, and all that can be read is carried on."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sync_world import TerminalHere, World, reopened, rows

from kiosk.bootstrap import build
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.sentences import sentence
from kiosk.services.branch import check
from kiosk.services.journal import new_id
from kiosk.services.sync.granting import open_renewal
from kiosk.services.sync.renew import Renewed, renewal

PAGE = 4096
GARBAGE = b"\xa5"


def pages_of(path: Path, name: str) -> list[int]:
    """The numbers of the pages of a table or an index, in the order of its keys; the root first."""
    ((root,),) = rows(path, "SELECT rootpage FROM sqlite_master WHERE name = ?", name)
    content = path.read_bytes()
    return _pages(content, int(str(root)))


def _pages(content: bytes, number: int) -> list[int]:
    """See "The SQLite database file format", 1.6: inner pages name the pages below them."""
    page = content[(number - 1) * PAGE : number * PAGE]
    found = [number]
    if page[0] in (2, 5):
        (cells,) = struct.unpack_from(">H", page, 3)
        offsets = struct.unpack_from(f">{cells}H", page, 12)
        below = [struct.unpack_from(">I", page, offset)[0] for offset in offsets]
        for each in (*below, struct.unpack_from(">I", page, 8)[0]):
            found += _pages(content, each)
    return found


def overwrite(path: Path, *pages: int, length: int = PAGE) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * PAGE)
            file.write(GARBAGE * length)


EVENT_INDEX = "sqlite_autoindex_event_2"


@dataclass(frozen=True)
class Case:
    """One kind of damage and what must come of it."""

    harm: Callable[[Path], None]
    refused: bool
    """Whether the synchronisation notices it."""
    tells_all: bool = True
    """Whether it is known of every event that is lost."""


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // PAGE // 2 * PAGE)


CASES = {
    "events that the branch has": Case(
        lambda path: overwrite(path, *pages_of(path, "event")[3:6]), refused=False
    ),
    "the first events that wait": Case(
        lambda path: overwrite(path, *pages_of(path, "event")[-4:-2]), refused=True
    ),
    "the last events": Case(
        lambda path: overwrite(path, pages_of(path, "event")[-1]), refused=True
    ),
    "the root of the events": Case(
        lambda path: overwrite(path, pages_of(path, "event")[0]), refused=True
    ),
    "the index of the events": Case(
        lambda path: overwrite(path, *pages_of(path, EVENT_INDEX)), refused=True
    ),
    "the ledger": Case(
        lambda path: overwrite(path, *pages_of(path, "watermark"), *pages_of(path, "batch")),
        refused=True,
    ),
    "the terminal's name": Case(
        lambda path: overwrite(path, *pages_of(path, "terminal")), refused=False
    ),
    "a derived table": Case(
        lambda path: overwrite(path, *pages_of(path, "hourly_figures")), refused=False
    ),
    "the header": Case(lambda path: overwrite(path, 1, length=100), refused=True, tells_all=False),
    "the first page": Case(lambda path: overwrite(path, 1), refused=True, tells_all=False),
    "half of the file": Case(cut, refused=True, tells_all=False),
}


@pytest.fixture
def terminal(world: World) -> TerminalHere:
    """With 160 events that the branch has and 80 that wait, in one file."""
    made = world.terminal()
    for _ in range(40):
        made.visit()
    made.sync(batch_size=50)
    for _ in range(20):
        made.visit()
    made.store.close()
    return made


def renewed(world: World, terminal: TerminalHere) -> tuple[TerminalHere, Renewed]:
    terminal.store.close()
    code = open_renewal(world.branch, "0001", "T1")
    with renewal(terminal.config, world.clock) as found:
        done = found.carry_out(code, lambda: terminal.connect(terminal.branch_url))
    assert done is not None
    return reopened(terminal), done


@pytest.mark.parametrize("case", CASES)
def test_what_can_be_read_is_carried_on(world: World, terminal: TerminalHere, case: str) -> None:
    every = {event: seq for event, seq in rows(terminal.path, "SELECT id, seq FROM event")}  # noqa: C416 (types)
    CASES[case].harm(terminal.path)
    damaged = terminal.path.read_bytes()
    if CASES[case].refused:
        with pytest.raises(KioskError) as caught:
            terminal.sync()
        assert caught.value.code == "store_damaged"
        assert exit_code(caught.value) == ExitCode.NEEDS_A_PERSON
        assert "kiosk db renew" in sentence(caught.value)
        terminal.store.close()
        assert terminal.path.read_bytes() == damaged
    else:
        assert terminal.sync().inserted == 80
        terminal.store.close()
        damaged = terminal.path.read_bytes()
    terminal, done = renewed(world, terminal)
    assert done.kept is not None
    assert done.kept.read_bytes() == damaged
    terminal.sync()
    there = {event for (event,) in world.rows("SELECT id FROM event")}
    here = {event for (event,) in rows(terminal.path, "SELECT id FROM event")}
    assert here <= there <= set(every)
    lost = {every[event] for event in set(every) - there}
    told = {seq for gap in done.lost for seq in range(gap.from_seq, gap.to_seq + 1)}
    assert told == lost if CASES[case].tells_all else told <= lost
    assert not check(world.branch).differences
    assert check(terminal.store) == check(world.branch)
    # and customers can come
    terminal.visit()
    assert terminal.sync().inserted == 4


def test_no_more_is_lost_than_what_stood_on_the_damaged_page(
    world: World, terminal: TerminalHere
) -> None:
    overwrite(terminal.path, pages_of(terminal.path, "event")[-5])
    _, done = renewed(world, terminal)
    (gap,) = done.lost
    assert 3 <= gap.to_seq - gap.from_seq < 20
    assert done.carried == 80 - (gap.to_seq - gap.from_seq + 1)


@pytest.mark.parametrize("case", ["the header", "the root of the events"])
def test_the_terminal_does_not_start_on_it(terminal: TerminalHere, case: str) -> None:
    CASES[case].harm(terminal.path)
    damaged = terminal.path.read_bytes()
    with pytest.raises(KioskError) as caught:
        build(terminal.config).visits.start(new_id(), "en")
    assert caught.value.code == "store_damaged"
    assert terminal.path.read_bytes() == damaged


def crash(terminal: TerminalHere, folder: Path) -> TerminalHere:
    """The files as a power cut leaves them: the last events only in the write-ahead log."""
    terminal.store.close()
    before = terminal.path.read_bytes()
    for _ in range(10):
        terminal.visit()
    log = terminal.path.with_name(f"{terminal.path.name}-wal").read_bytes()
    terminal.store.close()
    terminal.path.write_bytes(before)
    terminal.path.with_name(f"{terminal.path.name}-wal").write_bytes(log)
    return terminal


def test_what_stands_in_the_write_ahead_log_comes_along(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    page = pages_of(terminal.path, "visit")[0]
    crash(terminal, tmp_path)
    log = terminal.path.with_name(f"{terminal.path.name}-wal").read_bytes()
    overwrite(terminal.path, page)
    terminal, done = renewed(world, terminal)
    assert (done.carried, done.lost) == (120, ())
    assert done.kept is not None
    assert done.kept.with_name(f"{done.kept.name}-wal").read_bytes() == log
    assert rows(terminal.path, "SELECT count(*) FROM event") == [(280,)]


def test_a_damaged_write_ahead_log_ends_where_it_is_damaged(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    crash(terminal, tmp_path)
    log = terminal.path.with_name(f"{terminal.path.name}-wal")
    with log.open("r+b") as file:
        file.seek(log.stat().st_size // 2)
        file.write(GARBAGE * 100)
    terminal, done = renewed(world, terminal)
    assert 80 < done.carried < 120
    terminal.sync()
    assert rows(terminal.path, "SELECT count(*) FROM event") == world.rows(
        "SELECT count(*) FROM event"
    )
