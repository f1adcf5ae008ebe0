"""`kiosk sync quarantine`: events that the branch could not take, and what is to become of them."""

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from kiosk.services.sync.quarantine import Decider, HeldEvent

Epoch = Annotated[
    int | None,
    typer.Option(help="For events of an earlier store: its epoch, as the list names it."),
]

app = typer.Typer(
    help="Events that the branch could not take: look at them and decide.", no_args_is_help=True
)


@app.command("list")
def list_events(
    text: Annotated[bool, typer.Option("--text", help="Show each event as it was sent.")] = False,
) -> None:
    """Show every event in quarantine, with the reason."""
    from kiosk.config import load
    from kiosk.i18n import _
    from kiosk.services.branch import open_store, prepare_store
    from kiosk.services.sync.quarantine import epochs_held, held_events

    settings = load()
    store = open_store(settings)
    try:
        origin = prepare_store(store, settings)
        epochs = epochs_held(store, origin)
        events = {epoch: held_events(store, replace(origin, epoch=epoch)) for epoch in epochs}
    finally:
        store.close()
    if not events:
        typer.echo(_("Nothing stands in quarantine."))
    for epoch in epochs:
        if epoch != origin.epoch:
            typer.echo(
                _("Of an earlier store; to decide about them, add: {option}").format(
                    option=f"--epoch {epoch}"
                )
            )
        for event in events[epoch]:
            typer.echo(_line(event, settings.zone))
            if text:
                typer.echo(f"    {event.text}")


@app.command()
def retry(
    events: Annotated[
        list[int] | None, typer.Argument(help="Their numbers; none: all that wait.")
    ] = None,
    epoch: Epoch = None,
    branch_database: BranchDatabase = None,
) -> None:
    """Try events again, as after the branch was updated."""
    from kiosk.exit_codes import ExitCode
    from kiosk.i18n import _, ngettext
    from kiosk.services.sync.quarantine import held_events
    from kiosk.sync_status import quarantined

    with _decider(branch_database, epoch) as decider:
        taken = decider.retry(events or ())
        waiting = [
            each for each in held_events(decider.store, decider.meant) if not each.dropped_at
        ]
    typer.echo(
        ngettext(
            "The branch has taken {count} event.", "The branch has taken {count} events.", taken
        ).format(count=taken)
    )
    if waiting:
        typer.echo(quarantined(len(waiting)))
        raise typer.Exit(ExitCode.IN_QUARANTINE)
    typer.echo(_("Nothing stands in quarantine."))


@app.command()
def drop(
    events: Annotated[list[int], typer.Argument(help="Their numbers.")],
    why: Annotated[str, typer.Option(help="The reason; it is kept with the events.")],
    epoch: Epoch = None,
    branch_database: BranchDatabase = None,
) -> None:
    """Decide that events shall never be counted; they are kept, with the reason."""
    from kiosk.i18n import ngettext

    with _decider(branch_database, epoch) as decider:
        count = decider.drop(events, why)
    typer.echo(
        ngettext(
            "{count} event is dropped; it is kept, and never counted.",
            "{count} events are dropped; they are kept, and never counted.",
            count,
        ).format(count=count)
    )


@contextmanager
def _decider(branch_database: str | None, epoch: int | None) -> "Iterator[Decider]":
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.services.branch import open_store, prepare_store
    from kiosk.services.sync.quarantine import Decider
    from kiosk.services.sync.reach import reach

    settings = load()
    url = branch_database or settings.branch_database_url
    clock = SystemClock()
    store = open_store(settings)
    try:
        origin = prepare_store(store, settings)
        yield Decider(store, origin, lambda: reach(url, clock), clock, epoch)
    finally:
        store.close()


def _line(event: "HeldEvent", zone: "tzinfo") -> str:
    from kiosk.i18n import _, format_moment

    told = _("{number}, since {time}: {reason}").format(
        number=event.seq, time=format_moment(event.received_at, zone), reason=event.reason
    )
    if event.dropped_at is None:
        return told
    return _("{event} · dropped {time}: {why}").format(
        event=told, time=format_moment(event.dropped_at, zone), why=event.dropped_why
    )
