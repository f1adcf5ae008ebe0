"""A network that breaks at any byte, a server in trouble: nothing is lost, nothing doubled."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from network import Road, road_to
from postgres_server import PostgresServer
from sqlalchemy import make_url
from sync_world import PostgresBranch, TerminalHere, World, assert_consistent, rows

from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.sentences import sentence
from kiosk.services.branch import check

CUTS = 24
"""Each way."""
BATCH = 3


@pytest.fixture
def world(tmp_path: Path, server: PostgresServer) -> Iterator[World]:
    made = World(tmp_path, PostgresBranch(server, tmp_path), is_now=True)
    yield made
    made.branch.close()


@pytest.fixture
def road(server: PostgresServer) -> Iterator[Road]:
    with road_to(server.port) as road:
        yield road


def by_road(terminal: TerminalHere, road: Road) -> TerminalHere:
    url = make_url(terminal.branch_url).set(port=road.port)
    return replace(terminal, branch_url=url.render_as_string(hide_password=False))


def away(terminal: TerminalHere) -> KioskError:
    """The run ends with a sentence and may be tried again."""
    with pytest.raises(KioskError) as caught:
        terminal.sync(batch_size=BATCH)
    assert exit_code(caught.value) == ExitCode.TRY_AGAIN
    assert "{" not in sentence(caught.value)
    return caught.value


@pytest.mark.parametrize("way", ["there", "back"])
def test_a_network_that_breaks_at_any_byte(world: World, road: Road, way: str) -> None:
    terminal = by_road(world.terminal(), road)
    terminal.visit("A1001")
    terminal.sync(batch_size=BATCH)
    whole = road.carried[way]
    assert whole > 1000
    stopped = 0
    for number in range(CUTS):
        terminal.visit(f"A1{number + 2:03}")
        road.break_after(way, whole * number // CUTS)
        away(terminal)
        stopped += 1
        road.mend()
        if number % 5 == 0:
            terminal.sync(batch_size=BATCH)
            assert_consistent(world, terminal)
    terminal.sync(batch_size=BATCH)
    assert stopped == CUTS
    assert_consistent(world, terminal)
    assert not check(world.branch).differences


def test_waiting_for_an_answer_notices_a_cut_cable(world: World) -> None:
    """What was sent is confirmed, the answer never comes: only keepalives can tell."""
    with world.branch.read() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        told = {name: int(value) for name, value in driver.info.get_parameters().items()
                if name.startswith("keepalives_")}  # fmt: skip
    noticed = told["keepalives_idle"] + told["keepalives_interval"] * told["keepalives_count"]
    assert noticed <= 30


# --- a server in trouble --------------------------------------------------------------------------


def stumble(world: World, times: int, code: str) -> None:
    """Let the next receipts fail as two transactions that met would; sequences never go back."""
    world.change("CREATE SEQUENCE stumbles")
    world.change(
        "CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        f" IF nextval('stumbles') <= {times} THEN RAISE EXCEPTION USING ERRCODE = '{code}'; END IF;"
        " RETURN new; END $$"
    )
    world.change(
        "CREATE TRIGGER stumble BEFORE INSERT ON receipt FOR EACH ROW EXECUTE FUNCTION stumble()"
    )


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_transactions_that_meet_are_tried_again_at_once(world: World, code: str) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    stumble(world, 4, code)
    assert terminal.sync().events == 5
    assert_consistent(world, terminal)


def test_transactions_that_meet_for_ever_are_tried_again_later(world: World) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    stumble(world, 5, "40001")
    assert away(terminal).code == "database_conflict"
    assert terminal.sync().events == 5
    assert_consistent(world, terminal)


def test_a_server_that_is_full_is_said_and_drained_later(world: World) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    stumble(world, 1, "53100")
    with pytest.raises(KioskError, match="disk_full"):
        terminal.sync()
    assert rows(terminal.path, "SELECT last_error FROM watermark") == [("disk_full",)]
    assert terminal.sync().events == 5
    assert_consistent(world, terminal)


@pytest.mark.parametrize("code", ["57P01", "57P03", "58030", "25006"])
def test_a_server_that_goes_down_in_the_middle(world: World, code: str) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    stumble(world, 1, code)
    with pytest.raises(KioskError) as caught:
        terminal.sync()
    assert "{" not in sentence(caught.value)
    assert terminal.sync().events == 5
    assert_consistent(world, terminal)


def test_a_terminal_that_stands_still_keeps_only_its_branch_waiting_and_not_for_long(
    world: World, server: PostgresServer
) -> None:
    still = world.terminal("T1", 1)
    neighbour = world.terminal("T2", 2)
    elsewhere = world.terminal("T3", 1, branch="0002")
    for terminal in (still, neighbour, elsewhere):
        terminal.visit("A1001")
    login = make_url(neighbour.branch_url).username
    world.change(f"ALTER ROLE \"{login}\" SET lock_timeout = '100ms'")
    with server.connect(world.branch.url.database or "") as connection, connection.transaction():
        connection.execute("SELECT FROM branch WHERE code = '0001' FOR NO KEY UPDATE")
        assert away(neighbour).code == "database_busy"
        assert elsewhere.sync().events == 5
    assert neighbour.sync().events == still.sync().events == 5
    assert_consistent(world, still, neighbour)


def test_too_many_connections(world: World) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    login = make_url(terminal.branch_url).username
    world.change(f'ALTER ROLE "{login}" CONNECTION LIMIT 0')
    assert away(terminal).code == "database_busy"
    world.change(f'ALTER ROLE "{login}" CONNECTION LIMIT 8')
    assert terminal.sync().events == 5


def test_a_server_that_is_stopped(world: World, server: PostgresServer) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    world.branch.close()
    server.stop()
    try:
        assert away(terminal).code == "database_unreachable"
    finally:
        server.start()
    assert terminal.sync().events == 5
    assert_consistent(world, terminal)


def test_no_convoy(world: World) -> None:
    """Eight terminals of one branch and eight of others at once: all come through."""
    terminals = [world.terminal(f"T{n}", n) for n in range(1, 9)]
    terminals += [world.terminal(f"B{n}", 1, branch=f"1{n:03}") for n in range(8)]
    for terminal in terminals:
        for number in range(12):
            digit = terminal.config.terminal.digit
            terminal.visit(f"A{digit}{number + 1:03}")
    together = threading.Barrier(len(terminals))

    def bring(terminal: TerminalHere) -> int:
        together.wait()
        return terminal.sync(batch_size=7).events

    with ThreadPoolExecutor(len(terminals)) as pool:
        assert list(pool.map(bring, terminals)) == [60] * len(terminals)
    assert not check(world.branch).differences
    assert world.rows("SELECT count(*) FROM event") == [(60 * len(terminals),)]


def test_the_proxy_cuts(server: PostgresServer, road: Road) -> None:
    """The control: without a mended road nobody comes through."""
    road.break_after("back", 0)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=road.port, user="postgres", dbname="postgres")
