"""Reconcile: what it shows is what the branch has, and a yes goes there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from journal_offers import accept, take_in, write
from journal_rows import put_lines, put_offers, rows_read
from journal_world import Fate
from lobby import Lobby
from postgres_server import PostgresServer
from staff_here import IT, MANAGER, key_of, sign_in, staff_machine
from staff_looks import cut
from support import rows
from sync_world import PostgresBranch, TerminalHere, World, open_terminal

from kiosk.languages import Language
from kiosk.screens.pick import PickScreen
from kiosk.screens.staff_mode.places.reconcile import ReconcileScreen
from kiosk.screens.staff_mode.places.reconcile_views import ON_DIGITS
from kiosk.services.reconcile import drill, items

FATES = (
    Fate.DONE, Fate.NO_REFERENCE, Fate.SWAPPED, Fate.LOST, Fate.OTHER_SERVICE, Fate.DONE,
)  # fmt: skip


LOOKS: tuple[tuple[tuple[int, int], Language], ...] = (
    ((60, 20), "en"), ((60, 20), "zh_TW"), ((83, 24), "zh_CN"),
)  # fmt: skip


@pytest.fixture
def branch(world: World, terminal: TerminalHere) -> World:
    """A branch with six acceptances, and a journal of them."""
    for _ in FATES:
        accept(terminal)
        terminal.clock.advance(minutes=40)
    terminal.sync()
    take_in(world, write(world, *FATES).world)
    return world


@asynccontextmanager
async def signed_in(
    branch: World, folder: Path, number: str = MANAGER, branch_database: str = ""
) -> AsyncIterator[Lobby]:
    """A machine of that branch, with somebody at it."""
    owner = branch.here.url
    url = branch_database or owner
    async with staff_machine(folder, branch_database=url, owner=owner) as here:
        await here.speak("en")
        if branch_database:  # who may not read the staff list there has it brought
            clock = branch.clock
            machine = open_terminal(
                here.config, clock, url, lambda url: branch.here.connect(url, clock)
            )
            machine.sync()
            machine.store.close()
        await sign_in(here, number)
        yield here


async def test_the_whole_way_by_keys(branch: World, tmp_path: Path) -> None:
    async with signed_in(branch, tmp_path / "here", IT) as here:
        here.expect(ReconcileScreen)  # branch IT has no other place
        here.says("Accepted 6 = proven 2 + open 4 + lapsed 0", "Probable, to confirm: 2")
        await here.drive("1")
        first = items.probables(branch.branch, branch.config.branch.code)[0]
        # to the line, to its offer, and back to the line
        await here.drive("1")
        here.says(f"Line {first.number} of {first.file}", "Reference there: none")
        await here.drive("1")
        here.says("Offer ", "nobody says it is done")
        await here.drive("1")
        here.says(f"Line {first.number} of {first.file}")
        await here.drive("enter")
        here.says("1 line is confirmed.", "Accepted 6 = proven 3 + open 3 + lapsed 0")
        await here.drive("1", "-", "2")
        here.says("Open: 3", "today: 3")
        await here.drive("-", "3")
        here.says("the reference is of another service: 1", "the reference is damaged: 1")
        await here.drive("-", "6")
        here.says("Batches and the branch's receipts", "With the branch")
        kept = rows(
            here.config.store_path, "SELECT action, staff, subject, result FROM audit_entry"
        )
        assert ("reconciled", IT, str(first.line), "confirmed") in kept


async def test_all_at_once_by_mouse(branch: World, tmp_path: Path) -> None:
    async with signed_in(branch, tmp_path / "here") as here:
        for words in ("99 Reconcile", "Probable, to confirm: 2", "Confirm all 2"):
            await here.touch(*here.picture().find(words)[-1])
        here.expect(PickScreen)
        await here.touch(*here.picture().find("Yes, confirm all 2")[-1])
        here.says("2 lines are confirmed.", "There is no line to confirm.")
        said = branch.rows("SELECT staff FROM event WHERE kind = 'reconciliation' AND staff <> ''")
        assert said == [(MANAGER,), (MANAGER,)]


async def test_everything_has_room_where_nothing_can_be_confirmed(
    branch: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drill, "may_confirm", lambda database: False)
    async with signed_in(branch, tmp_path / "here") as here:
        await here.drive(*key_of(ReconcileScreen))
        ways = ("", "1", "1", "1", "---2", "-3", "-4", "-5", "-6", "-")
        for size, spoken in LOOKS:
            await here.resize(*size)
            await here.speak(spoken)
            for at, keys in enumerate(ways):
                await here.drive(*keys)
                assert not cut(here), (size, spoken, keys)
                if at in (1, 2):  # what is probable, and one of it
                    assert "kioskreconcileconfirm" in "".join(here.picture().text.split())
                    assert "Enter" not in here.picture()
                    await here.drive("enter")
                    here.expect(ReconcileScreen)
        assert branch.rows("SELECT count(*) FROM event WHERE staff <> ''") == [(0,)]
        await here.drive("6", "9")  # nothing is to be chosen there
        here.expect(ReconcileScreen)
        await here.drive("-", "-")
        assert not isinstance(here.screen, ReconcileScreen)


async def test_long_lists_are_read_page_by_page(world: World, tmp_path: Path) -> None:
    code = world.config.branch.code
    offers = put_offers(world.branch, code, 60)
    put_lines(world.branch, code, offers[:30])
    async with signed_in(world, tmp_path / "here") as here:
        await here.drive(*key_of(ReconcileScreen))
        with rows_read() as counts:
            await here.drive("2")
            here.says("Open: 60", "Page 1 of 7")
            await here.drive("+", "+", "1")
            [seen] = drill.offers(world.branch, code, offers[18])
            here.says(f"Accepted {seen.accepted_at.astimezone(world.config.zone):%m-%d %H:%M}")
            await here.drive("-")
            here.says("Page 3 of 7")
            await here.resize(60, 20)  # pages are shorter there
            assert not cut(here)
            await here.drive(*"+++++++++")
            await here.resize(83, 24)
            await here.drive("-", "1")  # kinds
            here.says("Probable, to confirm: 30", ": 20", ": 10")
            await here.drive("2", "+")
            here.says("Probable, to confirm: 10", "Page 2 of 2")
            await here.drive("-", "-", "3", "+")
            here.says("Ambiguous and faulty lines: 30", "Page 2 of 4")
        assert max(counts) == ON_DIGITS
        await here.drive("-", "1", "2", "enter")
        here.says("Are all 10 lines these offers' transactions?", "Yes, confirm all 10")
        await here.drive("enter")  # no is in front
        here.says("Probable, to confirm: 10")
        assert not world.rows("SELECT * FROM event WHERE kind = 'reconciliation'")
        await here.drive("enter", "1")
        here.says("10 lines are confirmed.", "Probable, to confirm: 20")
        proven = world.rows("SELECT DISTINCT channel FROM diversion WHERE journal_matches > 0")
        assert proven == [("atm",)]


async def test_all_of_it_goes_into_a_file(branch: World, tmp_path: Path) -> None:
    async with signed_in(branch, tmp_path / "here") as here:
        await here.drive(*key_of(ReconcileScreen), "enter", "1")
        here.says("Written in the data folder: exports/reconcile-")
        [file] = (here.config.data_folder / "exports").iterdir()
        told = file.read_text(encoding="utf-8-sig")
        [offer] = [line for line in told.splitlines() if line.startswith("mobile banking,") or
                   line.startswith("Mobile banking,")]  # fmt: skip
        assert offer == "Mobile banking,6,2,4,0"
        assert told.count("journal.txt:") == 4  # two are probable, two are faulty
        kept = rows(here.config.store_path, "SELECT action, staff, result FROM audit_entry")
        assert ("exported", MANAGER, "csv") in kept
    async with signed_in(branch, tmp_path / "it", IT) as here:
        assert "Export" not in here.picture()  # branch IT takes nothing out
        await here.drive("enter")
        here.expect(ReconcileScreen)


async def test_where_the_branch_may_not_be_read_the_place_says_so(
    server: PostgresServer, tmp_path: Path
) -> None:
    world = World(tmp_path, PostgresBranch(server, tmp_path))
    try:
        of_terminal = world.terminal().branch_url  # its login brings events, and reads none
        async with signed_in(world, tmp_path / "here", branch_database=of_terminal) as here:
            await here.drive(*key_of(ReconcileScreen))
            for size, spoken in LOOKS:
                await here.resize(*size)
                await here.speak(spoken)
                assert not cut(here)
            await here.speak("en")
            here.says("What journals prove is seen where the branch database may be read.")
            here.says("Batches and the branch's receipts", "This machine")
            await here.drive("enter", "2", "1")  # nothing of it is here
    finally:
        world.branch.close()
