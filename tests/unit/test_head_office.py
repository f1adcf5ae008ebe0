"""Two regions feed one head office by PostgreSQL's own replication, with the scripts of deploy/."""

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from postgres_server import PostgresServer, running_server
from sync_world import PostgresBranch, World, at_counter

from kiosk.config import Branch, Config
from kiosk.db import Database
from kiosk.models.payloads import TicketCalled, TicketFinished, TicketStarted
from kiosk.services.branch import check, enrol, initialise
from kiosk.services.report import day_report
from kiosk.services.retention import keep_months, make_months

SCRIPTS = Path(__file__).parents[2] / "deploy" / "postgres"
PUBLISHED = (
    "branch", "terminal", "event", "receipt", "journal_file", "visit", "ticket", "counter_state",
    "demo_run", "diversion", "help_call", "assist", "sign_up", "follow_up", "outage", "consent",
    "hourly_figures", "quarantine",
)  # fmt: skip
_PASSWORD = "of-the-replication"  # noqa: S105 (of a server that lives as long as the test)
_PATIENCE_SECONDS = 60


@dataclass
class HeadOffice:
    """The database where all regions meet, on a server of its own."""

    here: PostgresBranch
    database: Database
    regions: dict[str, World]

    @property
    def server(self) -> PostgresServer:
        return self.here.server

    def take_in(self, name: str, world: World) -> None:
        """As docs/head-office.md says: publish there, subscribe here."""
        region = there(world)
        region.server.run_script(SCRIPTS / "publish.sql", region.name)
        region.change(f"ALTER ROLE kiosk_replication PASSWORD '{_PASSWORD}'")
        connection = (
            f"host=127.0.0.1 port={region.server.port} dbname={region.name}"
            f" user=kiosk_replication passfile={self._passfile()}"
        )
        self.server.run_script(
            SCRIPTS / "subscribe.sql", self.here.name, region=name, connection=connection
        )
        self.regions[name] = world

    def _passfile(self) -> Path:
        path = self.server.folder / "passfile"
        path.touch(mode=0o600)
        path.write_text(f"*:*:*:kiosk_replication:{_PASSWORD}\n")
        owner = self.server.folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
        return path

    def count(self, table: str) -> int:
        [(count,)] = self.here.rows(f"SELECT count(*) FROM {table}")  # noqa: S608 (our own words)
        return int(str(count))

    def is_up_to_date(self) -> bool:
        """Whether each table has as many rows as all regions together."""
        return all(
            self.count(table) - (table == "branch")
            == sum(len(world.rows(f"SELECT 1 FROM {table}")) for world in self.regions.values())  # noqa: S608
            for table in PUBLISHED
        )

    def has_copied(self) -> bool:
        """Whether every region's first copy is done, for good."""
        [(left,)] = self.here.rows(
            "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r'"
        )
        return left == 0

    def errors(self, region: str) -> int:
        """How often a region could not be taken in."""
        told = self.server.run_script(SCRIPTS / "subscriptions.sql", self.here.name)
        rows = [line.split("|") for line in told.splitlines()]
        return next(int(row[3]) for row in rows if row[0] == region)

    def take_in_anew(self, region: str, branches: str) -> None:
        """As docs/head-office.md says."""
        self.here.change(f"DROP SUBSCRIPTION {region}")
        self.server.run_script(SCRIPTS / "forget.sql", self.here.name, branches=branches)
        self.take_in(region, self.regions[region])

    def skip_what_does_not_fit(self, region: str) -> None:
        """Each transaction that fails is left out, by the place that the log names."""
        skipped = {""}

        def is_done() -> bool:
            place = re.findall(r"finished at ([0-9A-F]+/[0-9A-F]+)", self.server.log())[-1]
            if place not in skipped:
                self.here.change(f"ALTER SUBSCRIPTION {region} SKIP (lsn = '{place}')")
                skipped.add(place)
            return self.is_up_to_date()

        eventually(is_done)


def there(world: World) -> PostgresBranch:
    assert isinstance(world.here, PostgresBranch)
    return world.here


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for the other server."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def other_server() -> Iterator[PostgresServer]:
    # a second try must not wait five seconds, nor a first copy for a free worker
    with running_server(
        wal_retrieve_retry_interval="100ms",
        max_logical_replication_workers="40",
        max_worker_processes="50",
        max_sync_workers_per_subscription="8",
    ) as running:
        yield running


@pytest.fixture
def regions(tmp_path: Path, server: PostgresServer) -> Iterator[tuple[World, World]]:
    """North and south, each with a branch of its own."""
    made = []
    for branch in ("N1", "S1"):
        folder = tmp_path / branch
        folder.mkdir()
        made.append(World(folder, PostgresBranch(server, folder), branch))
    yield made[0], made[1]
    for world in made:
        world.branch.close()


@pytest.fixture
def head_office(tmp_path: Path, other_server: PostgresServer) -> Iterator[HeadOffice]:
    here = PostgresBranch(other_server, tmp_path)
    made = HeadOffice(here, here.make(Config(data_folder=tmp_path, branch=Branch(code="HEAD"))), {})
    yield made
    made.database.close()
    for region in made.regions:
        here.change(f"DROP SUBSCRIPTION {region}")


def test_the_head_office_has_the_sum_of_all_regions(
    regions: tuple[World, World], head_office: HeadOffice
) -> None:
    north, south = regions
    terminals = [north.terminal("T1", 1), north.terminal("T2", 2), south.terminal("T1", 1)]
    terminals[0].visit("A1001")
    terminals[0].sync()  # what was there before comes as well
    head_office.take_in("north", north)
    head_office.take_in("south", south)
    for number, terminal in enumerate(terminals):
        for _ in range(3):
            terminal.visit(f"A{terminal.config.terminal.digit}10{number}{_}")
        terminal.sync()
    for world, ticket in ((north, "A21011"), (south, "A11020")):
        at_counter(world, ticket, TicketCalled(), TicketStarted(), TicketFinished(services=()))
    eventually(head_office.is_up_to_date)

    day = north.clock.now().date()
    for world, branch in ((north, "N1"), (south, "S1")):
        expected = day_report(world.branch, branch, day)
        assert day_report(head_office.database, branch, day) == expected
        assert expected.visits > 0
    [(visits, accepted)] = head_office.here.rows(
        "SELECT sum(visits), sum(accepted) FROM hourly_figures"
    )
    assert (visits, accepted) == (10, 10)
    served = "SELECT branch, number, counter FROM ticket WHERE state = 'served' ORDER BY branch"
    eventually(lambda: len(head_office.here.rows(served)) == 2)
    assert head_office.here.rows(served) == [("N1", "A21011", "3"), ("S1", "A11020", "3")]
    assert not check(head_office.database).differences


def test_an_outage_of_either_end_loses_nothing(
    regions: tuple[World, World], head_office: HeadOffice
) -> None:
    terminals = [world.terminal() for world in regions]
    head_office.take_in("north", regions[0])
    head_office.take_in("south", regions[1])
    for terminal in terminals:
        terminal.visit()
        terminal.sync()
    eventually(head_office.has_copied)
    head_office.database.close()
    head_office.server.kill()  # in the middle of whatever it does
    for terminal in terminals:
        terminal.visit("A1001")
        terminal.sync()
    told = there(regions[0]).server.run_script(SCRIPTS / "lag.sql", there(regions[0]).name)
    slot, active, state, behind, _ = told.strip().split("|")
    assert (slot, active, state) == ("north", "f", "reserved")
    assert int(behind) > 0
    head_office.server.start()
    eventually(head_office.is_up_to_date)
    there(regions[0]).server.kill()  # the other end is no different
    there(regions[0]).server.start()
    terminals[0].visit("A1002")
    terminals[0].sync()
    eventually(head_office.is_up_to_date)
    assert not check(head_office.database).differences


def test_a_first_copy_that_was_cut_at_its_worst_moment_is_taken_in_anew(
    regions: tuple[World, World], head_office: HeadOffice
) -> None:
    """PostgreSQL gives up the region's slot of a copy before it has noted that the copy is done."""
    north, _ = regions
    terminal = north.terminal()
    terminal.visit()
    terminal.sync()
    head_office.take_in("north", north)
    eventually(head_office.has_copied)
    head_office.database.close()
    head_office.here.change(
        "INSERT INTO pg_replication_origin (roident, roname)"
        " SELECT 999, concat_ws('_', 'pg', oid, 'diversion'::regclass::oid) FROM pg_subscription"
    )
    head_office.here.change(
        "UPDATE pg_subscription_rel SET srsubstate = 'f', srsublsn = NULL"
        " WHERE srrelid = 'diversion'::regclass"
    )
    head_office.server.kill()
    head_office.server.start()
    cut = re.compile(r'slot "pg_\d+_sync_\d+_\d+" does not exist')
    eventually(lambda: cut.search(head_office.server.log()) is not None)
    assert not head_office.has_copied()
    terminal.visit()
    terminal.sync()

    head_office.take_in_anew("north", "N1")
    eventually(head_office.is_up_to_date)
    assert not check(head_office.database).differences


def test_months_are_each_server_s_own(
    regions: tuple[World, World], head_office: HeadOffice
) -> None:
    """Events move to a new month's table, and old ones go, without the head office losing any."""
    north, _ = regions
    terminal = north.terminal()
    head_office.take_in("north", north)
    terminal.visit()  # of the month that is dropped in the end
    terminal.sync()
    north.clock.time = datetime(2031, 5, 20, 2, tzinfo=UTC)  # later than tables were made for
    terminal.visit()
    terminal.sync()
    with north.branch.write() as connection:
        make_months(connection, date(2031, 5, 20))
    assert north.rows("SELECT count(*) FROM event_2031_05") == [(4,)]
    assert north.rows("SELECT count(*) FROM event_default") == [(0,)]
    terminal.visit()
    terminal.sync()
    eventually(head_office.is_up_to_date)
    keep_months(north.branch, 1, date(2031, 5, 20))
    terminal.visit()
    terminal.sync()
    eventually(lambda: head_office.count("event") == 16)
    assert north.rows("SELECT count(*) FROM event") == [(12,)]
    assert head_office.count("visit") == 4
    assert not check(head_office.database).differences


def test_a_terminal_at_two_regions_stops_one_until_it_is_left_out(
    regions: tuple[World, World], head_office: HeadOffice
) -> None:
    north, south = regions
    at_home, other = north.terminal(), south.terminal("T2", 2)
    head_office.take_in("north", north)
    head_office.take_in("south", south)
    at_home.visit()
    at_home.sync()
    eventually(head_office.is_up_to_date)

    initialise(south.branch, north.config)
    enrol(south.branch, "N1", "T1", 1)
    eventually(lambda: head_office.errors("south") > 0)
    other.visit()
    other.sync()

    south.change("DELETE FROM terminal WHERE branch = 'N1'")
    south.change("DELETE FROM branch WHERE code = 'N1'")
    head_office.skip_what_does_not_fit("south")
    assert head_office.here.rows("SELECT code, acked_seq FROM terminal ORDER BY 1") == [
        ("T1", 4), ("T2", 4),
    ]  # fmt: skip
    at_home.visit()
    at_home.sync()
    eventually(head_office.is_up_to_date)
    assert not check(head_office.database).differences


def test_a_column_must_come_to_the_head_office_first(
    regions: tuple[World, World], head_office: HeadOffice
) -> None:
    north, _ = regions
    terminal = north.terminal()
    head_office.take_in("north", north)
    north.change("ALTER TABLE visit ADD COLUMN wish text")
    terminal.visit()
    terminal.sync()
    eventually(lambda: head_office.errors("north") > 0)
    assert "wish" in head_office.server.log()
    head_office.here.change("ALTER TABLE visit ADD COLUMN wish text")
    eventually(head_office.is_up_to_date)
    errors = head_office.errors("north")

    # in this order nothing fails
    head_office.here.change("ALTER TABLE ticket ADD COLUMN wish text")
    north.change("ALTER TABLE ticket ADD COLUMN wish text")
    terminal.visit("A1001")
    terminal.sync()
    eventually(head_office.is_up_to_date)
    assert head_office.errors("north") == errors


def test_a_region_that_was_cut_off_is_taken_in_anew(
    regions: tuple[World, World], head_office: HeadOffice
) -> None:
    north, south = regions
    terminals = [world.terminal() for world in regions]
    head_office.take_in("north", north)
    head_office.take_in("south", south)
    for terminal in terminals:
        terminal.visit()
        terminal.sync()
    eventually(head_office.is_up_to_date)
    head_office.here.change("DROP SUBSCRIPTION north")
    terminals[0].visit()  # while nobody keeps it for the head office
    terminals[0].sync()
    head_office.server.run_script(SCRIPTS / "forget.sql", head_office.here.name, branches="N1,N2")
    assert head_office.count("event") == 4
    head_office.take_in("north", north)
    eventually(head_office.is_up_to_date)
    assert not check(head_office.database).differences
