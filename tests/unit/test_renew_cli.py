"""`kiosk branch renew` and `kiosk db renew`, as branch IT types them."""

import re
from pathlib import Path

import pytest
from support import open_elsewhere
from sync_world import TerminalHere, World, add_raw_event, change, rows
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.exit_codes import ExitCode
from kiosk.lock import held
from kiosk.services import replacement
from kiosk.services.sync.push import Outcome


@pytest.fixture
def terminal(world: World) -> TerminalHere:
    made = world.terminal()
    made.visit("A1001")
    made.sync(batch_size=2)
    made.visit("A1002")
    made.store.close()
    return made


def kiosk(world: World, *words: str, answer: str = "") -> tuple[int, str]:
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "LANG": "en", "LC_ALL": "en"}
    done = CliRunner().invoke(app, words, input=answer, env=settings, prog_name="kiosk")
    return done.exit_code, done.output


def code_for(world: World) -> str:
    exits, told = kiosk(world, "branch", "renew", "T1")
    assert exits == ExitCode.DONE
    found = re.search(r"kiosk db renew (\w+)", told)
    assert found
    return found[1]


def test_from_the_damage_to_a_new_store(world: World, terminal: TerminalHere) -> None:
    with terminal.path.open("r+b") as file:
        file.write(b"\xa5" * 4096)
    exits, told = kiosk(world, "sync")
    assert exits == ExitCode.NEEDS_A_PERSON
    assert "kiosk db renew" in told
    exits, told = kiosk(world, "db", "renew")
    assert exits == ExitCode.DONE
    assert f"Nothing of {terminal.path} can be read." in told
    assert "kiosk branch renew T1" in told
    exits, told = kiosk(world, "db", "renew", code_for(world), "--yes")
    assert exits == ExitCode.DONE
    assert "in epoch 2" in told
    assert "The branch has every event that could be read." in told
    assert "ticket numbers go on above 499" in told, "nobody knows which were given today"
    assert kiosk(world, "sync")[0] == ExitCode.DONE
    assert kiosk(world, "db", "check")[0] == ExitCode.DONE


def test_it_says_what_it_will_do_and_asks(world: World, terminal: TerminalHere) -> None:
    before = terminal.path.read_bytes()
    code = code_for(world)
    exits, told = kiosk(world, "db", "renew", code.lower(), answer="n\n")
    assert exits == ExitCode.DONE
    assert "10 events can be read" in told
    assert "the branch does not have 5 of them" in told
    assert "Nothing was changed." in told
    assert terminal.path.read_bytes() == before
    exits, told = kiosk(world, "db", "renew", code.lower(), answer="y\n")
    assert exits == ExitCode.DONE
    assert "5 events that the branch does not have were carried over" in told
    (kept,) = world.folder.glob("*.kept-*.db")
    assert str(kept) in told
    assert rows(kept, "SELECT count(*) FROM event") == [(10,)]
    exits, told = kiosk(world, "db", "renew", code, "--yes")
    assert (exits, "already" in told) == (ExitCode.DONE, True)
    assert "5 events brought" in kiosk(world, "sync")[1]


def test_quarantine_of_the_old_store_is_named_by_its_epoch(
    world: World, terminal: TerminalHere
) -> None:
    add_raw_event(terminal.path, kind="weather")
    kiosk(world, "sync")
    kiosk(world, "db", "renew", code_for(world), "--yes")
    told = kiosk(world, "sync", "quarantine", "list")[1]
    assert "--epoch 1" in told
    assert "11, since" in told
    exits, told = kiosk(world, "sync", "quarantine", "drop", "11", "--why", "x", "--epoch", "1")
    assert exits == ExitCode.DONE
    assert world.rows("SELECT epoch, seq, dropped_why FROM quarantine") == [(1, 11, "x")]
    assert kiosk(world, "sync", "--status")[0] == ExitCode.DONE


def test_a_terminal_that_runs_keeps_its_store(world: World, terminal: TerminalHere) -> None:
    for role in ("terminal", "sync"):
        with held(terminal.path, role, "store_in_use"):
            assert kiosk(world, "db", "renew", "X", "--yes")[0] == ExitCode.TRY_AGAIN


def test_nobody_else_has_the_file_open_when_it_moves(world: World, terminal: TerminalHere) -> None:
    code = code_for(world)
    with open_elsewhere(terminal.path):
        exits, told = kiosk(world, "db", "renew", code, "--yes")
        assert exits == ExitCode.TRY_AGAIN
        assert "held by another program" in told
    assert not list(world.folder.glob("*.kept*")) + list(world.folder.glob("*.renewal"))
    assert kiosk(world, "db", "renew", code, "--yes")[0] == ExitCode.DONE
    assert "5 events brought" in kiosk(world, "sync")[1]


def test_codes_that_are_no_good(world: World, terminal: TerminalHere) -> None:
    for code in ("AAAAAAAAAA", "x"):
        exits, told = kiosk(world, "db", "renew", code, "--yes")
        assert exits == ExitCode.NEEDS_A_PERSON
        assert "does not take this code" in told
    old = code_for(world)
    code_for(world)
    assert kiosk(world, "db", "renew", old, "--yes")[0] == ExitCode.NEEDS_A_PERSON
    assert terminal.sync() == Outcome(1, 5, 5)


def test_a_terminal_that_nobody_enrolled(world: World) -> None:
    exits, told = kiosk(world, "branch", "renew", "T9")
    assert exits == ExitCode.NEEDS_A_PERSON
    assert "kiosk branch enrol T9" in told


def test_a_store_of_another_is_left_alone(world: World, terminal: TerminalHere) -> None:
    world.branch.close()
    for other in (world.branch_path, terminal.path):
        taken = world.folder / "terminal-T5.db"
        taken.write_bytes(other.read_bytes())
        settings = {"KIOSK_DATA_FOLDER": str(world.folder), "KIOSK_TERMINAL_CODE": "T5"}
        done = CliRunner().invoke(app, ["db", "renew"], env=settings)
        assert done.exit_code == ExitCode.NEEDS_A_PERSON
        assert taken.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("revision", ["0000", "9999"])
def test_a_store_of_another_program_is_left_alone(
    world: World, terminal: TerminalHere, revision: str
) -> None:
    change(terminal.path, "UPDATE alembic_version SET version_num = ?", revision)
    exits, told = kiosk(world, "db", "renew", code_for(world), "--yes")
    assert exits == ExitCode.NEEDS_A_PERSON
    assert revision in told
    assert not list(world.folder.glob("*.kept*"))


def test_nobody_opens_a_store_that_is_half_replaced(
    world: World, terminal: TerminalHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_power(store: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(replacement, "_move", no_power)
    kiosk(world, "db", "renew", code_for(world), "--yes")
    monkeypatch.undo()
    for words in (["sync"], ["sync", "--status"], ["db", "check"]):
        exits, told = kiosk(world, *words)
        assert exits == ExitCode.NEEDS_A_PERSON
        assert "kiosk db renew" in told
    exits, told = kiosk(world, "db", "renew")
    assert exits == ExitCode.DONE
    assert "finished" in told
    assert "5 events brought" in kiosk(world, "sync")[1]
