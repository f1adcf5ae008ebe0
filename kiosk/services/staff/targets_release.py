"""The targets that hold in a branch, and how those of a spreadsheet come to hold."""

import tomllib
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from kiosk.db import Database
from kiosk.services import releases
from kiosk.services.catalog import Catalog
from kiosk.services.releases import Name, ReleaseState
from kiosk.services.staff.target_sheet import Known, with_actuals, with_targets
from kiosk.services.staff_roster import StaffRoster
from kiosk.services.target_list import TargetList, to_toml


def targets_in(connection: Connection, branch: str) -> TargetList:
    """The targets of a branch, on either side; an empty list where none were published."""
    body = releases.body_of(connection, branch, Name.TARGETS)
    return TargetList() if body is None else TargetList.model_validate(tomllib.loads(body))


def import_sheet(
    database: Database, branch: str, catalog: Catalog, file: Path, now: datetime, *, actuals: bool
) -> tuple[ReleaseState, TargetList]:
    """Publish the targets of a spreadsheet beside those that hold.

    Args:
        database: The branch database.
        branch: Its code.
        catalog: For the products.
        file: XLSX or CSV.
        now: Aware.
        actuals: Whether it holds what was reached, not what is aimed at.

    Raises:
        SheetError: With everything that is wrong; nothing was changed.
        KioskError: As `releases.publish`; what keeps the file from being read.
    """
    database.require_schema()
    with database.read() as connection:
        releases.branches_of(connection, database)
        listed = targets_in(connection, branch)
        staff = staff_in(connection, branch)
        known = Known(catalog.products, None if staff is None else frozenset(staff))
    merged = (with_actuals if actuals else with_targets)(listed, file, known)
    (state,) = releases.publish(database, [branch], Name.TARGETS, to_toml(merged), now)
    return state, merged


def staff_in(connection: Connection, branch: str) -> dict[str, str] | None:
    """Staff numbers and names of a branch, on either side; None: no roster was published."""
    body = releases.body_of(connection, branch, Name.STAFF)
    if body is None:
        return None
    roster = StaffRoster.model_validate(tomllib.loads(body))
    return {member.number: member.name for member in roster.staff}
