"""A real PgBouncer in front of servers of the tests, with the file that docs/branch-it.md shows."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from postgres_server import PostgresServer, free_port
from sqlalchemy import URL

ROOT = Path(__file__).parents[1]
SETUP = ROOT / "deploy" / "postgres" / "pooler.sql"
_PASSWORD = "poolers-own"  # noqa: S105 (of a server that lives as long as the test)
_PATIENCE_SECONDS = 30


def program() -> str | None:
    """Where PgBouncer is; Debian puts it where only root looks."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Pooler:
    """One address for the databases of several servers."""

    def __init__(self, folder: Path, servers: Mapping[str, PostgresServer]) -> None:
        self.port = free_port()
        self.log = folder / "log"
        self._folder = folder
        users = folder / "userlist.txt"
        users.write_text(f'"kiosk_pooler" "{_PASSWORD}"\n')
        (folder / "pgbouncer.ini").write_text(self._settings(servers))
        for database, server in servers.items():
            server.run_script(SETUP, database)
            with server.connect(database) as connection:
                connection.execute(f"ALTER ROLE kiosk_pooler PASSWORD '{_PASSWORD}'")

    def _settings(self, servers: Mapping[str, PostgresServer]) -> str:
        guide = (ROOT / "docs" / "branch-it.md").read_text(encoding="utf-8")
        [shown] = re.findall(r"```ini\n(; pgbouncer\.ini.*?)```", guide, re.DOTALL)
        own = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(self.port),
            "auth_file": str(self._folder / "userlist.txt"),
            "logfile": str(self.log),
            # a test must not need a certificate, nor many connections to run out of them
            "client_tls_sslmode": "disable",
            "server_tls_sslmode": "disable",
            "max_db_connections": "4",
        }
        for name, value in own.items():
            shown, changed = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", shown)
            assert changed == 1, f"the guide's pgbouncer.ini has no {name}"
        databases = "\n".join(
            f"{name} = host=127.0.0.1 port={server.port}" for name, server in servers.items()
        )
        return re.sub(r"(?ms)^\[databases\].*?(?=^\[)", f"[databases]\n{databases}\n\n", shown)

    def start(self) -> None:
        """Start it as an unprivileged user, as it insists on, and wait until it listens."""
        user: str | None = None
        if os.geteuid() == 0:
            user = "nobody"
            nobody = pwd.getpwnam(user)
            for path in (self._folder, *self._folder.iterdir()):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        self._process = subprocess.Popen(
            [str(program()), str(self._folder / "pgbouncer.ini")],
            user=user,
            group="nogroup" if user else None,
            extra_groups=[] if user else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(self.log.read_text() if self.log.exists() else "no log")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it at once."""
        self._process.terminate()
        self._process.wait()

    def url(self, database: str, user: str, passfile: Path) -> str:
        """The address for a login whose password is in a file."""
        address = URL.create(
            "postgresql+psycopg", user, None, "127.0.0.1", self.port, database,
            {"passfile": str(passfile), "sslmode": "disable"},
        )  # fmt: skip
        return address.render_as_string()


@contextmanager
def running_pooler(servers: Mapping[str, PostgresServer]) -> Iterator[Pooler]:
    """A pooler for one database on each of these servers, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-pooler-"))
    try:
        pooler = Pooler(folder, servers)
        pooler.start()
        try:
            yield pooler
        finally:
            pooler.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
