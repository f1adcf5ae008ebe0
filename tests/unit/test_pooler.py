"""Terminals that come through PgBouncer, which hands each transaction to whatever is free.

Where PgBouncer is not installed these tests are left out, with a line at the end; in CI they fail.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from pooler import Pooler, program, running_pooler
from postgres_server import PostgresServer, running_server
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url
from sync_world import PostgresBranch, TerminalHere, World, assert_consistent

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models.payloads import TicketCalled, TicketStarted, TicketStep
from kiosk.services.branch import check
from kiosk.services.counters import enrol_counter
from kiosk.services.desk_journal import DeskJournal
from kiosk.services.sync.postgres_roles import Login

pytestmark = pytest.mark.pooler

TERMINALS = 6
"""On each of two servers; the pooler of the tests lets four in at a time."""


class PooledBranch(PostgresBranch):
    """A branch database that terminals reach through the pooler only."""

    pooler: Pooler

    def url_for(self, login: Login | None) -> str:
        super().url_for(login)
        assert login is not None
        return self.pooler.url(self.name, login.name, self.passfile)


@pytest.fixture(scope="module")
def servers(server: PostgresServer) -> Iterator[tuple[PostgresServer, PostgresServer]]:
    assert program() is not None, "PgBouncer is not installed"
    with running_server() as other:
        yield server, other


@pytest.fixture
def worlds(
    servers: tuple[PostgresServer, PostgresServer], tmp_path: Path
) -> Iterator[tuple[World, World]]:
    """Two branches, each on a server of its own, behind one pooler."""
    heres = []
    made = []
    for number, server in enumerate(servers):
        folder = tmp_path / str(number)
        folder.mkdir()
        heres.append(PooledBranch(server, folder))
        made.append(World(folder, heres[-1]))
    with running_pooler({here.name: here.server for here in heres}) as pooler:
        for here in heres:
            here.pooler = pooler
        yield made[0], made[1]
    for world in made:
        world.branch.close()


def a_day(terminal: TerminalHere) -> None:
    """Records and synchronises in turns: many transactions, each perhaps on another connection."""
    for _ in range(4):
        terminal.visit()
        terminal.sync(batch_size=1)


def test_more_terminals_than_connections_of_two_servers_all_get_through(
    worlds: tuple[World, World],
) -> None:
    for world in worlds:
        terminals = [world.terminal(f"T{digit}", digit) for digit in range(TERMINALS)]
        with ThreadPoolExecutor(TERMINALS) as threads:
            list(threads.map(a_day, terminals))
        assert_consistent(world, *terminals)
        assert not check(world.branch).differences
        assert world.rows("SELECT count(*) FROM event") == [(TERMINALS * 4 * 4,)]


def test_counters_come_through_with_their_own_logins(worlds: tuple[World, World]) -> None:
    world = worlds[0]
    terminal = world.terminal()
    terminal.visit("A1001")
    terminal.sync()
    [(ticket,)] = world.rows("SELECT id FROM ticket")
    for number in (3, 4):
        login = enrol_counter(world.branch, "0001", number)
        database = Database(world.here.url_for(login))
        journal = DeskJournal(database, "0001", number, world.clock, world.config.zone, "release-1")
        step: TicketStep = TicketCalled() if number == 3 else TicketStarted()
        with journal.transaction() as transaction:
            locked = transaction.lock(UUID(str(ticket)))
            assert locked is not None
            transaction.step(locked, step, staff="s1")
        database.close()
    assert world.rows("SELECT terminal, step FROM event WHERE step > 0 ORDER BY step") == [
        ("@3", 1), ("@4", 2),
    ]  # fmt: skip


def connected(url: str, **options: str) -> psycopg.Connection:
    """A bare connection through the pooler."""
    return psycopg.connect(make_conninfo(url.replace("+psycopg", ""), **options))


def passfile(folder: Path, password: str) -> Path:
    made = folder / password
    made.touch(mode=0o600)
    made.write_text(f"*:*:*:*:{password}\n")
    return made


def test_the_limits_of_a_login_hold_behind_the_pooler(worlds: tuple[World, World]) -> None:
    url = worlds[0].terminal().branch_url
    with connected(url, application_name="branch-kiosk") as connection:
        row = connection.execute(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
            " current_setting('application_name'), session_user = current_user"
        ).fetchone()
    assert row == ("2min", "30s", "branch-kiosk", True)


def test_a_limit_in_the_address_is_refused_by_the_pooler(worlds: tuple[World, World]) -> None:
    """docs/branch-it.md says so: whoever changes this changes the guide."""
    terminal = worlds[0].terminal()
    with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter"):
        connected(terminal.branch_url, options="-c statement_timeout=5s")


def test_a_wrong_password_is_refused_and_said(worlds: tuple[World, World]) -> None:
    world = worlds[0]
    terminal = world.terminal()
    wrong = passfile(world.folder, "wrong")
    url = make_url(terminal.branch_url).update_query_dict({"passfile": str(wrong)})
    with pytest.raises(KioskError) as caught:
        replace(terminal, branch_url=url.render_as_string()).sync()
    assert caught.value.code == "database_login_refused"


def test_a_login_that_the_pooler_does_not_know_is_said(worlds: tuple[World, World]) -> None:
    terminal = worlds[0].terminal()
    url = make_url(terminal.branch_url).set(username="somebody")
    with pytest.raises(KioskError) as caught:
        replace(terminal, branch_url=url.render_as_string()).sync()
    assert caught.value.code == "database_login_refused"


def test_nobody_but_terminals_and_counters_comes_through(worlds: tuple[World, World]) -> None:
    """The administrator, even with a password that is right."""
    here = worlds[0].here
    assert isinstance(here, PooledBranch)
    here.change("ALTER ROLE postgres PASSWORD 'known'")
    known = passfile(worlds[0].folder, "known")
    with pytest.raises(psycopg.OperationalError, match="no such user"):
        connected(here.pooler.url(here.name, "postgres", known))
