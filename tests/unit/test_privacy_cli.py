"""`kiosk privacy`, as branch IT types it, and what doctor and a new store make of the numbers."""

import re
import zipfile
from pathlib import Path

import pytest
from contacts_here import MANAGER, NUMBER, contacts_at
from support import change, rows
from sync_world import TerminalHere, World, reopened
from typer.testing import CliRunner

from kiosk.bootstrap import build
from kiosk.cli import app
from kiosk.exit_codes import ExitCode
from kiosk.models import Purpose
from kiosk.services.doctor import State, check_contacts, check_keys
from kiosk.services.journal import new_id
from kiosk.services.keys import key_path
from kiosk.services.staff.contacts import Contact
from kiosk.services.staff.sign_ups import Opened, Signing, SignUps

CONTACTS = "SELECT id FROM contact"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return World(tmp_path, is_now=True)


def keep(terminal: TerminalHere) -> Contact:
    return contacts_at(terminal).keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")


def kiosk(world: World, *words: str, answer: str = "") -> tuple[int, str]:
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "LANG": "en", "LC_ALL": "en"}
    done = CliRunner().invoke(app, words, input=answer, env=settings, prog_name="kiosk")
    assert NUMBER not in done.output
    return done.exit_code, done.output


def make_due(terminal: TerminalHere) -> None:
    change(terminal.path, "UPDATE contact SET keep_until = '2026-01-01'")


def test_what_is_due_goes_by_command(world: World, terminal: TerminalHere) -> None:
    assert "no key yet" in kiosk(world, "privacy", "status")[1]
    keep(terminal)
    exits, told = kiosk(world, "privacy", "status")
    assert exits == ExitCode.DONE
    assert "Numbers kept: 1; overdue: 0; without their key: 0." in told
    [(key_id,)] = rows(terminal.path, "SELECT key_id FROM contact")
    assert f"Key {key_id}: " in told
    assert kiosk(world, "privacy", "purge") == (ExitCode.DONE, "0 numbers are deleted.\n")
    make_due(terminal)
    assert "overdue: 1;" in kiosk(world, "privacy", "status")[1]
    assert kiosk(world, "privacy", "purge") == (ExitCode.DONE, "1 number is deleted.\n")
    assert "given: 1; withdrawn: 0; numbers deleted: 1." in kiosk(world, "privacy", "status")[1]


def test_a_customer_s_word_deletes_it(world: World, terminal: TerminalHere) -> None:
    code = keep(terminal).withdrawal_code
    told = kiosk(world, "privacy", "withdraw", code)
    assert told == (ExitCode.DONE, "139****4321 is deleted.\n")
    exits, told_again = kiosk(world, "privacy", "withdraw", code)
    assert exits == ExitCode.WRONG_USE
    assert told_again.startswith("No phone number is kept under this code.")
    keep(terminal)
    exits, told_then = kiosk(world, "privacy", "withdraw", answer=f"{NUMBER}\n")
    assert exits == ExitCode.DONE
    assert told_then.endswith("1 number is deleted.\n")
    assert rows(terminal.path, CONTACTS) == []


def test_at_the_branch_it_reaches_the_terminal_with_its_next_round(
    world: World, terminal: TerminalHere
) -> None:
    kept = keep(terminal)
    terminal.sync()
    exits, told = kiosk(world, "privacy", "withdraw", kept.withdrawal_code, "--branch")
    assert (exits, told) == (ExitCode.DONE, "139****4321 is deleted.\n")
    assert world.rows(CONTACTS) == []
    assert len(rows(terminal.path, CONTACTS)) == 1
    terminal.sync()
    assert rows(terminal.path, CONTACTS) == []
    [audited] = world.rows("SELECT action, subject, result FROM audit_entry")
    assert audited == ("contact_purged", str(kept.id), "withdrawn")
    assert kiosk(world, "db", "check", "--branch")[0] == ExitCode.DONE
    assert kiosk(world, "privacy", "withdraw", "--branch")[0] == ExitCode.WRONG_USE


def test_the_branch_can_be_purged_without_a_terminal(world: World, terminal: TerminalHere) -> None:
    keep(terminal)
    terminal.sync()
    world.change("UPDATE contact SET keep_until = '2026-01-01'")
    exits, told = kiosk(world, "privacy", "purge", "--branch")
    assert (exits, told) == (ExitCode.DONE, "1 number is deleted.\n")
    assert world.rows(CONTACTS) == []


@pytest.mark.parametrize("name", ["follow-ups", "people", "morning"])
def test_no_report_has_a_number_or_what_deletes_it(
    world: World, terminal: TerminalHere, name: str
) -> None:
    sign_up = new_id()
    opened = Opened(sign_up, "mobile", 1)
    SignUps(terminal.journal).sign(Signing(new_id(), [opened], "merchant", "BR20261123"), "s1")
    kept = contacts_at(terminal).keep(NUMBER, Purpose.ACTIVATION, sign_up, "zh_CN")
    terminal.sync()
    for form in ("csv", "html", "xlsx"):
        file = world.folder / f"report.{form}"
        exits, told = kiosk(world, "report", name, "--format", form, "--out", str(file))
        assert exits == ExitCode.DONE, told
        for secret in (NUMBER, kept.withdrawal_code, kept.id.hex, str(kept.id)):
            assert secret not in content(file)


def content(file: Path) -> str:
    """What a report's file says, unpacked."""
    if not zipfile.is_zipfile(file):
        return file.read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(file) as parts:
        return "".join(parts.read(part).decode() for part in parts.namelist())


def test_a_new_key(world: World, terminal: TerminalHere) -> None:
    kept = keep(terminal)
    old = key_path(terminal.config, "contact").read_text()
    exits, told = kiosk(world, "privacy", "rotate")
    assert (exits, told) == (ExitCode.DONE, "1 number has a new key; the old key is destroyed.\n")
    assert key_path(terminal.config, "contact").read_text() != old
    assert contacts_at(terminal).reveal(kept.id, MANAGER) == NUMBER


def test_the_start_of_a_terminal_deletes_what_is_due(world: World, terminal: TerminalHere) -> None:
    keep(terminal)
    make_due(terminal)
    terminal.store.close()
    build(terminal.config).close()
    assert rows(terminal.path, CONTACTS) == []


def test_a_new_store_has_the_numbers_too(world: World, terminal: TerminalHere) -> None:
    kept = keep(terminal)
    terminal.sync()
    terminal.store.close()
    found = re.search(r"kiosk db renew (\w+)", kiosk(world, "branch", "renew", "T1")[1])
    assert found
    assert kiosk(world, "db", "renew", found[1], "--yes")[0] == ExitCode.DONE
    renewed = reopened(terminal)
    renewed.sync()
    assert rows(renewed.path, CONTACTS) == world.rows(CONTACTS) == [(kept.id.hex,)]
    assert contacts_at(renewed).reveal(kept.id, MANAGER) == NUMBER


def test_doctor_tells_what_is_wrong(world: World, terminal: TerminalHere) -> None:
    settings, now = terminal.config, world.clock.now()
    keep(terminal)
    found = check_contacts(settings, now)
    assert found
    assert (found.state, found.params) == (State.OK, {"count": 1})
    assert check_keys(settings).state is State.OK
    key_path(settings, "contact").chmod(0o440)
    assert (check_keys(settings).state, check_keys(settings).code) == (State.FAULT, "keys_exposed")
    assert "chmod go= " in kiosk(world, "doctor")[1]
    key_path(settings, "contact").unlink()
    found = check_contacts(settings, now)
    assert found
    assert (found.state, found.code) == (State.WARNING, "contacts_closed")
    make_due(terminal)
    found = check_contacts(settings, now)
    assert found
    assert (found.state, found.code) == (State.FAULT, "contacts_due")
    assert "kiosk privacy purge" in kiosk(world, "doctor")[1]
