"""Making branch databases, enrolling terminals, and whose store a store is."""

from pathlib import Path

import pytest
from sync_world import World, change, rows

from kiosk.config import Branch, Config, Names, Terminal
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.branch import (
    check,
    enrol,
    initialise,
    open_store,
    prepare_store,
    terminals,
)
from kiosk.services.journal import Origin


def test_initialise_makes_a_branch_database_once(tmp_path: Path) -> None:
    config = Config(data_folder=tmp_path)
    database = Database(config.branch_database_url, create=True)
    initialise(database, config)
    meta = rows(tmp_path / "branch.db", "SELECT * FROM branch_meta")
    initialise(database, config)
    assert rows(tmp_path / "branch.db", "SELECT * FROM branch_meta") == meta
    assert rows(tmp_path / "branch.db", "SELECT code, name, time_zone FROM branch") == [
        ("0001", "城南支行", "Asia/Shanghai")
    ]
    database.close()


def test_initialise_takes_up_a_new_name_and_a_second_branch(world: World) -> None:
    name = Names(zh_CN="城北支行", en="North Branch", zh_TW="城北分行")
    initialise(world.branch, Config(data_folder=world.folder, branch=Branch(name=name)))
    initialise(world.branch, Config(data_folder=world.folder, branch=Branch(code="0002")))
    assert rows(world.branch_path, "SELECT code, name FROM branch ORDER BY code") == [
        ("0001", "城北支行"),
        ("0002", "城南支行"),
    ]


def test_initialise_widens_what_an_older_program_took(world: World) -> None:
    change(world.branch_path, "UPDATE branch_meta SET schema_max = 0")
    initialise(world.branch, world.config)
    assert rows(world.branch_path, "SELECT schema_min, schema_max FROM branch_meta") == [(1, 1)]


def test_a_store_does_not_become_a_branch_database(world: World) -> None:
    terminal = world.terminal()
    with pytest.raises(KioskError, match="not_a_branch_database"):
        initialise(terminal.store, world.config)
    with pytest.raises(KioskError, match="not_a_branch_database"):
        enrol(terminal.store, "0001", "T2", 2)
    with pytest.raises(KioskError, match="not_a_branch_database"):
        terminals(terminal.store)


def test_enrolling_twice_changes_nothing(world: World) -> None:
    enrol(world.branch, "0001", "T1", 1)
    before = rows(world.branch_path, "SELECT * FROM terminal")
    enrol(world.branch, "0001", "T1", 1)
    assert rows(world.branch_path, "SELECT * FROM terminal") == before


def test_a_digit_belongs_to_one_terminal_of_a_branch(world: World) -> None:
    enrol(world.branch, "0001", "T1", 1)
    with pytest.raises(KioskError) as caught:
        enrol(world.branch, "0001", "T2", 1)
    assert (caught.value.code, caught.value.params["terminal"]) == ("digit_taken", "T1")
    initialise(world.branch, Config(data_folder=world.folder, branch=Branch(code="0002")))
    enrol(world.branch, "0002", "T2", 1)


def test_a_digit_may_change_until_the_terminal_was_in_touch(world: World) -> None:
    enrol(world.branch, "0001", "T1", 5)
    terminal = world.terminal("T1", 1)
    terminal.sync()
    with pytest.raises(KioskError, match="digit_fixed"):
        enrol(world.branch, "0001", "T1", 5)
    assert [each.digit for each in terminals(world.branch)] == [1]


@pytest.mark.parametrize("code", ["", "T 1", "机", "x" * 33, "a/b"])
def test_odd_terminal_codes_are_refused(world: World, code: str) -> None:
    with pytest.raises(KioskError, match="terminal_code_invalid"):
        enrol(world.branch, "0001", code, 1)


def test_enrolling_in_an_unknown_branch(world: World) -> None:
    with pytest.raises(KioskError, match="branch_unknown"):
        enrol(world.branch, "0009", "T1", 1)


def test_a_store_knows_whose_it_is(world: World, tmp_path: Path) -> None:
    terminal = world.terminal("T1", 1)
    assert prepare_store(terminal.store, terminal.config) == Origin("0001", "T1", 1)
    for other in (
        Config(data_folder=tmp_path, terminal=Terminal(code="T2")),
        Config(data_folder=tmp_path, branch=Branch(code="0002")),
    ):
        with pytest.raises(KioskError, match="store_of_another"):
            prepare_store(terminal.store, other)


def test_a_store_keeps_its_epoch_and_takes_up_names(world: World) -> None:
    terminal = world.terminal("T1", 1)
    change(terminal.path, "UPDATE terminal SET epoch = 3")
    config = Config(
        data_folder=world.folder,
        branch=Branch(time_zone="Asia/Urumqi"),
        terminal=Terminal(code="T1", digit=4),
    )
    assert prepare_store(terminal.store, config) == Origin("0001", "T1", 3)
    assert rows(terminal.path, "SELECT digit FROM terminal") == [(4,)]
    assert rows(terminal.path, "SELECT time_zone FROM branch") == [("Asia/Urumqi",)]


def test_a_branch_database_does_not_become_a_store(world: World) -> None:
    with pytest.raises(KioskError, match="store_is_branch_database"):
        prepare_store(world.branch, world.config)


def test_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    config = Config(data_folder=tmp_path)
    with pytest.raises(KioskError, match="store_not_ready"):
        open_store(config)
    assert not config.store_path.exists()


def test_status_of_all_terminals(world: World) -> None:
    world.terminal("T2", 2)
    terminal = world.terminal("T1", 1)
    terminal.visit()
    terminal.sync()
    first, second = terminals(world.branch)
    assert (first.code, first.acked_seq, first.batch_number) == ("T1", 4, 1)
    assert first.last_seen == world.clock.now()
    assert (second.code, second.last_seen, second.quarantined) == ("T2", None, 0)


def test_check_tells_what_is_not_what_the_events_say(world: World) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    assert not check(terminal.store).differences
    change(terminal.path, "UPDATE hourly_figures SET offered = 9 WHERE offered = 1")
    change(terminal.path, "DELETE FROM ticket")
    assert check(terminal.store).differences == {"hourly_figures": 2, "ticket": 1}
    assert rows(terminal.path, "SELECT max(offered) FROM hourly_figures") == [(9,)]


def test_check_does_not_mind_rows_of_zeros(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    columns = [row[1] for row in rows(terminal.path, "PRAGMA table_info(hourly_figures)")]
    zeros = ["'0001'", "'2026-11-23'", "3", "''", "''"] + ["0"] * (len(columns) - 5)
    change(terminal.path, f"INSERT INTO hourly_figures VALUES ({', '.join(zeros)})")  # noqa: S608 (our own words)
    assert not check(terminal.store).differences
