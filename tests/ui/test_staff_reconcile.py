"""Reconcile: what it shows is what the branch has, and a yes goes there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from journal_offers import accept, take_in, write
from journal_world import Fate
from lobby import Lobby
from staff_here import IT, MANAGER, key_of, sign_in, staff_machine
from staff_looks import cut
from support import rows
from sync_world import TerminalHere, World

from kiosk.languages import Language
from kiosk.screens.pick import PickScreen
from kiosk.screens.staff_mode.places.reconcile import ReconcileScreen
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
async def signed_in(branch: World, folder: Path, number: str = MANAGER) -> AsyncIterator[Lobby]:
    """A machine of that branch, with somebody at it."""
    url = str(branch.branch.url)
    async with staff_machine(folder, branch_database=url) as here:
        await here.speak("en")
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
        await here.touch(*here.picture().find("Yes, confirm them all")[-1])
        here.says("2 lines are confirmed.", "Probable, to confirm: 0")
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
