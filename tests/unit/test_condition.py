"""How a terminal is, as its branch hears of it."""

import dataclasses
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sync_world import FORMS, FakeClock, World, world_on

from kiosk.clock import SystemClock
from kiosk.config import Config, Printer
from kiosk.disk_space import free_mb
from kiosk.errors import KioskError
from kiosk.last_error import NotesLastError, read_last_error
from kiosk.lock import held, held_since_ns
from kiosk.services.branch import terminals
from kiosk.services.doctor import State, check_last_error
from kiosk.services.sync.condition import read_condition
from kiosk.services.sync.round import bring
from kiosk.services.sync.wire import Condition

world = world_on(*FORMS)

COLUMNS = "SELECT up_seconds, printer, free_mb, last_error, last_error_at FROM terminal"
FAILED_AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_the_branch_hears_how_a_terminal_is_and_keeps_it_where_nobody_says(world: World) -> None:
    terminal = world.terminal()
    terminal.sync(condition=Condition(None, None, 90))
    assert world.rows(COLUMNS) == [(None, None, 90, None, None)]
    terminal.sync(condition=Condition(7200, "paper_low", 1 << 33, "disk_full", FAILED_AT))
    [told] = world.rows(COLUMNS)
    assert told[:4] == (7200, "paper_low", 1 << 33, "disk_full")
    assert str(told[4]).startswith("2026-11-23 01:00:00")
    terminal.visit()
    terminal.sync()
    assert world.rows(COLUMNS) == [told]
    assert world.rows("SELECT goes_out FROM terminal") == [(0,)]
    terminal.sync(condition=Condition(1, None, 5000, goes_out=True))
    terminal.sync()
    [state] = terminals(world.branch)
    assert state.condition == Condition(1, None, 5000, goes_out=True)


def test_a_clock_that_is_off_by_ages_does_not_keep_the_branch_from_being_read(world: World) -> None:
    terminal = world.terminal()
    far = datetime(9999, 12, 31, tzinfo=UTC)
    terminal.sync(condition=Condition(1, "ok", 5000, "program_fault", far))
    [state] = terminals(world.branch)
    assert state.condition is not None
    assert (state.condition.free_mb, state.condition.last_error) == (5000, "program_fault")


def test_a_round_says_what_the_machine_is_like(tmp_path: Path) -> None:
    made = World(tmp_path)
    terminal = made.terminal()
    printer = Printer(kind="file", device=tmp_path / "lp0")
    settings = dataclasses.replace(terminal.config, printer=printer)
    settings.printer_failure_path.write_text('{"paper": "low"}')
    with held(settings.store_path, "terminal", "store_in_use"):
        bring(settings, made.here.url, SystemClock(), lambda done, total: None)
    [(up, paper, free, error, at)] = made.rows(COLUMNS)
    assert (up, paper, error, at) == (0, "paper_low", None, None)
    assert abs(int(str(free)) - free_mb(tmp_path)) < 1000


# --- since when the program runs ------------------------------------------------------------------


def test_who_holds_a_lock_says_since_when(tmp_path: Path) -> None:
    store, clock = tmp_path / "store.db", SystemClock()
    assert held_since_ns(store, "terminal", clock.boot_id) is None
    before = clock.monotonic_ns()
    with held(store, "terminal", "store_in_use"):
        begun = held_since_ns(store, "terminal", clock.boot_id)
        assert begun is not None
        assert before <= begun <= clock.monotonic_ns()
        # as after a power cut: what stands there is of another start of the machine
        assert held_since_ns(store, "terminal", "another boot") is None
        with pytest.raises(KioskError, match="taken"), held(store, "terminal", "taken"):
            pass
        assert held_since_ns(store, "terminal", clock.boot_id) == begun


@pytest.mark.parametrize("left", ["", "x", "1 2", "-5 boot x"])
def test_a_lock_file_that_says_nothing(tmp_path: Path, left: str) -> None:
    (tmp_path / "store.db.terminal-lock").write_text(left)
    assert held_since_ns(tmp_path / "store.db", "terminal", "boot") is None


def test_a_program_that_was_killed_does_not_run(tmp_path: Path) -> None:
    store, clock = tmp_path / "store.db", SystemClock()
    child = os.fork()
    if child == 0:
        with held(store, "terminal", "store_in_use"):
            os._exit(0)
    os.waitpid(child, 0)
    assert held_since_ns(store, "terminal", clock.boot_id) is None


# --- the last error -------------------------------------------------------------------------------


def test_the_last_error_is_kept_as_its_code_and_nothing_else(tmp_path: Path) -> None:
    settings, clock = Config(data_folder=tmp_path), FakeClock()
    log = logging.Logger("here")
    log.addHandler(NotesLastError(settings.last_error_path, clock))
    log.warning("nothing that stops anybody")
    assert read_last_error(settings.last_error_path) is None
    log.error("a step failed: %s", KioskError("disk_full", database="王芳 13800138000"))
    clock.advance(hours=1)
    told = read_condition(settings, clock)
    assert (told.last_error, told.last_error_at) == ("disk_full", clock.now() - timedelta(hours=1))
    assert "138" not in settings.last_error_path.read_text()
    log.critical("unhandled %s\n%s", "ZeroDivisionError", "frames")
    told = read_condition(settings, clock)
    assert (told.last_error, told.last_error_at) == ("program_fault", clock.now())
    assert told.printer is None


def test_doctor_tells_of_an_error_for_a_day(tmp_path: Path) -> None:
    settings, clock = Config(data_folder=tmp_path), FakeClock()
    assert check_last_error(settings, clock.now()) is None
    log = logging.Logger("here")
    log.addHandler(NotesLastError(settings.last_error_path, clock))
    log.error("a step failed: %s", KioskError("disk_full", database="x"))
    found = check_last_error(settings, clock.now() + timedelta(hours=23))
    assert found is not None
    assert (found.state, found.params["error"]) == (State.WARNING, "disk_full")
    assert check_last_error(settings, clock.now() + timedelta(hours=25)) is None


@pytest.mark.parametrize("torn", ["", "{", "[]", '{"code": "x"}', '{"code": "x", "at": 5}'])
def test_a_note_that_a_power_cut_tore(tmp_path: Path, torn: str) -> None:
    (tmp_path / "note").write_text(torn)
    assert read_last_error(tmp_path / "note") is None
