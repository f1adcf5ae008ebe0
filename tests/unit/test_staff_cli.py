"""`kiosk staff add|list|disable|enable|reset-pin|unlock`, and PINs that people must choose."""

import re
import tomllib
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError
from support import FakeClock, make_store
from sync_world import FORMS, World, branch_of
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.clock import SystemClock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services import pins
from kiosk.services.audit import entries, first_broken
from kiosk.services.audit_check import read_chains
from kiosk.services.branch import initialise
from kiosk.services.keys import key
from kiosk.services.releases import Name, check, publish
from kiosk.services.sign_in import SignedIn, SignIn, failed_tries
from kiosk.services.staff_admin import StaffAdmin, roster_body
from kiosk.services.staff_roster import Role, StaffMember, StaffRoster

PIN, OWN, OTHER = "739164", "804517", "615283"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("KIOSK_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    # the real hash takes a third of a second
    for name, value in (("_PASSES", 1), ("_MEMORY_KIB", 8), ("_LANES", 1)):
        monkeypatch.setattr(pins, name, value)
    monkeypatch.setattr(pins, "_NOBODY", argon2.PasswordHasher(1, 8, 1).hash("nobody"))
    settings = Config(data_folder=tmp_path)
    with closing(make_store(tmp_path / "branch.db")) as branch:
        initialise(branch, settings)
    return settings


def kiosk(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ("staff", *words))
    assert done.exit_code == code, done.output
    return done.output


def shown_pin(told: str) -> str:
    found = re.search(r"\b[0-9]{6}\b", told)
    assert found, told
    return found[0]


def sign_in(
    settings: Config, number: str, pin: str, new: str | None = None, clock: FakeClock | None = None
) -> SignedIn:
    with closing(Database(settings.branch_database_url)) as branch:
        service = SignIn([branch], "0001", "counter 3", settings.data_folder, clock or FakeClock())
        return service.sign_in(number, SecretStr(pin), SecretStr(new) if new else None)


def refusal(
    settings: Config, number: str, pin: str, new: str | None = None, clock: FakeClock | None = None
) -> str:
    with pytest.raises(KioskError) as refused:
        sign_in(settings, number, pin, new, clock)
    return refused.value.code


def test_from_being_added_to_a_pin_of_one_s_own(settings: Config) -> None:
    first = shown_pin(kiosk("add", "1001", "王芳", "--role", "teller", "--role", "auditor"))
    assert re.search(r"1001 +王芳 +teller, auditor +first PIN", kiosk("list"))
    assert refusal(settings, "1001", OTHER) == "sign_in_refused"
    assert refusal(settings, "1001", first) == "pin_to_be_chosen"
    assert refusal(settings, "1001", first, first) == "pin_same"
    assert refusal(settings, "1001", first, "123456") == "pin_guessable"
    assert refusal(settings, "1001", OTHER, OWN) == "sign_in_refused"
    expected = SignedIn("1001", "王芳", (Role.TELLER, Role.AUDITOR))
    assert sign_in(settings, "1001", first, OWN) == expected
    assert sign_in(settings, "1001", OWN) == expected
    assert refusal(settings, "1001", first) == "sign_in_refused"
    again = shown_pin(kiosk("reset-pin", "1001"))
    assert refusal(settings, "1001", OWN) == "sign_in_refused"
    assert refusal(settings, "1001", again) == "pin_to_be_chosen"
    kept = "".join(
        path.read_text("utf-8", "replace") for path in settings.data_folder.rglob("*")
        if path.is_file()
    )  # fmt: skip
    for secret in (first, OWN, again):
        assert secret not in kept
    assert (settings.data_folder / "own-pins.json").stat().st_mode & 0o077 == 0


def test_after_ninety_days_a_new_one_is_chosen(settings: Config) -> None:
    first = shown_pin(kiosk("add", "1001", "王芳", "--role", "teller"))
    clock = FakeClock()
    sign_in(settings, "1001", first, OWN, clock)
    clock.advance(days=89)
    assert sign_in(settings, "1001", OWN, clock=clock)
    clock.advance(days=1)
    assert refusal(settings, "1001", OWN, clock=clock) == "pin_to_be_chosen"
    assert sign_in(settings, "1001", OWN, OTHER, clock)
    assert sign_in(settings, "1001", OTHER, clock=clock)


def test_who_is_disabled_hears_what_everybody_hears(settings: Config) -> None:
    first = shown_pin(kiosk("add", "1001", "王芳", "--role", "teller"))
    sign_in(settings, "1001", first, OWN)
    kiosk("disable", "1001")
    assert "DISABLED" in kiosk("list")
    assert refusal(settings, "1001", OWN) == "sign_in_refused"
    kiosk("enable", "1001")
    assert sign_in(settings, "1001", OWN)


def test_who_is_locked_is_shown_and_unlocked_here(settings: Config) -> None:
    first = shown_pin(kiosk("add", "1001", "王芳", "--role", "teller"))
    now = SystemClock().now()
    for _ in range(5):
        failed_tries(settings.data_folder).begin(("staff 1001", "counter 3"), now)
    assert "LOCKED here until" in kiosk("list")
    clock = FakeClock(now + timedelta(seconds=1))
    assert refusal(settings, "1001", first, clock=clock) == "sign_in_locked"
    kiosk("unlock", "1001")
    assert "LOCKED" not in kiosk("list")
    assert refusal(settings, "1001", first, clock=clock) == "pin_to_be_chosen"


def test_every_change_is_in_the_audit_log(settings: Config) -> None:
    kiosk("add", "1001", "王芳", "--role", "teller")
    kiosk("reset-pin", "1001")
    kiosk("disable", "1001")
    kiosk("disable", "1001")  # nothing changes
    [chain] = read_chains(settings, settings.branch_database_url)
    assert chain.broken is None
    assert [each.entry.result for each in chain.kept] == ["added", "pin reset", "disabled"]
    assert {each.entry.subject for each in chain.kept} == {"1001"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "10 01", "王芳", "--role", "teller"), "can't stand in the staff list: number"),
        (("add", "1001", "x" * 33, "--role", "teller"), "can't stand in the staff list: name"),
        (("add", "1001", "\x1b[2J王", "--role", "teller"), "can't stand in the staff list: name"),
        (("reset-pin", "9999"), "Nobody in the staff list"),
        (("disable", "9999"), "Nobody in the staff list"),
    ],
)
def test_what_can_not_be_done(settings: Config, words: tuple[str, ...], told: str) -> None:
    assert told in kiosk(*words, code=2)
    assert "Nobody is on the staff list" in kiosk("list")


def test_nobody_is_added_twice(settings: Config) -> None:
    kiosk("add", "1001", "王芳", "--role", "teller")
    assert "already" in kiosk("add", "1001", "李雷", "--role", "teller", code=2)
    assert "李雷" not in kiosk("list")


@given(st.text(min_size=1, max_size=32).filter(str.isprintable), st.booleans())
def test_any_name_is_published_as_it_is(name: str, is_disabled: bool) -> None:
    """SQL, markup and TOML's own marks are nothing but text."""
    member = StaffMember(
        number="1001", name=name, roles=(Role.IT,),
        is_disabled=is_disabled,
    )  # fmt: skip
    body = roster_body(StaffRoster(staff=(member, member.model_copy(update={"number": "2"}))))
    check(Name.STAFF, body)
    assert StaffRoster.model_validate(tomllib.loads(body)).staff[0] == member


def test_what_was_published_by_hand_is_kept(settings: Config) -> None:
    by_hand = '[[staff]]\nnumber = "7"\nname = "手写"\nroles = ["teller"]\n'
    with closing(Database(settings.branch_database_url)) as branch:
        publish(branch, None, Name.STAFF, by_hand, FakeClock().now())
        StaffAdmin(branch, settings, FakeClock()).add("8", "新人", (Role.AUDITOR,))
    told = kiosk("list")
    assert "手写" in told
    assert "NO PIN" in told
    assert "新人" in told


@pytest.mark.parametrize("form", FORMS[:2])
def test_on_a_server_too(form: str, request: pytest.FixtureRequest, settings: Config) -> None:
    """Owner's work, on either engine: the list, the chain, and nobody changes the chain."""
    folder = settings.data_folder / "world"
    folder.mkdir()
    world = World(folder, branch_of(form, request)(folder))
    world.terminal()
    with closing(world.branch) as branch:
        staff = StaffAdmin(branch, settings, FakeClock())
        staff.add("1001", "王芳", (Role.TELLER,))
        staff.set_disabled("1001", is_disabled=True)
        [member] = staff.roster().staff
        assert (member.name, member.is_disabled, member.must_change) == ("王芳", True, True)
        with branch.read() as connection:
            kept = list(entries(connection, "0001"))
        assert [each.entry.result for each in kept] == ["added", "disabled"]
        assert first_broken(kept, key(settings, "audit")) is None
        for change in ("UPDATE audit_entry SET staff = 'x'", "DELETE FROM audit_entry"):
            with pytest.raises(IntegrityError, match="never changed"), branch.write() as connection:
                connection.exec_driver_sql(change)
