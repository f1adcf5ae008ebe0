"""`kiosk branch`: make the branch database, enrol terminals, see how they stand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase
from kiosk.cli.releases import publish, show_releases

if TYPE_CHECKING:
    from sqlalchemy import URL

    from kiosk.services.branch import TerminalState
    from kiosk.services.sync.postgres_roles import Login

app = typer.Typer(help="Make and look after the branch database.", no_args_is_help=True)
app.command()(publish)
app.command("releases")(show_releases)


PasswordFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="On a server: a new file for the password instead of the screen."
    ),
]
NewPassword = Annotated[
    bool, typer.Option("--new-password", help="On a server: when the old one was lost.")
]


@app.command()
def init(
    url: Annotated[
        str | None,
        typer.Argument(
            help="The branch database; none: --branch-database's or the configuration's."
        ),
    ] = None,
    branch_database: BranchDatabase = None,
) -> None:
    """Make the branch database with the configuration's branch, or bring it up to date.

    On a server its owner or the administrator does this: it makes the roles, too, and says what
    each may do.
    """
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.i18n import _
    from kiosk.services.branch import initialise

    settings = load()
    database = Database(url or branch_database or settings.branch_database_url, create=True)
    try:
        initialise(database, settings)
    finally:
        database.close()
    typer.echo(
        _("Branch {branch} is ready in {database}.").format(
            branch=settings.branch.code, database=database.name
        )
    )


@app.command()
def enrol(
    terminal: Annotated[str, typer.Argument(help="The terminal's code, as in its configuration.")],
    digit: Annotated[
        int, typer.Option(min=0, max=9, help="The second character of its ticket numbers.")
    ],
    password_file: PasswordFile = None,
    new_password: NewPassword = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Let a terminal bring its events here; saying it twice changes nothing."""
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.i18n import _
    from kiosk.services import branch

    settings = load()
    _require_new(password_file)
    database = Database(branch_database or settings.branch_database_url)
    try:
        login = branch.enrol(
            database, settings.branch.code, terminal, digit, new_password=new_password
        )
    finally:
        database.close()
    typer.echo(
        _("Terminal {terminal} is enrolled in branch {branch} with the digit {digit}.").format(
            terminal=terminal, branch=settings.branch.code, digit=digit
        )
    )
    _tell_login(login, database.url, password_file)


@app.command("enrol-counter")
def enrol_counter(
    number: Annotated[int, typer.Argument(min=1, max=99, help="The counter's number.")],
    queues: Annotated[
        str | None,
        typer.Option(
            metavar="ABC",
            help="The queues that it calls from, by their letters; '' is all of them.",
        ),
    ] = None,
    password_file: PasswordFile = None,
    new_password: NewPassword = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Let a counter work on this branch's queue; twice changes nothing.

    On a server it gets a login of its own.
    """
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.i18n import _
    from kiosk.services import counters

    settings = load()
    _require_new(password_file)
    database = Database(branch_database or settings.branch_database_url)
    try:
        login = counters.enrol_counter(
            database, settings.branch.code, number, queues=queues, new_password=new_password
        )
    finally:
        database.close()
    typer.echo(
        _("Counter {number} may work on the queue of branch {branch}.").format(
            number=number, branch=settings.branch.code
        )
    )
    _tell_login(login, database.url, password_file)


@app.command("enrol-board")
def enrol_board(
    password_file: PasswordFile = None,
    new_password: NewPassword = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Let the boards of this branch read what they show; twice changes nothing.

    On a server they get a login, one for all of them.
    """
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.i18n import _
    from kiosk.services import boards

    settings = load()
    _require_new(password_file)
    database = Database(branch_database or settings.branch_database_url)
    try:
        login = boards.enrol_board(database, settings.branch.code, new_password=new_password)
    finally:
        database.close()
    typer.echo(
        _("Boards may show the queue of branch {branch}.").format(branch=settings.branch.code)
    )
    if login is not None:
        _tell_login(login, database.url, password_file)


def _require_new(password_file: Path | None) -> None:
    """Before a password is made that nobody could be told."""
    from kiosk.errors import KioskError

    if password_file is not None and password_file.exists():
        raise KioskError("file_exists", path=password_file)


def _tell_login(login: "Login | None", server: "URL", password_file: Path | None) -> None:
    """What is needed to come in; said once, for the password is kept nowhere."""
    from kiosk.i18n import _

    if login is None:
        if password_file is not None:
            typer.echo(_why_no_password(server).format(path=password_file))
        return
    address = server.set(username=login.name)
    if password_file is not None:
        from kiosk.services.password_file import write_password_file

        write_password_file(password_file, server, login.name, login.password)
        address = address.update_query_dict({"passfile": str(password_file.absolute())})
    else:
        typer.echo(
            _("Its password, which is shown only now: {password}").format(password=login.password)
        )
    typer.echo(
        _("Its branch_database in kiosk.toml: {address}").format(
            address=address.render_as_string(hide_password=False)
        )
    )


def _why_no_password(server: "URL") -> str:
    from kiosk.i18n import _

    if server.get_backend_name() == "sqlite":
        return _("{path} was not written: a database in a file has no logins.")
    return _(
        "{path} was not written: the login is there already, and its password is kept nowhere. "
        "Another password is made with: --new-password"
    )


@app.command()
def renew(
    terminal: Annotated[str, typer.Argument(help="The terminal's code, as in its configuration.")],
    branch_database: BranchDatabase = None,
) -> None:
    """Let a terminal begin a new store: shows the code for `kiosk db renew` there.

    Until the code is used, nothing changes. The old store can't bring events after that.
    """
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.i18n import _
    from kiosk.services.sync.granting import open_renewal

    settings = load()
    database = Database(branch_database or settings.branch_database_url)
    try:
        code = open_renewal(database, settings.branch.code, terminal)
    finally:
        database.close()
    typer.echo(
        _(
            "Terminal {terminal} may begin one new store. Stop it, then say on its machine: "
            "{command}"
        ).format(terminal=terminal, command=f"kiosk db renew {code}")
    )


@app.command()
def retain(
    months: Annotated[
        int, typer.Option(min=1, max=1200, help="Whole months to keep, besides the current one.")
    ],
    branch_database: BranchDatabase = None,
) -> None:
    """Drop events of older months; figures and reports of those months stay."""
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.i18n import _, format_day
    from kiosk.services.retention import keep_months

    settings = load()
    database = Database(branch_database or settings.branch_database_url)
    try:
        today = SystemClock().now().astimezone(settings.zone).date()
        first = keep_months(database, months, today)
    finally:
        database.close()
    typer.echo(
        _("{database} keeps events from {day} on; the figures of earlier days stay.").format(
            database=database.name, day=format_day(first)
        )
    )


@app.command()
def status(
    branch: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only this branch's terminals.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer with one line of JSON, for monitoring.")
    ] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Show every terminal: when it was last in touch, what waits there, what stands out."""
    from kiosk.cli import terminals
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.errors import KioskError
    from kiosk.exit_codes import exit_code

    now = SystemClock().now()
    try:
        settings = load()
        states = _states(branch_database or settings.branch_database_url, branch)
    except KioskError as error:
        if not as_json:
            raise
        typer.echo(terminals.error_as_json(error))
        raise typer.Exit(exit_code(error)) from None
    if as_json:
        typer.echo(terminals.as_json(states, now))
        return
    for line in terminals.as_table(states, now, settings.zone):
        typer.echo(line)


def _states(url: str, branch: str | None) -> "list[TerminalState]":
    from kiosk.db import Database
    from kiosk.services.branch import terminals

    database = Database(url)
    try:
        return terminals(database, branch)
    finally:
        database.close()
