"""`kiosk upgrade`: what a new version means for the files that are there, and the way back."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.services.upgrade import Finding

app = typer.Typer()

_MEGABYTE = 1_000_000


@app.command()
def upgrade(
    check: Annotated[
        bool, typer.Option("--check", help="Only say what would be done and what is in the way.")
    ] = False,
    undo: Annotated[
        bool,
        typer.Option(
            "--undo",
            help="With the older program again: put the files back as they were before the newer "
            "one, if nothing was recorded since.",
        ),
    ] = False,
) -> None:
    """Bring this machine's databases up to date; each is copied first."""
    from kiosk import __version__
    from kiosk.config import load
    from kiosk.exit_codes import ExitCode
    from kiosk.i18n import _
    from kiosk.migrations import HEAD
    from kiosk.services.upgrade import files_of, look

    settings = load()
    typer.echo(
        _("branch-kiosk {version}, form {revision}.").format(version=__version__, revision=HEAD)
    )
    if undo:
        _take_back(settings)
        return
    found = [look(path) for path in files_of(settings)]
    for each in found:
        typer.echo(_told(each))
    if not settings.branch_database_url.startswith("sqlite"):
        typer.echo(
            _(
                "The branch database is on a server: back it up with pg_dump, then run kiosk "
                "branch init as its owner. Update the branch first, then the terminals."
            )
        )
    if not all(each.is_ready for each in found):
        raise typer.Exit(ExitCode.NEEDS_A_PERSON)
    if not check:
        _migrate(settings)


def _migrate(settings: "Config") -> None:
    from kiosk.i18n import _
    from kiosk.services.upgrade import files_of, migrate

    for path in files_of(settings):
        if before := migrate(path, settings):
            typer.echo(
                _("{path} is up to date. As it was before: {before}").format(
                    path=path, before=before
                )
            )


def _take_back(settings: "Config") -> None:
    from kiosk.clock import SystemClock
    from kiosk.i18n import _
    from kiosk.services.upgrade import files_of, take_back

    now = SystemClock().now().astimezone(settings.zone)
    for path in files_of(settings):
        if kept := take_back(path, now):
            typer.echo(
                _("{path} is as it was before the update. The newer one: {kept}").format(
                    path=path, kept=kept
                )
            )
        else:
            typer.echo(_("{path}: nothing to take back.").format(path=path))


def _told(found: "Finding") -> str:
    from kiosk.i18n import _
    from kiosk.services.upgrade import Form

    params = {
        "path": found.path,
        "revision": found.revision or "-",
        "needed": -(-found.needed // _MEGABYTE),
        "free": found.free // _MEGABYTE,
    }
    if found.form is Form.NONE:
        return _("{path} is not made yet.").format(**params)
    if found.form is Form.SAME:
        return _("{path} has this form: nothing is to be done.").format(**params)
    if found.form is Form.NEWER:
        return _(
            "{path} is from a newer version (form {revision}): this one can't use it. Install the "
            "newer version; if nothing was recorded since, kiosk upgrade --undo goes back."
        ).format(**params)
    if found.is_busy:
        return _(
            "{path} has an older form ({revision}), and a program is using it. Stop it first."
        ).format(**params)
    if found.free < found.needed:
        return _(
            "{path} has an older form ({revision}). {needed} MB must be free for its copy and its "
            "new form, and only {free} MB are. Make room."
        ).format(**params)
    return _(
        "{path} has an older form ({revision}): it is copied, then brought up to date. {needed} MB "
        "are needed, {free} MB are free."
    ).format(**params)
