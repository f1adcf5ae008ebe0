"""`kiosk branch publish` and `kiosk branch releases`, and what a terminal says of them."""

from importlib.resources import files
from pathlib import Path

import pytest
from demo_scripts import CODE, TRANSFER, catalog_in
from sync_world import World
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.cli.releases import Publishable
from kiosk.exit_codes import ExitCode
from kiosk.services import releases
from kiosk.services.catalog_file import load_catalog
from kiosk.services.followed import Followed
from kiosk.services.releases import Name

STAFF = '[[staff]]\nnumber = "1001"\nname = "王芳"\nroles = ["lobby_manager"]\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "staff.toml"
    file.write_text(STAFF, encoding="utf-8")
    return file


def kiosk(world: World, *words: str) -> Result:
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": "en"}
    return CliRunner().invoke(app, words, env=settings, prog_name="kiosk")


def test_what_can_be_published_is_all_that_the_branch_does_not_make_itself() -> None:
    own = {Name.QUEUE, Name.LEARNED}
    assert {each.value for each in Publishable} == {each.value for each in Name} - own


def test_published_shown_and_followed(world: World, file: Path) -> None:
    terminal = world.terminal()
    assert "Nothing is published" in kiosk(world, "branch", "releases").output
    done = kiosk(world, "branch", "publish", "staff", str(file))
    assert (done.exit_code, done.output) == (0, "Staff roster: version 1 holds in branch 0001.\n")
    terminal.sync()
    shown = kiosk(world, "branch", "releases").output
    assert "0001  Staff roster: version 1, published at " in shown
    assert shown.rstrip().endswith("Not yet on: T1")
    terminal.sync()
    assert "Not yet on" not in kiosk(world, "branch", "releases").output
    told = kiosk(world, "sync", "--status")
    assert "Staff roster: version 1, published at " in told.output
    assert "The branch last said what holds at 2026-11-23 09:30:00." in told.output
    assert told.exit_code == ExitCode.DONE


def test_a_catalog_is_published_from_the_file_that_check_takes(world: World) -> None:
    catalog = files("kiosk.catalog").joinpath("default.toml")
    done = kiosk(world, "branch", "publish", "catalog", str(catalog))
    assert (done.exit_code, done.output) == (0, "Catalog: version 1 holds in branch 0001.\n")


@pytest.mark.parametrize(
    ("content", "told", "code"),
    [
        (None, "Nothing was changed. Check the path.", ExitCode.WRONG_USE),
        (b"\xff\xfe", "is not UTF-8 text", ExitCode.WRONG_USE),
        (b"[[staff]]\n", "Staff roster can't be used: staff.0.number: Field required.", 1),
    ],
)
def test_a_file_that_can_t_be_used(
    world: World, tmp_path: Path, content: bytes | None, told: str, code: int
) -> None:
    file = tmp_path / "wrong.toml"
    if content is not None:
        file.write_bytes(content)
    refused = kiosk(world, "branch", "publish", "staff", str(file))
    assert told in refused.output
    assert refused.exit_code == code
    assert world.rows("SELECT * FROM release") == []


def test_a_terminal_that_can_t_follow_says_so(world: World, file: Path) -> None:
    terminal = world.terminal()
    kiosk(world, "branch", "publish", "staff", str(file))
    bad = "[[staff]]\n"
    world.change("UPDATE release SET body = ?, digest = ?", bad, releases.digest(bad))
    terminal.store.close()
    done = kiosk(world, "sync")
    assert done.exit_code == ExitCode.RELEASE_REFUSED
    assert "Staff roster can't be used: staff.0.number: Field required." in done.output
    told = kiosk(world, "sync", "--status")
    assert told.exit_code == ExitCode.RELEASE_REFUSED
    assert "Staff roster can't be used: staff.0.number: Field required." in told.output


def test_a_catalog_takes_the_demos_beside_it_along(world: World, tmp_path: Path) -> None:
    file = catalog_in(tmp_path, **{CODE: TRANSFER})
    terminal = world.terminal()
    assert kiosk(world, "branch", "publish", "catalog", str(file)).exit_code == 0
    terminal.sync()
    followed = Followed(terminal.store, "0001").catalog()
    assert followed is not None
    assert [demo.code for demo in followed.demos] == [CODE]
    assert followed.release == load_catalog(file).release


def test_a_demo_that_is_wrong_keeps_its_catalog_from_being_published(
    world: World, tmp_path: Path
) -> None:
    file = catalog_in(tmp_path, **{CODE: TRANSFER.replace('next = "sum"', 'next = "sun"')})
    refused = kiosk(world, "branch", "publish", "catalog", str(file))
    assert refused.exit_code == 1
    assert f"{CODE}.toml" in refused.output
    assert f"demos.{CODE}.screens.home.options[0].next" in refused.output
    assert 'unknown screen "sun"; did you mean "sum"?' in refused.output
    assert world.rows("SELECT * FROM release") == []
