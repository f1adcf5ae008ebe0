"""Who wants into staff mode and may not, and what is to be found of who may."""

import gc
import logging
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lobby import Lobby, lobby
from staff_here import MANAGER, PIN, WRONG, into_staff_mode, publish_roster, roster, sign_in
from textual.widgets import Input

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.sentences import sentence
from kiosk.services.audit import chains, entries
from kiosk.services.releases import Name, publish
from kiosk.services.staff_roster import StaffRoster

ODD_NAME = """[b]x[/b]'; DROP TABLE event; --"""


def actions(here: Lobby) -> list[tuple[str, str, str]]:
    """Who did what, as the audit log has it."""
    with closing(here.database()) as store, store.read() as connection:
        kept = chains(entries(connection, "0001")).get("T1", [])
    return [(each.entry.staff, each.entry.action, each.entry.result) for each in kept]


def files(folder: Path) -> bytes:
    """Everything that is on the disk: store, its log, branch, messages."""
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


async def test_five_wrong_tries_lock_the_person_and_the_terminal(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        publish_roster(here.config)
        await here.drive("ctrl+s")
        for _ in range(5):
            await sign_in(here, pin=WRONG)
            assert sentence(KioskError("sign_in_refused")) in here.picture()
            await here.drive("escape", "ctrl+s")
        locked = sentence(KioskError("sign_in_locked", minutes=15))
        for number in (MANAGER, "1001"):
            await sign_in(here, number)
            assert "".join(locked.split()) in "".join(here.picture().text.split())
            await here.drive("escape", "ctrl+s")
        here.clock.advance(minutes=15)
        await sign_in(here)
        here.expect(PlaceScreen)
        refused = [(MANAGER, "sign_in_refused", "")] * 5
        assert actions(here) == [*refused, (MANAGER, "sign_in", "")]


async def test_a_pin_is_nowhere_afterwards(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Typed right, typed wrong, typed into the wrong field."""
    caplog.set_level(logging.DEBUG)
    async with lobby(tmp_path) as here:
        publish_roster(here.config)
        await here.drive("ctrl+s")
        await sign_in(here, PIN, WRONG)
        await here.drive("escape", "ctrl+s")
        await sign_in(here, pin=WRONG)
        await here.drive("escape", "ctrl+s")
        await sign_in(here)
        here.expect(PlaceScreen)
        assert here.app.clipboard == ""
        await here.drive("0")
        here.expect(AttractScreen)
        gc.collect()
        fields = [each for each in gc.get_objects() if isinstance(each, Input)]
        assert not any(each.value for each in fields)
        assert actions(here)[:2] == [("", "sign_in_refused", ""), (MANAGER, "sign_in_refused", "")]
        assert actions(here)[-1] == (MANAGER, "sign_off", "asked")
        for secret in (PIN, WRONG):
            assert secret not in str(here.events())
            assert secret not in caplog.text
            assert secret.encode() not in files(tmp_path)


async def test_the_copy_key_takes_nothing_out_of_a_field(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        publish_roster(here.config)
        await here.drive("ctrl+s")
        for key in (*MANAGER, "enter", *PIN):
            here.strike(key)
        await here.drive("home", "shift+end", "ctrl+c", "ctrl+x", "ctrl+a", "ctrl+c")
        assert here.app.clipboard == ""


async def test_sql_and_markup_are_only_text(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        body = roster().replace('"王芳"', f'"{ODD_NAME}"')
        with closing(Database(here.config.branch_database_url)) as branch:
            publish(branch, None, Name.STAFF, body, datetime.now(UTC))
        await here.drive("ctrl+s")
        for key in "2001' OR 1=1 --[red]":
            here.strike(key)
        await here.drive("enter", *PIN, "enter", apart=0)
        here.expect(SignInScreen)
        await here.drive("escape", "ctrl+s")
        await sign_in(here)
        here.expect(PlaceScreen)
        assert ODD_NAME in here.picture()
        assert here.events() == []


@pytest.mark.parametrize("name", ["\x1b[2J", "a\nb", "\x07", "\u202e"])
def test_no_name_can_move_the_cursor(name: str) -> None:
    member = {"number": "1", "name": name, "roles": ["teller"]}
    with pytest.raises(ValueError, match="can be printed"):
        StaffRoster.model_validate({"staff": [member]})


async def test_who_was_disabled_meanwhile_is_out(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await into_staff_mode(here)
        await here.drive("0")
        with closing(Database(here.config.branch_database_url)) as branch:
            body = roster().replace("roles = ", "is_disabled = true\nroles = ")
            publish(branch, None, Name.STAFF, body, datetime.now(UTC))
        await here.drive("ctrl+s")
        await sign_in(here)
        here.expect(SignInScreen)
        assert sentence(KioskError("sign_in_refused")) in here.picture()
