"""`kiosk privacy export`: whole phone numbers leave the program in the hands of two people."""

import stat
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import argon2
import pytest
from contacts_here import NUMBER, contacts_at, holding
from support import rows
from sync_world import World
from terminal import Terminal
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.db import Database
from kiosk.exit_codes import ExitCode
from kiosk.models import Purpose
from kiosk.services.journal import new_id
from kiosk.services.releases import Name, publish
from kiosk.services.sign_in import MOST_FAILURES, failed_tries, person
from kiosk.services.staff.sign_ups import Opened, Signing, SignUps

PINS = {"2001": "739164", "2002": "804517", "1001": "615283"}
ROLES = {"2001": "lobby_manager", "2002": "branch_manager", "1001": "teller"}
WRONG = "739165"
CONTACTS = "SELECT id FROM contact"
EXPORT = (sys.executable, "-m", "kiosk", "privacy", "export")


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, is_now=True)
    terminal = made.terminal()
    sign_up = new_id()
    signing = Signing(new_id(), [Opened(sign_up, "mobile", 1)], "merchant", "BR20261123")
    SignUps(terminal.journal).sign(signing, "2001")
    contacts = contacts_at(terminal)
    contacts.keep(NUMBER, Purpose.ACTIVATION, sign_up, "zh_CN")
    contacts.keep("13812341234", Purpose.CALL_BACK, None, "zh_CN")
    terminal.store.close()
    hasher = argon2.PasswordHasher(1, 8, 1)
    roster = "\n".join(
        f'[[staff]]\nnumber = "{number}"\nname = "员工"\nroles = ["{ROLES[number]}"]\n'
        f'pin_hash = "{hasher.hash(pin)}"'
        for number, pin in PINS.items()
    )
    with closing(Database(made.config.branch_database_url)) as branch:
        publish(branch, None, Name.STAFF, roster, datetime.now(UTC))
    return made


@pytest.fixture
def file(world: World) -> Path:
    return world.folder / "calls" / "numbers.csv"


def export(world: World, file: Path, *people: tuple[str, str]) -> tuple[int, str]:
    """Let people say number and PIN, one after the other, until the command has ended."""
    file.parent.mkdir(exist_ok=True)
    with Terminal(world.folder, (*EXPORT, str(file)), {"LC_ALL": "en_US.UTF-8"}) as terminal:
        for who, (number, pin) in zip(("First", "Second"), people, strict=True):
            terminal.wait_for(f"{who} person, staff number")
            terminal.send(number.encode() + b"\n")
            terminal.wait(lambda: "PIN of" in last_line(terminal), "question")
            terminal.send(pin.encode() + b"\n")
        exits = terminal.exit_status()
        assert not [pin for pin in (*PINS.values(), WRONG) if pin.encode() in terminal.raw]
        assert NUMBER.encode() not in terminal.raw
        return exits, terminal.text


def last_line(terminal: Terminal) -> str:
    return terminal.text.rstrip().splitlines()[-1]


def signed(number: str) -> tuple[str, str]:
    return number, PINS[number]


def audited(world: World, action: str) -> list[tuple[object, ...]]:
    told = "SELECT staff, subject, result FROM audit_entry WHERE action = ? ORDER BY seq"
    return rows(world.folder / "terminal-T1.db", told, action)


def test_two_people_take_the_numbers_out(world: World, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("of yesterday")
    file.chmod(0o644)
    exits, told = export(world, file, signed("2001"), signed("2002"))
    assert exits == ExitCode.DONE, told
    assert "2 numbers are in" in told
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    head, *lines = file.read_text("utf-8-sig").splitlines()
    assert head == "Phone,Purpose,Receipt number,Product,Delete after"
    parts = sorted(line.split(",")[:3] for line in lines)
    assert parts == [
        ["13812341234", "call back", ""],
        [NUMBER, "help with the first use", "BR20261123"],
    ]
    assert audited(world, "exported") == [
        ("2001", "phone-numbers 2", "file, with 2002"),
        ("2002", "phone-numbers 2", "file, with 2001"),
    ]
    contacts = [str(row[0]) for row in rows(world.folder / "terminal-T1.db", CONTACTS)]
    seen = audited(world, "phone_viewed")
    assert {(who, str(which).replace("-", "")) for who, which, _ in seen} == {
        (who, contact) for who in ("2001", "2002") for contact in contacts
    }
    # it stands in that file alone, and nothing else was left beside it
    assert list(holding(world.folder, NUMBER.encode())) == [file.name]
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    ("second", "told", "kept"),
    [
        (signed("2001"), "the same person", ("2001", "exported", "refused, with 2001")),
        (signed("1001"), "Nobody can sign in here", ("1001", "sign_in_refused", "")),
        (("2002", WRONG), "Nobody can sign in here", ("2002", "sign_in_refused", "")),
    ],
    ids=["same", "teller", "wrong-pin"],
)
def test_one_person_gets_nothing(
    world: World, file: Path, second: tuple[str, str], told: str, kept: tuple[str, str, str]
) -> None:
    exits, said = export(world, file, signed("2001"), second)
    assert exits != ExitCode.DONE
    assert told in said.replace("\n", "")
    assert list(file.parent.iterdir()) == []
    who, action, result = kept
    [(staff, _about, told_of_it)] = audited(world, action)
    assert (staff, told_of_it) == (who, result)
    assert audited(world, "phone_viewed") == []


def test_a_second_person_who_was_guessed_at_is_locked(world: World, file: Path) -> None:
    for _ in range(MOST_FAILURES):
        failed_tries(world.folder).begin((person("2002"),), datetime.now(UTC))
    exits, told = export(world, file, signed("2001"), signed("2002"))
    assert exits == ExitCode.NEEDS_A_PERSON
    assert "Too many tries failed" in told
    assert list(file.parent.iterdir()) == []
    assert audited(world, "exported") == []


def test_a_script_is_not_asked(world: World, file: Path) -> None:
    typed = "".join(f"{number}\n{PINS[number]}\n" for number in ("2001", "2002"))
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": "en"}
    done = CliRunner().invoke(app, ["privacy", "export", str(file)], input=typed, env=settings)
    assert done.exit_code == ExitCode.WRONG_USE
    assert "needs a terminal" in done.output
    assert not file.exists()
