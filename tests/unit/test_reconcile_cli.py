"""`kiosk reconcile`, from a folder of files to a report that balances."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from journal_offers import accept, journals, offers, take_in, write
from journal_world import Fate, JournalWorld, Writer
from sqlalchemy import Connection
from sync_world import TerminalHere, World
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.cli.reconcile_watch import Settling
from kiosk.cli.reconcile_words import Here
from kiosk.errors import KioskError
from kiosk.services.reconcile import items
from kiosk.services.reconcile.confirming import confirm
from kiosk.services.reconcile.kept_lines import kept_lines
from kiosk.services.staff_admin import StaffAdmin
from kiosk.services.staff_roster import Role

DAY = ["--day", "2026-11-23"]
KEPT = "SELECT subject, result FROM audit_entry WHERE action = 'reconciled' ORDER BY seq"
Run = Callable[..., Result]


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command on the world's branch."""
    monkeypatch.setenv("KIOSK_DATA_FOLDER", str(world.folder))
    monkeypatch.setenv("KIOSK_RECONCILE_FOLDER", str(world.folder / "in"))
    (world.folder / "in" / "mobile").mkdir(parents=True)

    def invoke(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, ["reconcile", *words])
        assert result.exit_code == code, result.output
        return result

    return invoke


def balance(run: Run) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run("report", *DAY, "--json").stdout)
    return told


def test_a_day_with_many_items_of_one_amount_is_settled_by_one_command(
    world: World, terminal: TerminalHere, run: Run
) -> None:
    # 120 items on one day, 80 of them of one amount
    bands = ["upto_50k"] * 80 + ["over_50k"] * 40
    for band in bands:
        accept(terminal, band)
    terminal.sync()
    writer = write(world, *([Fate.DONE] * 120))
    Random(7).shuffle(writer.world.lines)
    path = world.folder / "journal.txt"
    writer.world.write(path)
    told = run("import", str(path), "--layout", "mobile").stdout
    assert "Proven 120" in told
    assert {balance(run)[name] for name in ("accepted", "matched")} == {120}
    wrong = world.rows(
        "SELECT count(*) FROM journal_line AS line JOIN diversion ON diversion.id = line.offer"
        " WHERE line.reference <> diversion.reference"
    )
    assert wrong == [(0,)]
    again = run("import", str(path), "--layout", "mobile").stdout
    assert "There is nothing to do." in again


def test_a_report_balances_and_a_person_says_yes(
    world: World, terminal: TerminalHere, run: Run
) -> None:
    for _ in range(6):
        accept(terminal)
        terminal.clock.advance(minutes=40)
    terminal.sync()
    fates = (Fate.DONE, Fate.NO_REFERENCE, Fate.SWAPPED, Fate.LOST, Fate.OTHER_SERVICE, Fate.DONE)
    take_in(world, write(world, *fates).world)
    told = balance(run)
    assert (told["accepted"], told["matched"], told["open"], told["lapsed"]) == (6, 2, 4, 0)
    assert told["faults"] == {"damaged_reference": 1, "other_service": 1}
    first, second = told["probable"]
    assert "Nobody in the staff list" in run("confirm", first, "--staff", "1001", code=2).output
    admin = StaffAdmin(world.branch, world.config, world.clock)
    admin.add("1001", "王芳", (Role.LOBBY_MANAGER,))
    assert "1 line is confirmed." in run("confirm", first, "--staff", "1001").stdout
    said = len(world.rows(KEPT))
    run("confirm", first, "--staff", "1001", code=1)
    assert len(world.rows(KEPT)) == said  # what is refused was not done
    assert "1 line is confirmed." in run("confirm", "--all-probable", "--staff", "1001").stdout
    assert world.rows(
        "SELECT stage, staff FROM event WHERE kind = 'reconciliation' AND subject = ?",
        uuid_of(second),
    ) == [("matched", "1001")]
    assert world.rows(KEPT) == [(first, "said by 1001"), ("all probable lines", "said by 1001")]
    told = balance(run)
    assert (told["matched"], told["open"], told["probable"]) == (4, 2, [])
    shown = run("report", *DAY).stdout
    assert "Accepted 6 = proven 4 + open 2 + lapsed 0" in shown
    in_csv = run("report", *DAY, "--format", "csv").stdout
    assert ",6,4,2,0" in in_csv
    assert "journal.txt:" in in_csv
    # what was confirmed stays when the same lines are looked at again
    assert journals(world).settle().undone == 0
    assert balance(run)["matched"] == 4
    with pytest.raises(KioskError) as refused:
        confirm(world.branch, world.config, world.clock, [uuid4()], "1001", kept_nowhere)
    assert refused.value.code == "line_not_probable"


def kept_nowhere(connection: Connection) -> None:
    pytest.fail("nothing was confirmed")


def uuid_of(text: object) -> str:
    return str(text).replace("-", "")


def test_a_folder_is_watched_and_half_a_file_waits(
    world: World, terminal: TerminalHere, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.cli.reconcile_watch._STILL_SECONDS", 0.0)
    for _ in range(2):
        accept(terminal)
    terminal.sync()
    writer = write(world, Fate.DONE, Fate.DONE)
    path = world.folder / "in" / "mobile" / "today.txt"
    writer.world.write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "nothing of it was taken" in run("watch", "--once").stdout
    path.write_bytes(whole)
    assert "Proven 2" in run("watch", "--once").stdout
    assert not run("watch", "--once").stdout
    assert balance(run)["matched"] == 2


WATCHING = """
import signal
import sys
# whoever runs the tests in the background has it ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
from kiosk.cli import reconcile_watch
reconcile_watch._STILL_SECONDS = 0.05
from kiosk.__main__ import main
sys.argv = ["kiosk", "reconcile", "watch"]
main()
"""


def test_who_watches_takes_in_what_is_said_to_be_whole_until_told_to_stop(
    world: World, terminal: TerminalHere, run: Run
) -> None:
    for _ in range(2):
        accept(terminal)
    terminal.sync()
    of_first, of_second = (
        write(world, *fates).world for fates in ((Fate.DONE, Fate.LOST), (Fate.LOST, Fate.DONE))
    )
    of_second.lines = [line.replace("TX", "TY", 1) for line in of_second.lines]
    command = [sys.executable, "-c", WATCHING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        for number, journal in enumerate((of_first, of_second)):
            path = world.folder / "in" / "mobile" / f"{number}.txt"
            journal.write(path)
            path.with_name(f"{number}.txt.done").touch()
            assert f"{number}.txt" in watching.stdout.readline()
            assert "Proven 1" in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
    assert balance(run)["matched"] == 2


def test_who_watches_settles_again_when_an_offer_has_come(
    world: World, terminal: TerminalHere
) -> None:
    accept(terminal)
    terminal.sync()
    journal = write(world, Fate.DONE)
    world.change("UPDATE diversion SET accepted_at = NULL")  # as before its event had come
    take_in(world, journal.world)
    settling = Settling(Here(world.branch, world.config, world.clock, None))
    assert settling.settle() is None
    matched = "SELECT count(*) FROM event WHERE kind = 'reconciliation'"
    assert world.rows(matched) == [(0,)]
    at = f"{journal.world.offers[0].accepted_at:%Y-%m-%d %H:%M:%S.000000}"
    world.change("UPDATE diversion SET accepted_at = ?", at)
    assert settling.settle() is None
    assert world.rows(matched) == [(1,)]
    with kept_lines(world.config.journals_folder, "0001"):
        assert settling.settle() is None  # no offer has come: it does not even look


def test_a_day_is_followed_to_its_end(world: World, terminal: TerminalHere) -> None:
    for _ in range(3):
        accept(terminal)
    terminal.sync()
    take_in(world, write(world, Fate.DONE, Fate.LOST, Fate.LOST).world)
    today = offers(world)[0].accepted_at.astimezone(world.config.zone).date()
    [day] = items.progress(world.branch, "0001", [today])
    assert (day.accepted, day.matched, day.open, day.lapsed) == (3, 1, 2, 0)
    assert len(items.open_items(world.branch, "0001")) == 2
    [end] = items.trend(world.branch, world.config, [today])
    assert (end.accepted, end.open) == (3, 2)


KILLED = """
import sys, os, signal
from kiosk.services.reconcile import settling
told = settling.{step}
def killed(*given, **named):
    if {after}:
        told(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
settling.{step} = killed
from kiosk.__main__ import main
sys.argv = ["kiosk", "reconcile", "import", sys.argv[1], "--layout", "mobile"]
main()
"""


@pytest.mark.parametrize(("step", "after"), [("judge", False), ("_lapse", True)])
def test_who_is_killed_in_the_middle_leaves_nothing_half_done(
    step: str, after: bool, world: World, terminal: TerminalHere, run: Run
) -> None:
    accept(terminal)
    terminal.sync()
    path = world.folder / "journal.txt"
    write(world, Fate.DONE).world.write(path)
    program = KILLED.format(step=step, after=after)
    killed = subprocess.run(
        [sys.executable, "-c", program, str(path)], env=dict(os.environ), check=False
    )
    assert killed.returncode == -signal.SIGKILL
    for table in ("journal_file", "journal_line", "journal_damage"):
        assert world.rows(f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608
    assert world.rows("SELECT count(*) FROM event WHERE kind = 'reconciliation'") == [(0,)]
    assert "Proven 1" in run("import", str(path), "--layout", "mobile").stdout
    left = world.folder / "journals" / "0001"
    assert [each.suffix for each in left.iterdir()] == [".parquet"]


def test_without_duckdb_a_sentence_says_what_to_install(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.folder / "journal.txt"
    JournalWorld().write(path)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    told = run("import", str(path), "--layout", "mobile", code=1)
    assert "branch-kiosk[reconcile]" in told.output


def test_an_own_layout_stands_in_a_folder(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.folder / "journal.txt"
    Writer(Random(1)).world.write(path)
    monkeypatch.setenv("KIOSK_RECONCILE_LAYOUTS", str(world.folder))
    (world.folder / "own.toml").write_bytes(
        Path("kiosk/layouts/mobile.toml").read_bytes().replace(b"fields = 10", b"fields = 9")
    )
    told = run("import", str(path), "--layout", "own", code=2)
    assert "columns.reverses" in told.output
