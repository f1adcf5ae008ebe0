"""Updates with a newer program that is made here: this one, with one more step of the schema."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from sync_world import TerminalHere, World, rows
from test_backup_cli import kiosk as told_by

import kiosk
from kiosk.exit_codes import ExitCode
from kiosk.migrations import HEAD

NEWER = "9999"
STEP = f"""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{NEWER}", "{HEAD}"


def upgrade():
    op.add_column("branch", sa.Column("weather", sa.String(), nullable=True))
"""
TABLES = "SELECT name, sql FROM sqlite_master ORDER BY name"
EVENTS = "SELECT * FROM event ORDER BY seq"


@dataclass(frozen=True)
class Program:
    """The newer one, as processes."""

    tree: Path
    folder: Path

    def __call__(self, *words: object) -> tuple[int, str]:
        own = {"KIOSK_DATA_FOLDER": str(self.folder), "PYTHONPATH": str(self.tree), "LANG": "en"}
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", *map(str, words)],
            env=os.environ | own,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


def newer_tree(folder: Path) -> Path:
    """All but the steps of the schema is this program's own."""
    package = Path(kiosk.__file__).parent
    (folder / "kiosk").mkdir(parents=True)
    for each in package.iterdir():
        if each.name != "migrations":
            (folder / "kiosk" / each.name).symlink_to(each)
    ours = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package / "migrations", folder / "kiosk" / "migrations", ignore=ours)
    for name in ("locales", "kiosk.tcss"):
        (folder / name).symlink_to(package.parent / name)
    migrations = folder / "kiosk" / "migrations"
    (migrations / "versions" / f"{NEWER}_weather.py").write_text(STEP)
    listed = migrations / "__init__.py"
    named = listed.read_text().replace("REVISIONS = (", "REVISIONS = (*(")
    listed.write_text(named.replace(f'"{HEAD}",)', f'"{HEAD}",), "{NEWER}")'))
    return folder


@pytest.fixture
def terminal(world: World) -> TerminalHere:
    made = world.terminal()
    made.visit("A1001")
    made.sync()
    made.visit("A1002")
    made.store.close()
    world.branch.close()
    return made


def test_there_and_back(world: World, terminal: TerminalHere, tmp_path: Path) -> None:
    def older(*words: object) -> tuple[int, str]:
        return told_by(world, *words)

    newer = Program(newer_tree(tmp_path / "newer"), world.folder)
    old_form, events = rows(terminal.path, TABLES), rows(terminal.path, EVENTS)
    backup = tmp_path / "t1.backup"
    assert older("db", "backup", backup)[0] == ExitCode.DONE

    # first it only says what it would do
    exits, told = newer("upgrade", "--check")
    assert (exits, told.count("it is copied, then brought up to date")) == (ExitCode.DONE, 2)
    assert rows(terminal.path, TABLES) == old_form

    exits, told = newer("upgrade")
    before = terminal.path.with_name(f"terminal-T1.before-{NEWER}.db")
    assert (exits, str(before) in told) == (ExitCode.DONE, True)
    assert rows(before, TABLES) == old_form
    assert rows(terminal.path, "SELECT weather FROM branch") == [(None,)]
    assert rows(terminal.path, EVENTS) == events

    # the older program refuses, in words, and changes nothing
    new_form = terminal.path.read_bytes()
    for words in (("sync",), ("db", "backup", tmp_path / "no"), ("upgrade", "--check")):
        exits, told = older(*words)
        assert (exits, "kiosk upgrade --undo" in told) == (ExitCode.NEEDS_A_PERSON, True), words
    assert terminal.path.read_bytes() == new_form

    # nothing was recorded since: there is a way back
    exits, told = older("upgrade", "--undo")
    assert (exits, told.count("as it was before the update")) == (ExitCode.DONE, 2)
    assert rows(terminal.path, TABLES) == old_form
    assert rows(terminal.path, EVENTS) == events

    # the newer one takes up what the older one has backed up
    assert newer("upgrade")[0] == ExitCode.DONE
    exits, told = newer("db", "restore", backup)
    assert (exits, "10 events can be read" in told) == (ExitCode.DONE, True)
    assert not list(world.folder.glob("*.restored*"))

    # and once it has recorded something, there is none
    assert "5 events brought" in newer("sync")[1]
    exits, told = older("upgrade", "--undo")
    assert (exits, "would lose it" in told) == (ExitCode.NEEDS_A_PERSON, True)
    assert rows(terminal.path, "SELECT version_num FROM alembic_version") == [(NEWER,)]
