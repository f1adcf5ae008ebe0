"""What holds for every test: nothing of the developer's own machine gets in, nothing gets out."""

import gc
import os
from collections.abc import Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import hypothesis
import pooler
import pytest
from postgres_server import PostgresServer, running_server
from support import FakeClock, make_journal, make_store
from sync_world import FORMS, TerminalHere, World, branch_of
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

from kiosk import i18n
from kiosk.db import Database
from kiosk.services import ballast, retention
from kiosk.services.journal import Journal

# no deadline: on a busy machine a slow example is no fault
hypothesis.settings.register_profile("kiosk", deadline=None, max_examples=50)
hypothesis.settings.register_profile("kiosk-long", deadline=None, max_examples=500)
hypothesis.settings.load_profile("kiosk")

SETTINGS = ("KIOSK_", "TEXTUAL", "LC_", "LANG", "PG", "NO_COLOR", "COLORTERM")
"""Variables that change what the program does."""


def is_left_out(item: pytest.Item) -> bool:
    """Whether a test needs PgBouncer where there is none; in CI it runs, and fails."""
    return (
        item.get_closest_marker("pooler") is not None
        and pooler.program() is None
        and not os.environ.get("CI")
    )


def pytest_configure(config: pytest.Config) -> None:
    """Before the tests are read, whose settings are made of these."""
    if config.getoption("--long"):
        hypothesis.settings.load_profile("kiosk-long")


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: a test often waits, for a disk, a server or a clock."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what can't run here."""
    left_out = [item for item in items if is_left_out(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Thousands of tests and what they import stay: the collector need not look at them again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was left out."""
    if pooler.program() is None and not os.environ.get("CI"):
        terminalreporter.write_line(
            "PgBouncer is not installed: its tests were LEFT OUT (Debian's package: pgbouncer)",
            yellow=True,
            bold=True,
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long forms, as in `make nightly`")
    parser.addoption("--seeds", help="of the simulation: a single one, or first-last")


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether there is a night for it."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for all tests of a worker that want one."""
    with running_server() as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def few_months() -> Iterator[None]:
    """A server plans every statement for each of them: hundreds of databases need not have 27."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "MONTHS_AHEAD", 2)
        yield


@pytest.fixture(scope="session", autouse=True)
def styles_parsed_once() -> Iterator[None]:
    """Each app, and each change of theme, would parse the same style sheets anew."""
    parse = Stylesheet._parse_rules
    kept: dict[object, list[RuleSet]] = {}

    @wraps(parse)
    def parse_once(sheet: Stylesheet, *source: Any, **more: Any) -> list[RuleSet]:
        key = (frozenset(sheet._variables.items()), source, frozenset(more.items()))
        if key not in kept:
            kept[key] = parse(sheet, *source, **more)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that draw their own pictures: those for a terminal take a quarter of the time."""
    monkeypatch.setattr(Screen, "_compositor_refresh", lambda screen: None)


@pytest.fixture(autouse=True)
def own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Folders of its own, no settings from outside, messages in the source language."""
    # hundreds of stores need not each keep 16 MB free
    monkeypatch.setattr(ballast, "BALLAST_BYTES", 1 << 16)
    before = dict(os.environ)
    for name in before:
        if name.startswith(SETTINGS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    i18n.use_language("en")
    yield
    i18n.use_language("en")
    # `kiosk --config` sets a variable
    os.environ.pop("KIOSK_CONFIG", None)


# --- what most tests of the services stand on ----------------------------------------------------


@pytest.fixture
def clock() -> FakeClock:
    """Half past nine in Shanghai."""
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of the store."""
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Database:
    """With the schema and nothing in it."""
    return make_store(path)


@pytest.fixture
def journal(store: Database, clock: FakeClock) -> Journal:
    """Of the store's terminal."""
    return make_journal(store, clock)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A branch database that is a file; `sync_world.world_on` makes one for other engines."""
    return World(tmp_path)


@pytest.fixture
def terminal(world: World) -> TerminalHere:
    """The one terminal of the world's branch."""
    return world.terminal()


@pytest.fixture(scope="module", params=FORMS[:2])
def kept_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One of each engine for all tests of a file."""
    folder = tmp_path_factory.mktemp("world")
    made = World(folder, branch_of(request.param, request)(folder))
    yield made
    made.branch.close()
