"""The targets that hold in a branch, and how those of a spreadsheet come to hold."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services import releases
from kiosk.services.audit import AuditAction, AuditLog
from kiosk.services.catalog import Catalog
from kiosk.services.releases import Name, ReleaseState
from kiosk.services.staff.target_sheet import Known, with_actuals, with_targets
from kiosk.services.staff_roster import StaffRoster
from kiosk.services.target_list import TargetList, to_toml

Found = TypeVar("Found")
Read = Callable[[Connection, str], Found | None]


def targets_in(connection: Connection, branch: str) -> TargetList | None:
    """The targets of a branch, on either side; None where none were published."""
    body = releases.body_of(connection, branch, Name.TARGETS)
    return None if body is None else TargetList.model_validate(tomllib.loads(body))


def published(databases: Sequence[Database], branch: str, read: Read[Found]) -> Found | None:
    """What a branch has published, from the first database that has it and lets it be read.

    Figures may be read with a login that reads no release, for one of them holds PINs; the
    machine's own store has them then.
    """
    for database in databases:
        try:
            with database.read() as connection:
                found = read(connection, branch)
        except KioskError as error:
            if error.code != "database_forbidden":
                raise
            continue
        if found:
            return found
    return None


@dataclass(frozen=True)
class Importing:
    """Who publishes targets, and from what."""

    file: Path
    """XLSX or CSV."""
    actuals: bool
    """Whether it holds what was reached, not what is aimed at."""
    catalog: Catalog
    """For the products."""
    who: str
    audit: AuditLog
    """Of the branch database."""
    now: datetime


def import_sheet(
    database: Database, branch: str, importing: Importing
) -> tuple[ReleaseState, TargetList]:
    """Publish the targets of a spreadsheet beside those that hold.

    Raises:
        SheetError: With everything that is wrong; nothing was changed.
        KioskError: As `releases.publish`; what keeps the file from being read.
    """
    database.require_schema()
    file = importing.file
    with database.write() as connection:
        if branch not in releases.branches_of(connection, database):
            raise KioskError("branch_unknown", branch=branch, database=database.name)
        releases.lock_branch(connection, branch)
        listed = targets_in(connection, branch) or TargetList()
        staff = staff_in(connection, branch)
        known = Known(importing.catalog.products, None if staff is None else frozenset(staff))
        merged = (with_actuals if importing.actuals else with_targets)(listed, file, known)
        body = to_toml(merged)
        releases.check(Name.TARGETS, body)
        state = releases.publish_in(connection, branch, Name.TARGETS, body, importing.now)
        importing.audit.record_in(
            connection,
            AuditAction.TARGET_CHANGED,
            importing.who,
            "actuals" if importing.actuals else "targets",
            f"version {state.version}",
        )
    return state, merged


def staff_in(connection: Connection, branch: str) -> dict[str, str] | None:
    """Staff numbers and names of a branch, on either side; None: no roster was published."""
    body = releases.body_of(connection, branch, Name.STAFF)
    if body is None:
        return None
    roster = StaffRoster.model_validate(tomllib.loads(body))
    return {member.number: member.name for member in roster.staff}
