"""`kiosk db renew`: a new store for a terminal whose old one can't go on."""

from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kiosk.services.sync.renew import Plan, Renewal, Renewed
    from kiosk.services.sync.salvage import Gap
    from kiosk.services.sync.wire import BranchSide

_MOST_GAPS = 10


def renew(
    code: Annotated[
        str | None, typer.Argument(help="What `kiosk branch renew` has shown; none: only look.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Begin a new store when this one is damaged, an older copy, or was used twice.

    Without a code it says what it would do. The old store is kept.
    """
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.i18n import _
    from kiosk.services.sync.reach import reach
    from kiosk.services.sync.renew import finish, renewal

    settings, clock = load(), SystemClock()
    if kept := finish(settings):
        typer.echo(
            _("The interrupted renewal is finished. The old store: {path}").format(path=kept)
        )
        return
    with renewal(settings, clock) as found:
        url = branch_database or settings.branch_database_url
        carry_out(found, code, lambda: reach(url, clock), command="kiosk db renew", yes=yes)


def carry_out(
    found: "Renewal",
    code: str | None,
    connect: "Callable[[], BranchSide]",
    *,
    command: str,
    yes: bool,
) -> None:
    """Say what can be read, ask, and begin the new store; without a code only say.

    Args:
        found: The old store, read.
        code: The branch's.
        connect: Reaches the branch.
        command: What to type once there is a code.
        yes: Do not ask.
    """
    from kiosk.i18n import _

    for line in _told(found.plan):
        typer.echo(line)
    if code is None:
        typer.echo(_how(found.terminal, command))
        return
    if not yes and not typer.confirm(_("Begin a new store?")):
        typer.echo(_("Nothing was changed."))
        return
    done = found.carry_out(code.upper(), connect)
    if done is None:
        typer.echo(_("This store was begun with that code already. Nothing was changed."))
        return
    for line in _result(done):
        typer.echo(line)


def _told(plan: "Plan") -> "Iterator[str]":
    from kiosk.i18n import _, ngettext

    if not plan.is_there:
        yield _("There is no store at {database}.").format(database=plan.database)
    elif not plan.is_readable:
        yield _("Nothing of {database} can be read.").format(database=plan.database)
    else:
        yield ngettext(
            "{count} event can be read in {database}.",
            "{count} events can be read in {database}.",
            plan.events,
        ).format(count=plan.events, database=plan.database)
        yield _("As far as this store knows, the branch does not have {count} of them.").format(
            count=plan.waiting
        )
    yield from _lost(plan.lost)
    yield _(
        "The old store is kept under another name. The new one begins with every event that can be "
        "read; those that the branch does not have are brought there by the next kiosk sync. "
        "Today's ticket numbers go on further up, so that none is given twice."
    )


def _lost(gaps: "Sequence[Gap]") -> "Iterator[str]":
    from kiosk.i18n import _, ngettext

    count = sum(gap.to_seq - gap.from_seq + 1 for gap in gaps)
    if not count:
        return
    numbers = [f"{gap.from_seq}–{gap.to_seq}" for gap in gaps[:_MOST_GAPS]]
    yield ngettext(
        "{count} event that the branch may not have can't be read any more. Its number: {numbers}",
        "{count} events that the branch may not have can't be read any more. Their numbers: "
        "{numbers}",
        count,
    ).format(
        count=count,
        numbers=_(", ").join([*numbers, "…"] if len(gaps) > _MOST_GAPS else numbers),
    )


def _how(terminal: str, command: str) -> str:
    from kiosk.i18n import _

    return _(
        "Nothing was changed. To do so, let the branch open the renewal with: {branch}. Then say "
        "the code that it shows: {here}"
    ).format(branch=f"kiosk branch renew {terminal}", here=f"{command} CODE")


def _result(done: "Renewed") -> "Iterator[str]":
    from kiosk.i18n import _, ngettext

    yield _("The terminal has a new store, in epoch {epoch}.").format(epoch=done.epoch)
    if done.kept is not None:
        yield _("The old one is kept as {path}.").format(path=done.kept)
    yield from _lost(done.lost)
    if done.carried:
        yield ngettext(
            "{count} event that the branch does not have was carried over. Bring it with: "
            "{command}",
            "{count} events that the branch does not have were carried over. Bring them with: "
            "{command}",
            done.carried,
        ).format(count=done.carried, command="kiosk sync")
    else:
        yield _("The branch has every event that could be read.")
    yield _("Today's ticket numbers go on above {number}.").format(number=done.numbers_above)
