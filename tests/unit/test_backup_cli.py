"""`kiosk db backup` and `kiosk db restore`, as branch IT types them."""

import re
import shutil
from pathlib import Path

import pytest
from support import open_elsewhere
from sync_world import TerminalHere, World, change, rows
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.lock import held
from kiosk.services import replacement
from kiosk.services.backup import NOTE
from kiosk.services.branch import check

IDS = "SELECT id FROM event ORDER BY id"


@pytest.fixture
def terminal(world: World) -> TerminalHere:
    made = world.terminal()
    made.visit("A1001")
    made.sync(batch_size=2)
    made.visit("A1002")
    return made


def kiosk(world: World, *words: object, answer: str = "") -> tuple[int, str]:
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "LANG": "en", "LC_ALL": "en"}
    done = CliRunner().invoke(
        app, [str(word) for word in words], input=answer, env=settings, prog_name="kiosk"
    )
    return done.exit_code, done.output


def code_for(world: World) -> str:
    found = re.search(r"kiosk db renew (\w+)", kiosk(world, "branch", "renew", "T1")[1])
    assert found
    return found[1]


def test_a_backup_is_taken_while_the_terminal_runs_and_proved(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    copy = tmp_path / "t1.backup"
    with held(terminal.path, "terminal", "store_in_use"), terminal.store.write():
        exits, told = kiosk(world, "db", "backup", copy)
    assert exits == ExitCode.DONE
    assert f"{copy} holds 10 events of the store of terminal T1, branch 0001." in told
    assert "It is whole" in told
    assert copy.stat().st_mode & 0o077 == 0, "it is for nobody else"
    assert rows(copy, IDS) == rows(terminal.path, IDS)
    assert kiosk(world, "db", "backup", copy)[0] == ExitCode.WRONG_USE
    terminal.visit()
    copy.chmod(0o400)
    exits, again = kiosk(world, "db", "backup", copy, "--check")
    assert (exits, again) == (ExitCode.DONE, told)
    assert not [each for each in tmp_path.iterdir() if ".new" in each.name]


def test_the_branch_database_s_file_is_backed_up_alike(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    copy = tmp_path / "branch.backup"
    exits, told = kiosk(world, "db", "backup", copy, "--branch")
    assert (exits, f"{copy} holds 5 events of a branch database." in told) == (ExitCode.DONE, True)
    assert rows(copy, IDS) == world.rows(IDS)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE terminal SET acked_seq = acked_seq + 1",
        "DELETE FROM event WHERE seq = 3",
        "INSERT INTO ticket_floor VALUES ('2026-11-23', 500)",
        "DROP TABLE watermark",
    ],
)
def test_a_backup_that_was_changed_is_found_out_and_not_put_back(
    world: World, terminal: TerminalHere, tmp_path: Path, statement: str
) -> None:
    copy = tmp_path / "t1.backup"
    kiosk(world, "db", "backup", copy)
    change(copy, statement)
    exits, told = kiosk(world, "db", "backup", copy, "--check")
    assert exits == ExitCode.NEEDS_A_PERSON
    assert "not what it was" in told
    terminal.store.close()
    assert kiosk(world, "db", "restore", copy, code_for(world), "--yes")[0] == 1
    assert not list(world.folder.glob("*.kept*"))


def test_a_backup_that_rotted_is_found_out(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    copy = tmp_path / "t1.backup"
    kiosk(world, "db", "backup", copy)
    whole, page = copy.read_bytes(), 4096
    for at in range(0, len(whole), 40 * page):
        copy.write_bytes(whole[:at] + b"\xa5" * page + whole[at + page :])
        exits, told = kiosk(world, "db", "backup", copy, "--check")
        assert (exits, "It is whole" in told) == (ExitCode.NEEDS_A_PERSON, False), at
    copy.write_bytes(whole[: len(whole) // 2])
    assert kiosk(world, "db", "backup", copy, "--check")[0] == ExitCode.NEEDS_A_PERSON
    for content in (b"", b"no database"):
        copy.write_bytes(content)
        assert kiosk(world, "db", "backup", copy, "--check")[0] == ExitCode.NEEDS_A_PERSON


def test_a_lost_store_comes_back_from_its_backup(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    copy = tmp_path / "t1.backup"
    kiosk(world, "db", "backup", copy)
    before = rows(terminal.path, IDS)
    terminal.store.close()
    terminal.path.unlink()
    exits, told = kiosk(world, "db", "restore", copy)
    assert exits == ExitCode.DONE
    assert "10 events of the store" in told
    assert f"kiosk db restore {copy} CODE" in told
    assert not terminal.path.exists()
    exits, told = kiosk(world, "db", "restore", copy, code_for(world), "--yes")
    assert (exits, "in epoch 2" in told) == (ExitCode.DONE, True)
    assert "5 events that the branch does not have were carried over" in told
    assert kiosk(world, "sync")[0] == ExitCode.DONE
    assert world.rows(IDS) == before == rows(terminal.path, IDS)
    assert kiosk(world, "db", "check")[0] == ExitCode.DONE
    assert not rows(terminal.path, f"SELECT 1 FROM sqlite_master WHERE name = '{NOTE}'")  # noqa: S608 (our own word)


def test_what_came_after_the_backup_is_kept_where_the_old_store_can_be_read(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    copy = tmp_path / "t1.backup"
    kiosk(world, "db", "backup", copy)
    terminal.visit("A1003")
    terminal.sync()
    terminal.visit("A1004")
    before = rows(terminal.path, IDS)
    terminal.store.close()
    code = code_for(world)
    assert kiosk(world, "db", "restore", copy, code, answer="n\n")[0] == ExitCode.DONE
    assert rows(terminal.path, "SELECT epoch FROM terminal") == [(1,)], "who says no changes none"
    exits, told = kiosk(world, "db", "restore", copy, code, "--yes")
    assert exits == ExitCode.DONE
    (kept,) = world.folder.glob("*.kept-*.db")
    assert str(kept) in told
    assert "already" in kiosk(world, "db", "restore", copy, code, "--yes")[1]
    assert "5 events brought" in kiosk(world, "sync")[1]
    assert world.rows(IDS) == before == rows(terminal.path, IDS)
    assert world.rows("SELECT count(*) FROM ticket") == [(4,)]
    ((above,),) = rows(terminal.path, "SELECT number FROM ticket_floor")
    assert above == 499, "nobody gets a number that may have been given today"


def test_nothing_is_put_back_while_the_terminal_runs(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    copy = tmp_path / "t1.backup"
    kiosk(world, "db", "backup", copy)
    before = terminal.path.read_bytes()
    for role in ("terminal", "sync"):
        with held(terminal.path, role, "store_in_use"):
            exits, _told = kiosk(world, "db", "restore", copy, "X", "--yes")
            assert exits == ExitCode.TRY_AGAIN
    assert terminal.path.read_bytes() == before


def test_each_backup_goes_where_it_belongs(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    of_branch, of_store, other = (tmp_path / name for name in ("branch", "store", "other"))
    kiosk(world, "db", "backup", of_branch, "--branch")
    kiosk(world, "db", "backup", of_store)
    for words in ((of_branch, "X"), (of_store, "--branch"), (tmp_path / "none",), (tmp_path,)):
        assert kiosk(world, "db", "restore", *words, "--yes")[0] != ExitCode.DONE
    shutil.copy(of_branch, other)
    change(other, "UPDATE branch_meta SET id = 'another'")
    change(other, f"DROP TABLE {NOTE}")
    exits, told = kiosk(world, "db", "restore", other, "--branch", "--yes")
    assert (exits, "another branch database" in told) == (ExitCode.NEEDS_A_PERSON, True)
    world.branch.close()
    terminal.store.close()
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "KIOSK_TERMINAL_CODE": "T5"}
    done = CliRunner().invoke(app, ["db", "restore", str(of_store), "X"], env=settings)
    assert done.exit_code == ExitCode.NEEDS_A_PERSON


def test_a_restored_branch_database_gets_back_what_its_terminals_have(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    copy = tmp_path / "branch.backup"
    kiosk(world, "db", "backup", copy, "--branch")
    terminal.sync()
    terminal.store.close()
    before = world.rows(IDS)
    world.branch.close()
    exits, told = kiosk(world, "db", "restore", copy, "--branch", "--yes")
    assert (exits, "kiosk sync --replay" in told) == (ExitCode.DONE, True)
    (kept,) = world.folder.glob("branch.kept-*.db")
    assert rows(kept, IDS) == before
    assert len(world.rows(IDS)) == 5
    assert not world.rows(f"SELECT 1 FROM sqlite_master WHERE name = '{NOTE}'")  # noqa: S608 (our own word)
    assert kiosk(world, "sync")[0] == ExitCode.NEEDS_A_PERSON
    assert kiosk(world, "sync", "--replay")[0] == ExitCode.DONE
    assert world.rows(IDS) == before
    assert not check(world.branch).differences


def test_a_branch_database_that_is_open_stays(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    copy = tmp_path / "branch.backup"
    kiosk(world, "db", "backup", copy, "--branch")
    world.branch.close()
    with open_elsewhere(world.branch_path):
        exits, _told = kiosk(world, "db", "restore", copy, "--branch", "--yes")
    assert exits == ExitCode.TRY_AGAIN
    assert not list(world.folder.glob("*.kept*")) + list(world.folder.glob("*.new*"))


def test_a_restoration_that_is_killed_is_finished(
    world: World, terminal: TerminalHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "branch.backup"
    kiosk(world, "db", "backup", copy, "--branch")
    world.branch.close()
    monkeypatch.setattr(replacement, "_move", killed)
    assert kiosk(world, "db", "restore", copy, "--branch", "--yes")[0] == ExitCode.NEEDS_A_PERSON
    monkeypatch.undo()
    assert "kiosk db restore" in kiosk(world, "branch", "init")[1]
    exits, told = kiosk(world, "db", "restore", copy, "--branch", "--yes")
    assert (exits, "finished" in told) == (ExitCode.DONE, True)
    assert len(world.rows(IDS)) == 5
    assert kiosk(world, "branch", "init")[0] == ExitCode.DONE


def killed(_: Path) -> Path:
    raise KioskError("disk_failing", database="x")
