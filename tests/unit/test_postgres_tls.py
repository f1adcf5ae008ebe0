"""The way to a server: encrypted, proven, and with a password that nobody gets to see."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from postgres_server import PostgresServer, running_server
from sync_world import PostgresBranch, World
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.sentences import sentence
from kiosk.services.branch import enrol
from kiosk.services.sync.postgres_roles import Login

NAME = "db.branch.example"
"""A name that no machine has: the tests say themselves where it leads to."""
PASSWORD = "s3cret-of-the-tests"  # noqa: S105 (no secret)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def proven(authority: trustme.CA) -> Iterator[PostgresServer]:
    """A server with a certificate of the authority."""
    with running_server() as server:
        show(server, authority.issue_cert(NAME))
        with server.connect("postgres") as connection:
            connection.execute(f"CREATE ROLE visitor LOGIN PASSWORD '{PASSWORD}'")
        yield server


def show(server: PostgresServer, certificate: trustme.LeafCert) -> None:
    chain = b"".join(part.bytes() for part in certificate.cert_chain_pems)
    server.prove_itself(chain, certificate.private_key_pem.bytes())


@pytest.fixture
def root(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.crt"
    authority.cert_pem.write_to_path(path)
    return path


def address(server: PostgresServer, root: Path | None, host: str = NAME, **options: str) -> str:
    """Another host than this machine, though it is this one."""
    given = {"hostaddr": "127.0.0.1", **({"sslrootcert": str(root)} if root else {}), **options}
    query = "&".join(f"{name}={value}" for name, value in given.items())
    return f"postgresql+psycopg://visitor@{host}:{server.port}/postgres?{query}"


def is_encrypted(url: str) -> bool:
    database = Database(url)
    try:
        with database.read() as connection:
            return bool(
                connection.exec_driver_sql(
                    "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                ).scalar()
            )
    finally:
        database.close()


def refusal(url: str) -> KioskError:
    with pytest.raises(KioskError) as caught:
        is_encrypted(url)
    assert PASSWORD not in sentence(caught.value)
    return caught.value


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


# --- who the server is ----------------------------------------------------------------------------


@pytest.mark.usefixtures("password")
def test_another_host_that_proves_itself_is_spoken_to_in_secret(
    proven: PostgresServer, root: Path
) -> None:
    assert is_encrypted(address(proven, root))


@pytest.mark.usefixtures("password")
def test_another_host_that_does_not_prove_itself_gets_nothing(
    proven: PostgresServer, root: Path, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.crt"
    trustme.CA().cert_pem.write_to_path(stranger)
    before = len(proven.log())
    for url in (
        address(proven, stranger),  # another authority
        address(proven, root, "db.elsewhere.example"),  # another name
    ):
        assert refusal(url).code == "database_not_trusted"
    for url in (address(proven, None), address(proven, tmp_path / "no-such.crt")):
        assert refusal(url).code == "database_authority_missing"
    assert "visitor" not in proven.log()[before:], "not even the login's name"


@pytest.mark.usefixtures("password")
def test_a_server_that_speaks_in_the_open_gets_nothing(server: PostgresServer, root: Path) -> None:
    assert refusal(address(server, root)).code == "database_not_trusted"


@pytest.mark.usefixtures("password")
def test_an_expired_certificate_proves_nothing(
    proven: PostgresServer, authority: trustme.CA, root: Path
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    show(proven, authority.issue_cert(NAME, not_after=yesterday))
    try:
        assert refusal(address(proven, root)).code == "database_not_trusted"
    finally:
        show(proven, authority.issue_cert(NAME))


@pytest.mark.usefixtures("password")
def test_what_the_address_says_holds(proven: PostgresServer, server: PostgresServer) -> None:
    """A weaker mode is for tests; who writes it down gets it."""
    assert is_encrypted(address(proven, None, "db.elsewhere.example", sslmode="require"))
    assert not is_encrypted(address(proven, None, sslmode="disable"))
    assert not is_encrypted(server.url("postgres")), "this machine need not prove itself"


# --- passwords ------------------------------------------------------------------------------------


def password_file(folder: Path, mode: int = 0o600) -> Path:
    path = folder / "passfile"
    path.write_text(f"*:*:*:visitor:{PASSWORD}\n")
    path.chmod(mode)
    return path


def test_a_password_comes_from_a_file_or_from_the_environment(
    proven: PostgresServer, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = password_file(tmp_path)
    assert refusal(address(proven, root)).code == "database_password_missing"
    assert is_encrypted(address(proven, root, passfile=str(file)))
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert is_encrypted(address(proven, root))
    monkeypatch.delenv("PGPASSFILE")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert is_encrypted(address(proven, root))
    monkeypatch.setenv("PGPASSWORD", "wrong")
    assert refusal(address(proven, root)).code == "database_login_refused"


def test_a_password_file_that_others_can_read_is_not_used(
    proven: PostgresServer, root: Path, tmp_path: Path
) -> None:
    file = password_file(tmp_path, 0o644)
    assert refusal(address(proven, root, passfile=str(file))).code == "database_password_missing"


def test_a_password_shows_nowhere(
    tmp_path: Path, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in what commands say, nor in the store, nor in any file but its own."""
    world = World(tmp_path, PostgresBranch(server, tmp_path))
    login = enrol(world.branch, "0001", "T1", 1)
    assert isinstance(login, Login)
    terminal = world.terminal(enrolled=False)
    terminal.visit()
    terminal.store.close()
    url = server.url(str(world.branch.url.database), login.name)
    assert login.password not in repr(world.branch) + str(world.branch.url) + url
    settings = {
        "KIOSK_DATA_FOLDER": str(tmp_path),
        "KIOSK_BRANCH_DATABASE": url,
        "LC_ALL": "en_US.UTF-8",
        "PGPASSWORD": login.password,
    }
    said = ""
    for words in ("sync", "sync --status --json", "sync --verify 2026-11-23", "doctor"):
        done = CliRunner().invoke(app, words.split(), env=settings)
        said += done.output
    assert "4 events" in said
    for wrong in (
        {"KIOSK_BRANCH_DATABASE": url.replace(f":{server.port}", ":1")},
        {"KIOSK_BRANCH_DATABASE": url.replace("@", f":{login.password}@")},
        {"KIOSK_BRANCH_DATABASE": f"{url}?password={login.password}"},
        {"KIOSK_BRANCH_DATABASE": url.replace("postgresql+psycopg", "no-such") + "?password=x"},
        {"KIOSK_BRANCH_DATABASE": url.replace(login.name, "nobody")},
    ):
        done = CliRunner().invoke(app, ["sync"], env=settings | wrong)
        assert done.exit_code != ExitCode.DONE
        said += done.output + repr(done.exception)
    assert login.password not in said
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or login.password.encode() not in path.read_bytes()
    assert login.password not in server.log()
    world.branch.close()


def test_a_password_shows_in_no_list_of_processes(tmp_path: Path) -> None:
    """Whatever the way it came; seen while the command waits for a server that says nothing."""
    world = World(tmp_path)
    terminal = world.terminal()
    terminal.visit()
    terminal.store.close()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        file = password_file(tmp_path)
        url = f"postgresql+psycopg://visitor@127.0.0.1:{port}/branch?passfile={file}"
        command = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "sync", "--branch-database", url],
            env=os.environ | {"KIOSK_DATA_FOLDER": str(tmp_path), "PGPASSWORD": PASSWORD},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        connection, _ = mute.accept()
        shown = Path(f"/proc/{command.pid}/cmdline").read_bytes()
        connection.close()
        mute.close()
        output = command.communicate()[0]
    assert b"visitor@" in shown
    assert PASSWORD.encode() not in shown + output
