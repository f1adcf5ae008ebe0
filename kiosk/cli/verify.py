"""`kiosk sync --verify`: whether the branch has a day's events as this terminal has them."""

import json
from typing import TYPE_CHECKING

import typer

from kiosk.cli.day import day_named
from kiosk.cli.table import aligned
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.i18n import N_, _, ngettext
from kiosk.sentences import sentence
from kiosk.sync_status import quarantined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk.config import Config
    from kiosk.services.sync.verify import Difference, Verification

_KINDS = {
    "demo": N_("Demos"),
    "disclosure": N_("Product pages that were read"),
    "diversion": N_("E-channel offers"),
    "help": N_("Calls for help"),
    "intent": N_("Wishes"),
    "ticket": N_("Tickets"),
    "visit": N_("Visits"),
}
_FAULTS = {
    "missing": N_("Missing in the branch: {numbers}"),
    "changed": N_("Not the same in the branch: {numbers}"),
    "foreign": N_("In the branch, and never recorded on this terminal: {numbers}"),
}
_MOST_NUMBERS = 20
"""Single events or runs of them; who has more to look into does not read them one by one."""


def verify_day(url: str | None, named: str) -> int:
    """Compare a day's events and say what differs; returns the exit code.

    Args:
        url: The branch database; none: the configuration's.
        named: The day, as `day_named` reads it.

    Raises:
        KioskError: `day_invalid`, and as `services.sync.verify.verify`.
    """
    from kiosk.config import load

    settings = load()
    found = _verified(settings, url, named)
    for line in _lines(found, settings.terminal.code):
        typer.echo(line)
    return _exit_code(found)


def verify_day_as_json(url: str | None, named: str) -> int:
    """The same as one line of JSON, an error too; docs/monitoring.md lists the keys."""
    from kiosk.config import load

    settings, found, stopped = None, None, None
    try:
        settings = load()
        found = _verified(settings, url, named)
    except KioskError as error:
        stopped = error
    told = {
        "branch": settings.branch.code if settings else None,
        "terminal": settings.terminal.code if settings else None,
        **_told(found),
        "error": stopped.code if stopped else None,
        "error_message": sentence(stopped) if stopped else None,
    }
    typer.echo(json.dumps(told))
    if stopped is not None:
        return exit_code(stopped)
    assert found is not None  # noqa: S101 (or it was stopped)
    return _exit_code(found)


def _verified(settings: "Config", url: str | None, named: str) -> "Verification":
    from kiosk.clock import SystemClock
    from kiosk.services.branch import open_store, prepare_store
    from kiosk.services.sync.reach import reach
    from kiosk.services.sync.verify import verify

    clock = SystemClock()
    day = day_named(named, clock.now().astimezone(settings.zone).date())
    store = open_store(settings)
    try:
        origin = prepare_store(store, settings)
        there = url or settings.branch_database_url
        return verify(store, origin, lambda: reach(there, clock), clock, day)
    finally:
        store.close()


def _exit_code(found: "Verification") -> int:
    return ExitCode.NEEDS_A_PERSON if found.differences else ExitCode.DONE


def _told(found: "Verification | None") -> dict[str, object]:
    return {
        "day": f"{found.day:%Y-%m-%d}" if found else None,
        "epoch": found.epoch if found else None,
        "kinds": [vars(each) for each in found.kinds] if found else None,
        "differences": [vars(each) for each in found.differences] if found else None,
        "waiting": found.waiting if found else None,
        "quarantined": found.quarantined if found else None,
        "of_other_stores": found.of_other_stores if found else None,
    }


def _lines(found: "Verification", terminal: str) -> "Iterable[str]":
    yield _verdict(found, terminal)
    if found.kinds:
        yield from aligned([*_table(found)])
    for fault, words in _FAULTS.items():
        if runs := [each for each in found.differences if each.fault == fault]:
            yield _(words).format(numbers=_numbers(runs, found.epoch))
    if found.differences:
        yield _("Nothing was changed. Keep copies of both databases and call support.")
    yield from _asides(found)


def _verdict(found: "Verification", terminal: str) -> str:
    day = f"{found.day:%Y-%m-%d}"
    if wrong := sum(each.last - each.first + 1 for each in found.differences):
        return ngettext(
            "{day}: {count} event of terminal {terminal} differs between terminal and branch.",
            "{day}: {count} events of terminal {terminal} differ between terminal and branch.",
            wrong,
        ).format(day=day, count=wrong, terminal=terminal)
    if not found.kinds:
        words = _("{day}: no event of terminal {terminal}, neither here nor in the branch.")
    else:
        words = _("{day}: no difference between terminal {terminal} and the branch.")
    return words.format(day=day, terminal=terminal)


def _table(found: "Verification") -> "Iterable[tuple[str, ...]]":
    yield (_("Events"), _("Here"), _("In the branch"), _("In quarantine"), _("Waiting"))
    for kind in found.kinds:
        counts = (kind.here, kind.there, kind.quarantined, kind.waiting)
        yield (_(_KINDS.get(kind.kind, kind.kind)), *map(str, counts))


def _numbers(runs: "list[Difference]", epoch: int) -> str:
    shown = [_run(run, epoch) for run in runs[:_MOST_NUMBERS]]
    if len(runs) > _MOST_NUMBERS:
        shown.append("…")
    return ", ".join(shown)


def _run(run: "Difference", epoch: int) -> str:
    numbers = str(run.first) if run.first == run.last else f"{run.first}–{run.last}"
    if run.epoch == epoch:
        return numbers
    return _("{numbers} (epoch {epoch})").format(numbers=numbers, epoch=run.epoch)


def _asides(found: "Verification") -> "Iterable[str]":
    """What was not compared, and is no difference."""
    if found.waiting:
        yield ngettext(
            "{count} event waits for the branch and was not compared. Bring it with: {command}",
            "{count} events wait for the branch and were not compared. Bring them with: {command}",
            found.waiting,
        ).format(count=found.waiting, command="kiosk sync")
    if found.quarantined:
        yield quarantined(found.quarantined)
    if found.of_other_stores:
        yield ngettext(
            "{count} more event in the branch is from another store of this terminal; here is "
            "nothing to compare it with.",
            "{count} more events in the branch are from another store of this terminal; here is "
            "nothing to compare them with.",
            found.of_other_stores,
        ).format(count=found.of_other_stores)
