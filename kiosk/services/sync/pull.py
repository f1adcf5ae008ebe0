"""The terminal's end of a pull: follow what the branch says, release by release.

Each release is checked and put into the store at once, in a transaction of its own. One that is
damaged, of a form that this program does not know, or wrong in itself is refused and remembered
with the reason; the last good one stays in use.
"""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Select, delete, insert, select

from kiosk import __version__
from kiosk.clock import Clock
from kiosk.config import branch_settings_beside
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import RefusedRelease, Release
from kiosk.models.tables import table_of
from kiosk.services import releases
from kiosk.services.releases import Name
from kiosk.services.sync.wire import Answer, BranchSide, Caller, Held, SentRelease, Status

_REFUSED = table_of(RefusedRelease)
_RELEASE = table_of(Release)
_DAMAGED = "release_damaged"


@dataclass(frozen=True)
class Pulled:
    """What came of asking."""

    answer: Answer
    refused: tuple[KioskError, ...] = ()
    """Why releases that came can't be followed."""


def pull(store: Database, caller: Caller, side: BranchSide, clock: Clock) -> Pulled:
    """Ask the branch what holds, and follow it.

    Args:
        store: The terminal's own database.
        caller: Who asks.
        side: The branch.
        clock: The terminal's time.

    Raises:
        KioskError: What keeps one of the databases from being read or written.
    """
    answer = side.pull(caller, _held(store, caller.branch))
    if answer.status is not Status.OK:
        return Pulled(answer)
    outcomes = [_follow(store, caller.branch, sent, clock.now()) for sent in answer.releases]
    _mend_settings_file(store, caller.branch)
    return Pulled(answer, tuple(error for error in outcomes if error))


def _mend_settings_file(store: Database, branch: str) -> None:
    """The release in the store holds: a file that was lost or changed is made anew."""
    with store.read() as connection:
        body = releases.body_of(connection, branch, Name.SETTINGS)
    _write_settings(store, body)


def _write_settings(store: Database, body: str | None) -> None:
    """Keep the file that a terminal reads before its first picture as the release says."""
    path = branch_settings_beside(store.path)
    try:
        if body is None:
            path.unlink(missing_ok=True)
        elif not path.exists() or path.read_text(encoding="utf-8", errors="replace") != body:
            _replace(path, body)
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "database_read_only"
        raise KioskError(code, database=str(path)) from error


def _replace(path: Path, text: str) -> None:
    """A power cut leaves the old file or the new one."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _held(store: Database, branch: str) -> dict[str, Held]:
    with store.read() as connection:
        kept = releases.current(connection, branch)
        refused = {row.name: row.digest for row in connection.execute(_worth_no_second_look())}
    return {
        name: Held(
            kept[name].version if name in kept else None,
            (*([kept[name].digest] if name in kept else []), *_one(refused.get(name))),
        )
        for name in (kept | refused).keys() - {Name.QUEUE.value}
    }


def _one(digest: str | None) -> Iterator[str]:
    if digest is not None:
        yield digest


def _worth_no_second_look() -> Select[str, str]:
    """What this very program refused for what it says; what came damaged is asked for again."""
    return select(_REFUSED.c.name, _REFUSED.c.digest).where(
        _REFUSED.c.app_version == __version__, _REFUSED.c.reason != _DAMAGED
    )


def _follow(store: Database, branch: str, sent: SentRelease, now: datetime) -> KioskError | None:
    """Use a release from now on, or say why it can't be used."""
    try:
        _check(sent)
    except KioskError as error:
        _remember_refusal(store, sent, error, now)
        return error
    with store.write() as connection:
        _keep(connection, branch, sent)
        connection.execute(delete(_REFUSED).where(_REFUSED.c.name == sent.name))
        if sent.name == Name.SETTINGS:
            # before the commit: whoever sees the new release finds the new file
            _write_settings(store, sent.body)
    return None


def _check(sent: SentRelease) -> None:
    which = {"name": sent.name, "version": sent.version}
    if releases.digest(sent.body) != sent.digest:
        raise KioskError(_DAMAGED, **which)
    if sent.format > releases.FORMAT:
        raise KioskError("release_too_new", **which)
    releases.check(sent.name, sent.body)


def _keep(connection: Connection, branch: str, sent: SentRelease) -> None:
    connection.execute(
        delete(_RELEASE).where(_RELEASE.c.branch == branch, _RELEASE.c.name == sent.name)
    )
    connection.execute(insert(_RELEASE).values(**vars(sent), branch=branch))


def _remember_refusal(store: Database, sent: SentRelease, error: KioskError, now: datetime) -> None:
    row = {
        "name": sent.name,
        "version": sent.version,
        "digest": sent.digest,
        "reason": error.code,
        "params": {name: str(value) for name, value in error.params.items()},
        "app_version": __version__,
        "refused_at": now,
    }
    with store.write() as connection:
        connection.execute(delete(_REFUSED).where(_REFUSED.c.name == sent.name))
        connection.execute(insert(_REFUSED).values(row))
