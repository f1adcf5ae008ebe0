"""Signing in at a counter: one answer whatever was wrong, and an end to guessing."""

import json
import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from support import BRANCH, FakeClock, make_store

from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.sentences import sentence
from kiosk.services import pins
from kiosk.services.branch import initialise
from kiosk.services.pins import hash_pin, matches
from kiosk.services.releases import Name, publish
from kiosk.services.sign_in import SignedIn, SignIn
from kiosk.services.staff_roster import Role

PIN, WRONG = "739164", "739165"
QUICK = argon2.PasswordHasher(1, 8, 1)
"""The real hash takes a third of a second."""
HASH, HASH_OF_NOBODY = QUICK.hash(PIN), QUICK.hash("nobody")
ROSTER = f"""
[[staff]]
number = "1001"
name = "王芳"
roles = ["teller"]
pin_hash = "{HASH}"

[[staff]]
number = "1002"
name = "李雷"
roles = ["branch_manager", "auditor"]
pin_hash = "{HASH}"

[[staff]]
number = "2001"
name = "审计"
roles = ["auditor", "it"]
pin_hash = "{HASH}"

[[staff]]
number = "3001"
name = "新人"
roles = ["teller"]

[[staff]]
number = "3002"
name = "手写"
roles = ["teller"]
pin_hash = "$argon2id$by hand"
"""

MakeSignIn = Callable[[int], SignIn]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = make_store(tmp_path / "branch.db")
    initialise(database, Config())
    return database


@pytest.fixture
def at_counter(
    tmp_path: Path, database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> MakeSignIn:
    """The sign-in of a counter; all counters are on one machine."""
    monkeypatch.setattr(pins, "_NOBODY", HASH_OF_NOBODY)
    publish(database, [BRANCH], Name.STAFF, ROSTER, clock.now())
    return lambda counter: SignIn(
        [database], BRANCH, f"counter {counter}", tmp_path / "data", clock
    )


def refusal(sign_in: SignIn, number: str = "1001", pin: str = WRONG) -> KioskError:
    with pytest.raises(KioskError) as refused:
        sign_in.sign_in(number, SecretStr(pin))
    return refused.value


def fail(sign_in: SignIn, times: int, number: str = "1001") -> None:
    for _ in range(times):
        assert refusal(sign_in, number).code == "sign_in_refused"


@pytest.mark.parametrize(
    "who",
    [
        SignedIn("1001", "王芳", (Role.TELLER,)),
        SignedIn("1002", "李雷", (Role.BRANCH_MANAGER, Role.AUDITOR)),
    ],
)
def test_who_may_work_at_a_counter_comes_in(at_counter: MakeSignIn, who: SignedIn) -> None:
    assert at_counter(3).sign_in(who.number, SecretStr(PIN)) == who


@pytest.mark.parametrize(
    ("number", "pin"),
    [
        ("1001", WRONG),
        ("1001", ""),
        ("9999", PIN),  # nobody
        ("", PIN),
        ("2001", PIN),  # works here, but not at a counter
        ("3001", PIN),  # has no PIN yet
        ("3002", PIN),  # a hash that is none
    ],
)
def test_whatever_is_wrong_the_answer_and_the_work_are_the_same(
    at_counter: MakeSignIn, monkeypatch: pytest.MonkeyPatch, number: str, pin: str
) -> None:
    work: list[argon2.Parameters] = []

    class Hasher(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            with suppress(argon2.exceptions.InvalidHashError):  # found out at once
                work.append(argon2.extract_parameters(str(hash)))
            return super().verify(hash, password)

    monkeypatch.setattr(argon2, "PasswordHasher", Hasher)
    refused = refusal(at_counter(3), number, pin)
    assert (refused.code, refused.params) == ("sign_in_refused", {})
    assert work == [argon2.extract_parameters(HASH)]


def test_the_hash_of_nobody_takes_as_long_as_that_of_a_new_pin() -> None:
    new = hash_pin(SecretStr(PIN), "1001")
    assert argon2.extract_parameters(new) == argon2.extract_parameters(pins._NOBODY)
    assert matches(SecretStr(PIN), new)
    assert not matches(SecretStr(WRONG), new)
    assert not matches(SecretStr(PIN), None)


def test_no_pin_opens_what_has_no_hash(
    at_counter: MakeSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the one that the hash of nobody happens to have."""
    monkeypatch.setattr(pins, "_NOBODY", HASH)
    assert refusal(at_counter(1), "3001", PIN).code == "sign_in_refused"
    assert refusal(at_counter(1), "9999", PIN).code == "sign_in_refused"


# --- the lock ---------------------------------------------------------------------------------


def test_five_failures_lock_for_fifteen_minutes(at_counter: MakeSignIn, clock: FakeClock) -> None:
    sign_in = at_counter(3)
    fail(sign_in, 5)
    locked = refusal(sign_in, pin=PIN)
    assert (locked.code, locked.params) == ("sign_in_locked", {"minutes": 15})
    clock.advance(minutes=14, seconds=59)
    assert refusal(sign_in, pin=PIN).params == {"minutes": 1}
    clock.advance(seconds=1)
    assert sign_in.sign_in("1001", SecretStr(PIN)).number == "1001"


def test_the_fifth_try_may_be_right_and_the_count_begins_anew(at_counter: MakeSignIn) -> None:
    sign_in = at_counter(3)
    for _ in range(2):
        fail(sign_in, 4)
        assert sign_in.sign_in("1001", SecretStr(PIN))


def test_a_person_is_locked_at_every_counter_of_the_machine(at_counter: MakeSignIn) -> None:
    fail(at_counter(1), 3)
    fail(at_counter(2), 2)
    assert refusal(at_counter(4), pin=PIN).code == "sign_in_locked"
    assert at_counter(4).sign_in("1002", SecretStr(PIN))


def test_a_counter_is_locked_for_everybody(at_counter: MakeSignIn) -> None:
    for number in ("1001", "1002", "2001", "3001", "9999"):
        fail(at_counter(3), 1, number)
    assert refusal(at_counter(3), "1001", PIN).code == "sign_in_locked"
    assert at_counter(4).sign_in("1001", SecretStr(PIN))


def test_numbers_that_nobody_has_are_locked_like_others(at_counter: MakeSignIn) -> None:
    fail(at_counter(3), 5, "9999")
    assert refusal(at_counter(4), "9999").code == "sign_in_locked"
    assert at_counter(4).sign_in("1001", SecretStr(PIN))


def test_a_restart_or_a_pulled_plug_gives_no_more_tries(
    at_counter: MakeSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pull_the_plug(*_: object) -> bool:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("kiosk.services.sign_in.matches", pull_the_plug)
        for _ in range(5):
            with pytest.raises(SystemExit):
                at_counter(3).sign_in("1001", SecretStr(WRONG))
    assert refusal(at_counter(3), pin=PIN).code == "sign_in_locked"


def test_a_clock_that_was_set_back_locks_no_longer(
    at_counter: MakeSignIn, clock: FakeClock
) -> None:
    fail(at_counter(3), 5)
    clock.jump(days=-400)
    assert refusal(at_counter(3)).params == {"minutes": 15}
    clock.advance(minutes=15)
    assert at_counter(3).sign_in("1001", SecretStr(PIN))


def test_failures_of_long_ago_do_not_count(at_counter: MakeSignIn, clock: FakeClock) -> None:
    for _ in range(10):
        fail(at_counter(3), 1)
        clock.advance(minutes=15)


def test_who_can_not_be_counted_may_not_try(at_counter: MakeSignIn, tmp_path: Path) -> None:
    sign_in = at_counter(3)
    (tmp_path / "data").write_text("not a folder", encoding="utf-8")
    refused = refusal(sign_in, pin=PIN)
    assert refused.code == "sign_in_not_kept"
    assert "data" in sentence(refused)


def test_a_damaged_file_locks_nobody_out(at_counter: MakeSignIn, tmp_path: Path) -> None:
    fail(at_counter(3), 5)
    failures(tmp_path).write_text("{", encoding="utf-8")
    assert at_counter(3).sign_in("1001", SecretStr(PIN))


# --- what is kept and shown -------------------------------------------------------------------


def failures(folder: Path) -> Path:
    return folder / "data" / "sign-in-failures.json"


def test_nothing_that_was_typed_is_kept_and_only_the_owner_reads_it(
    at_counter: MakeSignIn, tmp_path: Path
) -> None:
    """A PIN in the wrong field is nobody's number."""
    fail(at_counter(3), 1, number=PIN)
    fail(at_counter(3), 1)
    kept = json.loads(failures(tmp_path).read_text(encoding="utf-8"))
    assert set(kept) == {"staff unknown", "staff 1001", "counter 3"}
    for path in (tmp_path / "data").iterdir():
        assert PIN not in path.read_text(encoding="utf-8")
        assert path.stat().st_mode & 0o077 == 0


def test_the_pin_is_in_no_error_log_or_traceback(
    at_counter: MakeSignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    try:
        at_counter(3).sign_in("1001", SecretStr(WRONG))
    except KioskError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        text = "".join(told.format()) + repr(error) + sentence(error)
    assert "sign_in_refused" in text
    assert WRONG not in text
    assert WRONG not in caplog.text


def test_without_a_roster_nobody_comes_in(
    database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    sign_in = SignIn([database], BRANCH, "counter 3", tmp_path, clock)
    refused = refusal(sign_in, pin=PIN)
    assert "kiosk branch publish staff" in sentence(refused)
    assert refused.code == "staff_none"


def test_who_was_taken_off_the_roster_is_out_at_once(
    at_counter: MakeSignIn, database: Database, clock: FakeClock
) -> None:
    sign_in = at_counter(3)
    publish(database, [BRANCH], Name.STAFF, ROSTER.replace("1001", "1009"), clock.now())
    assert refusal(sign_in, "1001", PIN).code == "sign_in_refused"
    assert sign_in.sign_in("1009", SecretStr(PIN))


# --- new PINs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pin",
    [
        "000000", "112112", "121212", "123456", "654321", "890123", "321098", "135791", "258258",
        "258852", "900713", "130790", "199005", "100123",
    ],
)  # fmt: skip
def test_pins_that_are_easily_guessed(pin: str) -> None:
    with pytest.raises(KioskError) as refused:
        hash_pin(SecretStr(pin), "S-100123")
    assert refused.value.code == "pin_guessable"


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "73916a", "７３９１６４", "73 164"])
def test_pins_that_are_none(pin: str) -> None:
    with pytest.raises(KioskError) as refused:
        hash_pin(SecretStr(pin), "1001")
    assert refused.value.code == "pin_not_digits"


@given(st.integers(0, 999_999))
def test_most_pins_are_free(first: int) -> None:
    """An attacker who knows the rule has gained little."""
    chosen = [f"{(first + 7919 * step) % 1_000_000:06}" for step in range(200)]
    refused = sum(pins._is_guessable(pin, "1001") for pin in chosen)
    assert refused < 50
