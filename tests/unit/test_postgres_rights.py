"""What a terminal's login and a reader can do on a real server: no more than they need."""

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
import pytest
from postgres_server import PostgresServer, running_server
from psycopg import errors
from sync_world import PostgresBranch, Recorder, TerminalHere, World, assert_consistent
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.models import SQLModel
from kiosk.services.branch import check, enrol, initialise
from kiosk.services.counters import enrol_counter
from kiosk.services.journal import new_id
from kiosk.services.reconcile import drill, items
from kiosk.services.reconcile.confirming import confirm
from kiosk.services.sync import granting, postgres_roles
from kiosk.services.sync.function_branch import _told
from kiosk.services.sync.postgres_roles import Login
from kiosk.services.sync.push import introduce
from kiosk.services.sync.wire import DayPart, Parcel, Status


@pytest.fixture
def world(tmp_path: Path, server: PostgresServer) -> Iterator[World]:
    made = World(tmp_path, PostgresBranch(server, tmp_path))
    yield made
    made.branch.close()


@pytest.fixture
def bare(terminal: TerminalHere) -> Iterator[psycopg.Connection]:
    """A connection as the terminal's login, for whatever somebody might try with it."""
    with as_login(terminal) as connection:
        yield connection


class AdministeredBranch(PostgresBranch):
    """A database that an administrator without a superuser's rights owns and fills."""

    def __init__(self, server: PostgresServer, folder: Path, administrator: str) -> None:
        super().__init__(server, folder)
        self.url = self.url_for(Login(administrator, "secret"))
        with server.connect("postgres") as connection:
            connection.execute(f"CREATE ROLE {administrator} LOGIN CREATEROLE PASSWORD 'secret'")
            connection.execute(f"CREATE DATABASE {self.name} OWNER {administrator}")

    def make(self, config: Config) -> Database:
        database = Database(self.url)
        try:
            initialise(database, config)
        except BaseException:
            database.close()
            raise
        return database


def as_login(terminal: TerminalHere) -> psycopg.Connection:
    return psycopg.connect(terminal.branch_url.replace("+psycopg", ""), autocommit=True)


def sent_by(terminal: TerminalHere) -> list[Parcel]:
    parcels: list[Parcel] = []
    terminal.sync(lambda side: Recorder(side, parcels))
    return parcels


# --- a terminal -----------------------------------------------------------------------------------


def test_a_terminal_reads_and_writes_no_table(bare: psycopg.Connection) -> None:
    for table in ("alembic_version", *SQLModel.metadata.tables):
        for statement in (
            "SELECT FROM {}",
            "DELETE FROM {}",
            "INSERT INTO {} DEFAULT VALUES",
            "TRUNCATE {}",
            "COPY {} TO STDOUT",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                bare.execute(statement.format(table))


def test_a_terminal_changes_no_event(terminal: TerminalHere, bare: psycopg.Connection) -> None:
    terminal.visit("A1001")
    terminal.sync()
    for statement in ("UPDATE event SET reason = 'x'", "UPDATE event_default SET reason = 'x'"):
        with pytest.raises(errors.InsufficientPrivilege):
            bare.execute(statement)


def test_nobody_changes_an_event_by_accident(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    terminal.sync()
    with pytest.raises(errors.IntegrityConstraintViolation, match="never changed"):
        world.change("UPDATE event SET reason = 'x'")


def test_a_terminal_calls_only_what_it_is_given(world: World, bare: psycopg.Connection) -> None:
    functions = [
        str(name)
        for (name,) in world.rows(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE starts_with(proname, 'kiosk_')"
        )
    ]
    assert len(functions) > 8
    allowed = {
        name
        for name in functions
        if bare.execute("SELECT has_function_privilege(%s, 'EXECUTE')", (name,)).fetchone()
        == (True,)
    }
    assert allowed == {
        "kiosk_greet(json)",
        "kiosk_pull(json,json)",
        "kiosk_push(json,text,text,json)",
        "kiosk_retry(json,json)",
        "kiosk_drop(json,json,text)",
        "kiosk_day(json,date,integer,bigint,bigint)",
        "kiosk_renew(json,json)",
        "kiosk_which_are_known(json,json)",
        "kiosk_fill_in(json,json)",
        "kiosk_keep_contacts(json,json,json)",
    }


@pytest.mark.parametrize("request_", ['{"epoch": 1}', '{"epoch": 1, "code": null}'])
def test_a_terminal_gets_no_epoch_without_a_code(
    world: World, terminal: TerminalHere, bare: psycopg.Connection, request_: str
) -> None:
    terminal.visit()
    (parcel,) = sent_by(terminal)
    request_ = request_.replace("}", ', "business_date": "2026-11-23", "positions": []}')
    for opened in (None, granting.digest("")):
        world.change("UPDATE terminal SET renewal_code = ?", opened)
        with pytest.raises(psycopg.Error, match="renewal_refused"):
            bare.execute("SELECT kiosk_renew(%s, %s)", (_told(parcel.caller), request_))
    assert world.rows("SELECT epoch FROM terminal") == [(1,)]


def test_a_terminal_makes_and_takes_nothing(bare: psycopg.Connection) -> None:
    for statement in (
        "CREATE TABLE own (a int)",
        "CREATE TEMP TABLE own (a int)",
        "CREATE SCHEMA own",
        "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE EXTENSION dblink",
        "CREATE PUBLICATION own FOR ALL TABLES",
        "CREATE ROLE own",
        "SET ROLE postgres",
        "SET ROLE kiosk_functions",
        "SET SESSION AUTHORIZATION postgres",
        "ALTER ROLE kiosk_terminal LOGIN",
        "GRANT kiosk_reader TO kiosk_terminal",
        "DROP FUNCTION kiosk_greet(json)",
        "ALTER FUNCTION kiosk_greet(json) SECURITY INVOKER",
        "DROP TABLE event_default",
        "ALTER TABLE event DETACH PARTITION event_default",
        "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DO $$ BEGIN LOCK TABLE event; END $$",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/x'",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT pg_ls_dir('.')",
        "SELECT lo_import('/etc/hostname')",
        "SELECT pg_create_logical_replication_slot('own', 'pgoutput')",
        "SELECT pg_reload_conf()",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            bare.execute(statement)


def test_a_terminal_sees_no_secrets_of_others(world: World, bare: psycopg.Connection) -> None:
    """That a role exists is no secret on PostgreSQL; whose it is and its password are."""
    world.terminal("T2", 2)
    for statement in (
        "SELECT login FROM terminal",
        "SELECT login FROM counter",
        "SELECT rolpassword FROM pg_authid",
        "SELECT passwd FROM pg_shadow",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            bare.execute(statement)
    seen = bare.execute("SELECT query FROM pg_stat_activity WHERE usename <> current_user")
    assert {query for (query,) in seen} <= {"<insufficient privilege>"}


def test_a_terminal_calls_no_part_of_a_function(bare: psycopg.Connection) -> None:
    for call in (
        "kiosk_keep_terminal('{}')",
        "kiosk_identify('{}')",
        "kiosk_store_one('{}', '', 1, NULL)",
        "kiosk_project('{}', '', '', 1, 1, 1)",
        "event_is_never_changed()",
    ):
        with pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported)):
            bare.execute(f"SELECT {call}")


def test_a_terminal_asks_for_no_other_s_day_nor_decides_for_it(
    world: World, terminal: TerminalHere
) -> None:
    other = world.terminal("T2", 2)
    other.visit()
    other.sync()
    caller = introduce(other.store, other.journal.origin, other.clock)
    side = terminal.connect(terminal.branch_url)
    for answer in (
        side.list_day(caller, DayPart(date(2026, 11, 23), 1)),
        side.retry(caller, {1: ""}),
        side.drop(caller, [1], "why"),
    ):
        assert (answer.status, answer.day) == (Status.NOT_ENROLLED, None)
    side.close()


def test_a_login_comes_into_its_own_database_only(
    world: World, terminal: TerminalHere, server: PostgresServer, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = World(tmp_path / "other", PostgresBranch(server, tmp_path))
    name = str(world.branch.url.database)
    terminal.branch_url = terminal.branch_url.replace(f"/{name}?", f"/{other.branch.url.database}?")
    with pytest.raises(KioskError) as caught:
        terminal.sync()
    assert caught.value.code == "database_forbidden"
    other.branch.close()


def test_codes_that_run_together_make_no_common_login(world: World) -> None:
    settings = dataclasses.replace(world.config.branch, code="0001-T1")
    initialise(world.branch, dataclasses.replace(world.config, branch=settings))
    first = enrol(world.branch, "0001", "T1-2", 1)
    second = enrol(world.branch, "0001-T1", "2", 1)
    assert first is not None
    assert second is not None
    assert first.name != second.name


def test_a_role_of_somebody_else_is_not_taken_over(world: World, server: PostgresServer) -> None:
    name = f"{world.branch.url.database}.0001.T1"
    world.change(f'CREATE ROLE "{name}" LOGIN SUPERUSER')
    with pytest.raises(KioskError) as caught:
        enrol(world.branch, "0001", "T1", 1)
    assert caught.value.code == "login_taken"
    assert world.rows("SELECT code FROM terminal") == []
    world.change(f'DROP ROLE "{name}"')


def test_a_terminal_forges_no_other(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    other = world.terminal("T2", 2)
    other.visit()
    (parcel,) = sent_by(other)
    assert terminal.hand_over(parcel).status is Status.NOT_ENROLLED, "a replay"
    fresh = dataclasses.replace(parcel.caller, position=parcel.position)
    side = terminal.connect(terminal.branch_url)
    assert side.greet(fresh).status is Status.NOT_ENROLLED
    side.close()
    terminal.sync()
    assert_consistent(world, terminal, other)


def test_a_terminal_of_another_branch_is_a_stranger(world: World, terminal: TerminalHere) -> None:
    settings = dataclasses.replace(world.config.branch, code="0002")
    initialise(world.branch, dataclasses.replace(world.config, branch=settings))
    enrol(world.branch, "0002", "T1", 1)
    terminal.visit()
    (parcel,) = sent_by(terminal)
    caller = dataclasses.replace(parcel.caller, branch="0002")
    assert terminal.hand_over(dataclasses.replace(parcel, caller=caller)).status is (
        Status.NOT_ENROLLED
    )


def test_tables_of_a_terminal_s_own_do_not_mislead_the_functions(
    world: World, terminal: TerminalHere, bare: psycopg.Connection
) -> None:
    """The functions run as the owner: what they name must be the owner's."""
    terminal.visit()
    (parcel,) = sent_by(terminal)
    world.change(f'GRANT TEMPORARY ON DATABASE "{world.branch.url.database}" TO PUBLIC')
    bare.execute("CREATE TEMP TABLE terminal (branch text, code text, login text)")
    bare.execute("INSERT INTO terminal VALUES ('0001', 'T2', session_user)")
    bare.execute("SET search_path = pg_temp, public")
    forged = (
        '{"branch": "0001", "terminal": "T2", "epoch": 1, "digit": 2, "wire_format": 1,'
        ' "schema_version": 1, "app_version": "", "sent_at": "2026-11-23T01:30:00+00:00",'
        ' "database_id": null, "position": {"number": 0, "seq": 0, "chain": ""}}'
    )
    with pytest.raises(psycopg.Error) as caught:
        bare.execute("SELECT kiosk_greet(%s)", (forged,))
    assert caught.value.sqlstate == "KS001"
    assert caught.value.diag.message_primary == "not_enrolled"
    assert parcel.lines


# --- the functions --------------------------------------------------------------------------------


def test_functions_run_as_nobody_of_importance(world: World) -> None:
    """Whoever installed them, a superuser perhaps, is not who they run as."""
    assert world.rows(
        "SELECT DISTINCT rolname, rolsuper, rolcanlogin, rolcreaterole, rolbypassrls"
        " FROM pg_proc JOIN pg_roles ON pg_roles.oid = proowner"
        " WHERE starts_with(proname, 'kiosk_')"
    ) == [("kiosk_functions", 0, 0, 0, 0)]
    for table, right, may in (
        ("event", "INSERT", 1),
        ("event", "UPDATE", 0),
        ("event", "DELETE", 0),
        ("event", "TRUNCATE", 0),
        ("receipt", "INSERT", 1),
        ("counter", "UPDATE", 1),
        ("counter", "INSERT", 0),
        ("alembic_version", "SELECT", 0),
    ):
        found = world.rows("SELECT has_table_privilege('kiosk_functions', ?, ?)", table, right)
        assert found == [(may,)], (table, right)
    assert world.rows("SELECT has_schema_privilege('kiosk_functions', 'public', 'CREATE')") == [
        (0,)
    ]


def test_what_an_older_program_allowed_is_taken_back(
    world: World, bare: psycopg.Connection
) -> None:
    world.change("CREATE FUNCTION kiosk_old() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    world.change("GRANT SELECT ON event TO kiosk_terminal")
    bare.execute("SELECT kiosk_old() FROM event")
    initialise(world.branch, world.config)
    for statement in ("SELECT kiosk_old()", "SELECT FROM event"):
        with pytest.raises(errors.InsufficientPrivilege):
            bare.execute(statement)


# --- who makes a branch database ------------------------------------------------------------------


def test_an_owner_who_may_make_roles_needs_no_superuser(tmp_path: Path) -> None:
    """From nothing, on a server of its own; and a second branch's administrator beside."""
    with running_server() as server:
        first = AdministeredBranch(server, tmp_path, "first_admin")
        world = World(tmp_path, first)
        initialise(world.branch, world.config)
        terminal = world.terminal()
        terminal.visit("A1001")
        terminal.sync()
        assert_consistent(world, terminal)
        assert enrol_counter(world.branch, "0001", 3) is not None
        world.branch.close()
        (tmp_path / "second").mkdir()
        second = AdministeredBranch(server, tmp_path / "second", "second_admin")
        with pytest.raises(KioskError) as caught:
            World(tmp_path / "second", second)
        assert caught.value.code == "branch_rights_missing"
        assert caught.value.params["login"] == "second_admin"
        assert second.rows("SELECT 1 FROM pg_class WHERE relname = 'event'") == []
        with server.connect("postgres") as connection:
            connection.execute("SET ROLE first_admin")
            connection.execute(
                "GRANT kiosk_functions, kiosk_terminal, kiosk_counter, kiosk_board, kiosk_reader"
                " TO second_admin WITH ADMIN OPTION"
            )
        world = World(tmp_path / "second", second)
        terminal = world.terminal()
        terminal.visit()
        assert terminal.sync().events == 4
        world.branch.close()


def test_who_does_not_own_the_database_is_told(
    world: World, terminal: TerminalHere, server: PostgresServer
) -> None:
    database = Database(terminal.branch_url)
    with pytest.raises(KioskError) as caught:
        initialise(database, world.config)
    database.close()
    assert caught.value.code == "branch_rights_missing"
    assert str(caught.value.params["login"]).endswith(".0001.T1")
    refused = CliRunner().invoke(
        app,
        ["branch", "init", terminal.branch_url],
        env={"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": "en_US.UTF-8"},
    )
    assert refused.exit_code == ExitCode.NEEDS_A_PERSON
    assert refused.output.startswith("The login branch_")
    assert refused.output.count("\n") == 1


# --- a reader -------------------------------------------------------------------------------------


def test_a_reader_reads_and_changes_nothing(
    world: World, terminal: TerminalHere, server: PostgresServer
) -> None:
    terminal.visit("A1001")
    terminal.sync()
    with server.connect(world.branch.url.database or "") as connection:
        connection.execute(f"SET ROLE {postgres_roles.READERS}")
        found = connection.execute("SELECT sum(tickets) FROM hourly_figures").fetchone()
        assert found == (1,)
        # of a phone number, what lets no two be compared
        connection.execute("SELECT number_masked, number_encrypted FROM contact")
        connection.execute("SELECT count(*) FROM sign_up, follow_up, assist, help_call, outage")
        for statement in (
            "SELECT blind_index FROM contact",
            "DELETE FROM contact",
            "SELECT kiosk_keep_contacts('{}', '[]', '[]')",
            "DELETE FROM event",
            "UPDATE ticket SET state = 'x'",
            "INSERT INTO branch VALUES ('1', '', '')",
            "SELECT kiosk_greet('{}')",
            "SELECT login FROM counter",
            "TRUNCATE event",
            "CREATE TABLE own (a int)",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


def test_a_reader_sees_what_is_reconciled_and_confirms_nothing(
    world: World, terminal: TerminalHere, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.visit()
    terminal.sync()
    monkeypatch.setenv("PGPASSWORD", "secret")
    branch, day = terminal.config.branch.code, terminal.journal.business_date()
    assert drill.may_confirm(world.branch)
    with closing(Database(a_reader(world, server))) as database:
        assert not drill.may_confirm(database)
        assert [each.accepted for each in items.progress(database, branch, [day])] == [1]
        assert [each.open for each in items.trend(database, terminal.config, [day])] == [1]
        (opened,) = items.open_items(database, branch)
        (offer,) = drill.offers(database, branch, opened.offer)
        assert offer.state == "open"
        assert not drill.lines_of(database, branch, opened.offer)
        assert not drill.unclear(database, branch)
        assert not drill.offers_of(database, branch, new_id())
        of_branch = database, terminal.config, terminal.clock
        with pytest.raises(KioskError):
            confirm(*of_branch, [new_id()], "5001", lambda _: pytest.fail("kept"))


def a_reader(world: World, server: PostgresServer) -> str:
    """Make one, and say where it reads."""
    reader = f"reader_of_{world.branch.url.database}"
    world.change(f"CREATE ROLE {reader} LOGIN PASSWORD 'secret' IN ROLE kiosk_reader")
    world.change(f"GRANT CONNECT ON DATABASE {world.branch.url.database} TO {reader}")
    return server.url(str(world.branch.url.database), reader)


def test_a_reader_uses_the_commands_that_only_read(
    world: World, terminal: TerminalHere, server: PostgresServer
) -> None:
    terminal.visit("A1001")
    terminal.sync()
    url = a_reader(world, server)
    settings = {
        "KIOSK_DATA_FOLDER": str(world.folder),
        "KIOSK_BRANCH_DATABASE": url,
        "LC_ALL": "en_US.UTF-8",
        "PGPASSWORD": "secret",
    }
    reports = ("today", "people", "comparison", "targets", "follow-ups", "morning", "rhythm")
    for words in (("branch", "status"), ("fleet",), *(("report", each) for each in reports)):
        done = CliRunner().invoke(app, words, env=settings)
        assert done.exit_code == ExitCode.DONE, done.output
    for refused in ("branch retain --months 1", "branch enrol T9 --digit 9"):
        done = CliRunner().invoke(app, refused.split(), env=settings)
        assert done.exit_code == ExitCode.NEEDS_A_PERSON
        assert "does not allow that to this login. Nothing was changed." in done.output


# --- passwords ------------------------------------------------------------------------------------


def test_an_enrolment_gives_a_password_once(world: World) -> None:
    login = enrol(world.branch, "0001", "T1", 1)
    assert login is not None
    assert len(login.password) >= 32
    assert enrol(world.branch, "0001", "T1", 1) is None
    again = enrol(world.branch, "0001", "T1", 1, new_password=True)
    assert again is not None
    assert (again.name, again.password != login.password) == (login.name, True)


def test_the_server_never_sees_a_password(world: World, server: PostgresServer) -> None:
    world.change(f"ALTER DATABASE {world.branch.url.database} SET log_statement = 'all'")
    world.branch.close()
    login = enrol(world.branch, "0001", "T1", 1)
    assert login is not None
    assert f"""ALTER ROLE "{login.name}" CONNECTION LIMIT 8 PASSWORD 'SCRAM-""" in server.log()
    assert login.password not in server.log()


def test_a_lost_password_is_told_and_a_new_one_works(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    login = enrol(world.branch, "0001", "T1", 1, new_password=True)
    with pytest.raises(KioskError) as caught:
        terminal.sync()
    assert caught.value.code == "database_login_refused"
    (world.folder / "passfile").unlink()
    world.here.url_for(login)
    assert terminal.sync().events == 4
    assert not check(world.branch).differences


def test_a_long_name_is_cut_by_us_and_not_by_the_server(world: World) -> None:
    code = "T" * 32
    login = enrol(world.branch, "0001", code, 1)
    assert login is not None
    assert len(login.name) <= 63
    assert world.rows("SELECT login FROM terminal") == [(login.name,)]


# --- the way there --------------------------------------------------------------------------------


def test_a_server_must_prove_itself_unless_it_is_this_machine(server: PostgresServer) -> None:
    """`verify-full` is what another host gets; this server has no certificate."""
    url = server.url("postgres") + "?sslmode=verify-full&sslrootcert=system"
    with pytest.raises(KioskError) as caught:
        Database(url).require_schema()
    assert caught.value.code == "database_not_trusted"


def test_a_server_that_is_away_is_told(terminal: TerminalHere) -> None:
    terminal.visit()
    terminal.branch_url = "postgresql+psycopg://nobody@127.0.0.1:1/branch"
    with pytest.raises(KioskError) as caught:
        terminal.sync()
    assert caught.value.code == "database_unreachable"


def test_a_database_that_is_no_branch_database_is_told(
    terminal: TerminalHere, server: PostgresServer
) -> None:
    terminal.branch_url = server.url("postgres")
    with pytest.raises(KioskError) as caught:
        terminal.sync()
    assert caught.value.code == "schema_missing"
    terminal.branch_url = server.url("nowhere")
    with pytest.raises(KioskError) as caught:
        terminal.sync()
    assert caught.value.code == "database_missing"


def test_the_command_that_enrols_says_all_that_the_terminal_needs(
    world: World, tmp_path: Path
) -> None:
    """What it prints is put into the configuration as it stands, and `kiosk sync` comes in."""
    file = tmp_path / "password"
    there = ("--branch-database", world.branch.url.render_as_string())
    settings = {"KIOSK_DATA_FOLDER": str(tmp_path), "LC_ALL": "en_US.UTF-8"}
    words = ("branch", "enrol", "T1", "--digit", "1", "--password-file", str(file), *there)
    done = CliRunner().invoke(app, words, env=settings)
    assert done.exit_code == ExitCode.DONE, done.output
    said, address = done.stdout.splitlines()
    assert said == "Terminal T1 is enrolled in branch 0001 with the digit 1."
    assert file.stat().st_mode & 0o777 == 0o600
    terminal = world.terminal(enrolled=False)
    terminal.visit()
    terminal.store.close()
    settings["KIOSK_BRANCH_DATABASE"] = address.partition(": ")[2]
    synced = CliRunner().invoke(app, ["sync"], env=settings)
    assert synced.exit_code == ExitCode.DONE, synced.output
    assert synced.stdout.startswith("4 events")
    other = tmp_path / "other"
    twice = CliRunner().invoke(app, [*words[:6], str(other), *there], env=settings)
    assert twice.exit_code == ExitCode.DONE
    assert twice.stdout.splitlines()[1].startswith(f"{other} was not written: the login is there")
    assert not other.exists()
    again = CliRunner().invoke(app, [*words, "--new-password"], env=settings)
    assert again.exit_code == ExitCode.WRONG_USE
    assert "is there already" in again.stderr
    shown = CliRunner().invoke(app, [*words[:5], "--new-password", *there], env=settings)
    assert shown.stdout.splitlines()[1].startswith("Its password, which is shown only now: ")
    assert CliRunner().invoke(app, ["sync"], env=settings).exit_code == ExitCode.NEEDS_A_PERSON
