"""The wheel alone, in an empty folder, is the whole program."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from kiosk import __version__
from kiosk.paths import resource

ROOT = resource("pyproject.toml").parent
DEMOS = sorted((resource("catalog") / "demos").glob("*.toml"))
RUN = "import sys; from kiosk.__main__ import main; sys.argv[0] = 'kiosk'; main()"
LOAD = """
from pathlib import Path
import kiosk
from kiosk import i18n
from kiosk.db import Database
from kiosk.paths import resource
from kiosk.services.catalog_file import load_catalog

print(Path(kiosk.__file__).parent.parent)
print(resource("kiosk.tcss").is_file())
i18n.use_language("zh_TW")
print(i18n._("no data") != "no data")
print(len(load_catalog().services), len(load_catalog().demos))
database = Database("sqlite:///store.db", create=True)
database.migrate()
database.require_schema()
print(Path("store.db").exists())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["build", "--wheel", "--no-isolation", "--skip-dependency-check", "--outdir"]
    subprocess.run([sys.executable, "-m", *build, folder, ROOT], check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files, as pip puts them."""
    target = tmp_path_factory.mktemp("installed")
    install = ["pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile", "--target"]
    subprocess.run([sys.executable, "-m", *install, target, wheel], check=True, capture_output=True)
    return target


def run(installed: Path, folder: Path, code: str, *arguments: str) -> str:
    """Run code with the installed program before everything else; the tree is far away."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(installed)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_carries_what_the_program_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        "kiosk/kiosk.tcss", "kiosk/py.typed", "kiosk/catalog/default.toml",
        "kiosk/locales/zh_CN/LC_MESSAGES/kiosk.po", "kiosk/locales/zh_TW/LC_MESSAGES/kiosk.po",
        "kiosk/migrations/env.py", "kiosk/migrations/versions/0001_first_schema.py",
    }  # fmt: skip
    wanted |= {f"kiosk/catalog/demos/{demo.name}" for demo in DEMOS}
    assert wanted <= names
    outside = {name for name in names if not name.startswith(("kiosk/", "branch_kiosk-"))}
    assert not outside
    assert not [name for name in names if "test" in name or name.endswith((".pyc", ".mo"))]


def test_it_knows_its_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, RUN, "--version") == f"branch-kiosk {__version__}\n"


def test_it_finds_what_it_carries(installed: Path, tmp_path: Path) -> None:
    place, *found = run(installed, tmp_path, LOAD).splitlines()
    assert Path(place) == installed, "the source tree was used, not the wheel"
    assert found == ["True", "True", f"32 {len(DEMOS)}", "True"]


def test_it_has_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [each for each in archive.namelist() if each.endswith("entry_points.txt")]
        assert archive.read(name).decode() == "[console_scripts]\nkiosk = kiosk.__main__:main\n"


def test_constraints_pin_every_dependency_and_name_no_host() -> None:
    lines = resource("constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(line.count("==") == 1 for line in pins), pins
    assert not [line for line in lines if "://" in line or " @ " in line or line.startswith("-")]
    pinned = {_plain(line.split("==")[0]) for line in pins}
    project = tomllib.loads(resource("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = {_name(each) for each in sum(extras, project["dependencies"])}
    missing = wanted - pinned - {"branch-kiosk"}
    assert not missing


def _name(requirement: str) -> str:
    return _plain(re.split("[;>=[]", requirement)[0])


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")
