"""`kiosk audit`: who did what, and whether somebody has changed that since."""

from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase

if TYPE_CHECKING:
    from kiosk.services.audit_check import Chain

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _audit() -> None:
    """Check and show who did what that somebody may have to answer for."""


@app.command()
def verify(branch_database: BranchDatabase = None) -> None:
    """Check that no entry was changed, put in, taken out or cut off; ends with 1 if one was."""
    chains = _read(branch_database)
    for chain in chains:
        typer.echo(_told(chain))
    if any(chain.broken for chain in chains):
        raise typer.Exit(1)


@app.command(name="list")
def show(
    branch_database: BranchDatabase = None,
    last: Annotated[
        int, typer.Option(min=1, metavar="COUNT", help="So many of the last entries of each log.")
    ] = 50,
) -> None:
    """Show the last entries of every audit log that this machine can read."""
    from kiosk.cli.table import aligned
    from kiosk.config import load
    from kiosk.i18n import _, format_moment

    zone = load().zone
    heads = (
        _("Log"), _("Entry"), _("Time"), _("Staff"), _("What"), _("About"), _("Result"),
    )  # fmt: skip
    rows = [
        (
            chain.name,
            str(each.entry.seq),
            format_moment(each.entry.at, zone),
            plain(each.entry.staff),
            plain(each.entry.action),
            plain(each.entry.subject),
            plain(each.entry.result),
        )
        for chain in _read(branch_database)
        for each in chain.kept[-last:]
    ]
    if not rows:
        typer.echo(_("Nothing has been done that is kept in an audit log."))
    else:
        typer.echo("\n".join(aligned([heads, *rows])))


def plain(text: str) -> str:
    """A text that moves no cursor: whoever changed an entry may have put anything there."""
    return "".join(each if each.isprintable() else "�" for each in text)


def _read(branch_database: str | None) -> "list[Chain]":
    from kiosk.config import load
    from kiosk.services.audit_check import read_chains

    settings = load()
    return read_chains(settings, branch_database or settings.branch_database_url)


def _told(chain: "Chain") -> str:
    from kiosk.i18n import _
    from kiosk.services.audit import Fault

    count = len(chain.kept)
    if not chain.has_key:
        return _(
            "{log}: {count} entries of another machine, which has the key: check them there."
        ).format(log=chain.name, count=count)
    if chain.broken is None:
        return _("{log}: {count} entries, all as they were written.").format(
            log=chain.name, count=count
        )
    told = {
        Fault.MISSING: _("{log}: BROKEN. Entry {entry} is missing."),
        Fault.CHANGED: _("{log}: BROKEN. Entry {entry} is not as it was written."),
        Fault.CUT_OFF: _("{log}: BROKEN. Entry {entry} is not the one that the branch knows of."),
    }
    return told[chain.broken.fault].format(log=chain.name, entry=chain.broken.seq)
