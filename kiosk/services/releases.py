"""What a branch says and its terminals follow, in whole versions: a release holds or it does not.

The branch publishes; a terminal keeps the last good release of each name and never edits one. Each
has a digest, so that one that came damaged is not used, and the form of its body, so that an older
program knows that it can't read it.
"""

import hashlib
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, delete, func, insert, select

from kiosk.config import check_branch_settings
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Branch, BranchMeta, Release, Terminal
from kiosk.models.tables import table_of
from kiosk.services.queue_snapshot import QueueSnapshot
from kiosk.services.staff_roster import StaffRoster
from kiosk.services.target_list import TargetList
from kiosk.services.waiting import learned

_BRANCH = table_of(Branch)
_META = table_of(BranchMeta)
_RELEASE = table_of(Release)
_TERMINAL = table_of(Terminal)


class Name(StrEnum):
    """What there are releases of."""

    CATALOG = "catalog"
    """TOML, as `kiosk catalog check` takes it."""
    SETTINGS = "settings"
    """TOML, as a configuration file, with the keys that a branch may set."""
    STAFF = "staff"
    """TOML, see `StaffRoster`."""
    TARGETS = "targets"
    """TOML, see `TargetList`."""
    LEARNED = "learned"
    """JSON, see `waiting.learned`: not published by people but learned from finished days."""
    QUEUE = "queue"
    """JSON, see `QueueSnapshot`: not published but read from the branch's queue at every pull."""


FORMAT = 1
"""The form of every body that this program writes, and the newest that it reads."""


@dataclass(frozen=True)
class ReleaseState:
    """A release as people want to know of it."""

    branch: str
    name: str
    version: int
    digest: str
    published_at: datetime


@dataclass(frozen=True)
class Published:
    """A release that holds in a branch, and how far it has come."""

    state: ReleaseState
    behind: tuple[str, ...]
    """Codes of the terminals that did not follow it when they last asked, or never asked."""


def digest(body: str) -> str:
    """The digest of a release's body."""
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def check(name: str, body: str) -> None:
    """Check that a body can be followed.

    Raises:
        KioskError: `release_unknown`; `release_invalid`, `catalog_invalid` or a `config_…` code
            with the place and the reason.
    """
    try:
        checks = _CHECKS[Name(name)]
    except ValueError:
        raise KioskError("release_unknown", name=name) from None
    checks(body)


def _check_settings(body: str) -> None:
    check_branch_settings(body, Path("settings"))


def _check_catalog(body: str) -> None:
    from kiosk.services.catalog_file import read_catalog  # large, and a new catalog comes rarely

    read_catalog(body.encode("utf-8"), "catalog")


def _check_toml(name: Name, model: type[BaseModel]) -> Callable[[str], None]:
    def check_body(body: str) -> None:
        try:
            model.model_validate(tomllib.loads(body))
        except tomllib.TOMLDecodeError as error:
            raise _invalid(name, "TOML", str(error)) from error
        except ValidationError as error:
            raise _of_model(name, error) from error

    return check_body


def _check_queue(body: str) -> None:
    try:
        QueueSnapshot.model_validate_json(body)
    except ValidationError as error:
        raise _of_model(Name.QUEUE, error) from error


def _check_learned(body: str) -> None:
    try:
        learned.load(body)
    except ValidationError as error:
        raise _of_model(Name.LEARNED, error) from error


def _of_model(name: Name, error: ValidationError) -> KioskError:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "-"
    return _invalid(name, where, first["msg"])


def _invalid(name: Name, key: str, reason: str) -> KioskError:
    return KioskError("release_invalid", name=name.value, key=key, reason=reason)


_CHECKS: Mapping[Name, Callable[[str], None]] = {
    Name.CATALOG: _check_catalog,
    Name.SETTINGS: _check_settings,
    Name.STAFF: _check_toml(Name.STAFF, StaffRoster),
    Name.TARGETS: _check_toml(Name.TARGETS, TargetList),
    Name.LEARNED: _check_learned,
    Name.QUEUE: _check_queue,
}


def publish(
    database: Database, branches: list[str] | None, name: Name, body: str, now: datetime
) -> list[ReleaseState]:
    """Make a body hold for branches from their terminals' next pull on.

    The same body again makes no new version.

    Args:
        database: The branch database.
        branches: Their codes; None: every branch that the database has.
        name: What it is; not the queue, which nobody publishes.
        body: As the file holds it.
        now: Aware.

    Returns:
        What holds now, by branch.

    Raises:
        KioskError: As `check`; `not_a_branch_database`, `branch_unknown`.
    """
    assert name not in (Name.QUEUE, Name.LEARNED)  # noqa: S101 (a fault of the caller)
    check(name, body)
    database.require_schema()
    with database.write() as connection:
        known = branches_of(connection, database)
        chosen = known if branches is None else branches
        if unknown := [code for code in chosen if code not in known]:
            raise KioskError("branch_unknown", branch=unknown[0], database=database.name)
        return [publish_in(connection, code, name, body, now) for code in chosen]


def branches_of(connection: Connection, database: Database) -> list[str]:
    """The codes of a branch database's branches.

    Raises:
        KioskError: `not_a_branch_database`.
    """
    if connection.execute(select(_META.c.id)).first() is None:
        raise KioskError("not_a_branch_database", database=database.name)
    return list(connection.execute(select(_BRANCH.c.code).order_by(_BRANCH.c.code)).scalars())


def lock_branch(connection: Connection, branch: str) -> None:
    """Keep others from publishing: two who do so at once shall not make the same version."""
    connection.execute(select(_BRANCH.c.code).where(_BRANCH.c.code == branch).with_for_update())


def publish_in(
    connection: Connection, branch: str, name: Name, body: str, now: datetime
) -> ReleaseState:
    """Make a checked body hold for one branch; the same body again makes no new version."""
    lock_branch(connection, branch)
    last = current(connection, branch).get(name)
    if last is not None and last.digest == digest(body):
        return last
    state = ReleaseState(branch, name, last.version + 1 if last else 1, digest(body), now)
    connection.execute(insert(_RELEASE).values(**vars(state), format=FORMAT, body=body))
    return state


def forget_all_but(
    connection: Connection, branch: str, name: Name, versions: Collection[int]
) -> None:
    """Drop the other versions of what is made anew each day."""
    connection.execute(
        delete(_RELEASE).where(
            _RELEASE.c.branch == branch,
            _RELEASE.c.name == name.value,
            _RELEASE.c.version.not_in(versions),
        )
    )


def current(connection: Connection, branch: str) -> dict[str, ReleaseState]:
    """The newest release of each name, on either side."""
    columns = [_RELEASE.c[name] for name in ReleaseState.__dataclass_fields__]
    rows = connection.execute(
        select(*columns).where(_RELEASE.c.branch == branch).order_by(_RELEASE.c.version)
    )
    return {row.name: ReleaseState(*row) for row in rows}


def body_of(connection: Connection, branch: str, name: Name) -> str | None:
    """The body of the newest release of a name; None where there is none."""
    newest = select(func.max(_RELEASE.c.version)).where(
        _RELEASE.c.branch == branch, _RELEASE.c.name == name.value
    )
    return connection.execute(
        select(_RELEASE.c.body).where(
            _RELEASE.c.branch == branch,
            _RELEASE.c.name == name.value,
            _RELEASE.c.version == newest.scalar_subquery(),
        )
    ).scalar()


def published(database: Database) -> list[Published]:
    """What holds in each branch of a branch database, and which terminals are behind.

    Raises:
        KioskError: `not_a_branch_database`, or what keeps the database from being read.
    """
    database.require_schema()
    with database.read() as connection:
        states = [
            state
            for branch in branches_of(connection, database)
            for _, state in sorted(current(connection, branch).items())
        ]
        terminals = connection.execute(
            select(_TERMINAL.c.branch, _TERMINAL.c.code, _TERMINAL.c.releases).order_by(
                _TERMINAL.c.code
            )
        ).all()
    return [
        Published(
            state,
            tuple(
                each.code
                for each in terminals
                if each.branch == state.branch
                and (each.releases or {}).get(state.name) != state.version
            ),
        )
        for state in states
    ]
