"""`kiosk queue`: who waits, why a ticket stands where it stands, and the end of the day."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase, catalog_there, open_branch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.config import Config
    from kiosk.db import Database
    from kiosk.services.waiting.learned import Learned

app = typer.Typer(help="See who waits and why, and close the day.", no_args_is_help=True)


@app.command("list")
def list_queue(branch_database: BranchDatabase = None) -> None:
    """Show who waits, in the order of calling, and what each counter does."""
    from kiosk.cli.queue_words import as_table
    from kiosk.services.desk_tickets import read_lobby
    from kiosk.services.queue_order import CallingOrder

    with _branch(branch_database) as here, here.database.read() as connection:
        lobby = read_lobby(connection, here.settings.branch.code, here.today)
    order = CallingOrder.configured(here.settings.queue.head_start)
    for line in as_table(lobby, order, here.now):
        typer.echo(line)


@app.command()
def explain(
    ticket: Annotated[str, typer.Argument(help="The number of a ticket of today, such as A1023.")],
    branch_database: BranchDatabase = None,
) -> None:
    """Say why a ticket stands where it stands: who is called before it, and why."""
    from kiosk.cli.queue_words import explanation_lines, state_line
    from kiosk.errors import KioskError
    from kiosk.models.states import TicketState
    from kiosk.services.desk_tickets import read_lobby, ticket_by_number
    from kiosk.services.queue_order import CallingOrder

    number = ticket.upper()
    with _branch(branch_database) as here, here.database.read() as connection:
        branch = here.settings.branch.code
        found = ticket_by_number(connection, branch, here.today, number)
        if found is None:
            raise KioskError("ticket_unknown", ticket=number, branch=branch)
        lobby = read_lobby(connection, branch, here.today)
    if found.state is not TicketState.WAITING:
        typer.echo(state_line(found))
        return
    order = CallingOrder.configured(here.settings.queue.head_start)
    explained = order.explain(found, lobby.in_state(TicketState.WAITING), lobby.callers)
    for line in explanation_lines(explained, order, lobby.counters, here.settings.zone):
        typer.echo(line)


@app.command("close-day")
def close_day(
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last business day to close; none: today."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also while a counter is open that may still call.")
    ] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Expire the tickets that nobody served, of a day and of those before it, and say how many.

    For a timer after closing time. A ticket that is being served is left for its teller, and
    nothing is done while a counter is open that may still call one of today's. Then what the day
    taught of its waits is published to the terminals, as `kiosk queue learn` does.
    """
    from kiosk.clock import SystemClock
    from kiosk.i18n import _, ngettext
    from kiosk.services import desk

    with _branch(branch_database) as here:
        last = day.date() if day else here.today
        branch, zone = here.settings.branch.code, here.settings.zone
        release = catalog_there(here.database, here.settings).release
        expired = desk.close_day(
            here.database, branch, zone, SystemClock(), release, last, force=force
        )
        _learn(here, last)
    if expired:
        told = ngettext(
            "{day}: {count} ticket that was left has expired.",
            "{day}: {count} tickets that were left have expired.",
            expired,
        )
    else:
        told = _("{day}: no ticket was left.")
    typer.echo(told.format(day=last, count=expired))


@app.command()
def learn(
    day: Annotated[
        str, typer.Option(help="The last day to learn from: today, yesterday, or 2026-11-25.")
    ] = "today",
    branch_database: BranchDatabase = None,
) -> None:
    """Learn from the days how long services and waits take, for the terminals to predict with.

    `kiosk queue close-day` does it too; the same days teach the same again.
    """
    from kiosk.cli.day import day_named
    from kiosk.i18n import _, ngettext

    with _branch(branch_database) as here:
        learned = _learn(here, day_named(day, here.today))
    if learned.through is None:
        typer.echo(_("No day with tickets: nothing to learn from."))
        return
    told = ngettext(
        "Learned through {day}, from {count} observation; terminals get it with their next sync.",
        "Learned through {day}, from {count} observations; terminals get it with their next sync.",
        learned.observations,
    )
    typer.echo(told.format(day=learned.through, count=learned.observations))


def _learn(here: _Here, day: date) -> Learned:
    from kiosk.services.branch_rules import BranchRules
    from kiosk.services.learning import learn_day

    rules = BranchRules.configured(here.settings, catalog_there(here.database, here.settings))
    with here.database.write() as connection:
        return learn_day(connection, here.settings.branch.code, day, rules, here.now)


@dataclass(frozen=True)
class _Here:
    """A branch database, the configuration that holds in the branch, and the time there."""

    database: Database
    settings: Config
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.settings.zone).date()


@contextmanager
def _branch(url: str | None) -> Iterator[_Here]:
    from kiosk.clock import SystemClock

    with open_branch(url) as (database, settings):
        yield _Here(database, settings, SystemClock().now())
