"""`kiosk branch publish` and `kiosk branch releases`: what a branch says to all its terminals."""

from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


class Publishable(StrEnum):
    """What can be published: `kiosk.services.releases.Name` but for what a branch makes itself."""

    CATALOG = "catalog"
    SETTINGS = "settings"
    STAFF = "staff"
    TARGETS = "targets"


def publish(
    what: Annotated[Publishable, typer.Argument(help="What the file is.")],
    file: Annotated[
        Path,
        typer.Argument(help="A TOML file, in UTF-8; with a catalog, its demos beside."),
    ],
    all_branches: Annotated[
        bool,
        typer.Option("--all-branches", help="For every branch of the database, not only this one."),
    ] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Make a catalog, settings, staff or targets hold on every terminal from its next sync on."""
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.i18n import _
    from kiosk.sentences import release_name
    from kiosk.services import releases

    settings = load()
    body = _read(file)
    if what is Publishable.CATALOG:
        body = _with_demos(file)
    branches = None if all_branches else [settings.branch.code]
    with closing(Database(branch_database or settings.branch_database_url)) as database:
        published = releases.publish(
            database, branches, releases.Name(what), body, SystemClock().now()
        )
    for state in published:
        typer.echo(
            _("{name}: version {version} holds in branch {branch}.").format(
                name=release_name(state.name), version=state.version, branch=state.branch
            )
        )


def show_releases(branch_database: BranchDatabase = None) -> None:
    """Show what each branch has published, and which terminals follow something older."""
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.i18n import _
    from kiosk.sentences import release_name
    from kiosk.services.releases import published

    settings = load()
    with closing(Database(branch_database or settings.branch_database_url)) as database:
        found = published(database)
    if not found:
        typer.echo(_("Nothing is published; terminals use the catalog and settings of their own."))
    for each in found:
        told = _("{branch}  {name}: version {version}, published at {time}.").format(
            branch=each.state.branch,
            name=release_name(each.state.name),
            version=each.state.version,
            time=_time(each.state.published_at, settings.zone),
        )
        if each.behind:
            told += " " + _("Not yet on: {terminals}").format(terminals=", ".join(each.behind))
        typer.echo(told)


def _time(moment: "datetime", zone: "tzinfo") -> str:
    from kiosk.i18n import format_moment

    return format_moment(moment, zone)


def _with_demos(file: Path) -> str:
    """A catalog with its demos; what is wrong is told as `kiosk catalog check` does."""
    from kiosk.services.catalog_file import catalog_body, load_catalog

    load_catalog(file)
    return catalog_body(file)


def _read(file: Path) -> str:
    from kiosk.errors import KioskError

    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise KioskError("file_unreadable", path=file, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise KioskError("config_not_utf8", path=file) from error
