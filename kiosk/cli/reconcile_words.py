"""What reconciling found, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from kiosk.cli.table import aligned
from kiosk.i18n import N_, _, ngettext
from kiosk.journal_words import FAULTS, proven_text
from kiosk.models.states import LineState

if TYPE_CHECKING:
    from uuid import UUID

    from kiosk.clock import Clock
    from kiosk.config import Config
    from kiosk.db import Database
    from kiosk.reporting.report import Report
    from kiosk.services.catalog import Catalog
    from kiosk.services.demos_report import Days
    from kiosk.services.reconcile.importing import Imported, Journals
    from kiosk.services.reconcile.items import (
        ChannelProgress,
        Probable,
        Progress,
    )

_MOST_LINES = 20
"""Lines that are shown one by one; the database has them all."""
DAMAGE: Mapping[str, str] = {
    "form": N_("not as the layout says"),
    "id": N_("no number"),
    "time": N_("no time that can be read"),
    "amount": N_("no amount that can be read"),
}


@dataclass(frozen=True)
class Here:
    """A branch database, and what holds in the branch."""

    database: Database
    settings: Config
    clock: Clock
    published: str | None
    """The branch's catalog, where it has published one."""

    @cached_property
    def catalog(self) -> Catalog:
        """The branch's."""
        from kiosk.services.catalog_file import load_catalog, read_catalog

        if self.published is not None and self.settings.catalog is None:
            return read_catalog(self.published.encode("utf-8"), "catalog")
        return load_catalog(self.settings.catalog)

    @property
    def journals(self) -> Journals:
        """What takes journals in."""
        from kiosk.services.reconcile.importing import Journals

        return Journals(self.database, self.settings, self.catalog, self.clock)


@dataclass(frozen=True)
class Reconciled:
    """What `kiosk reconcile report` shows."""

    days: Days
    today: date
    channels: list[ChannelProgress]
    progress: list[Progress]
    open: Mapping[date, int]
    probable: list[Probable]
    """The first of them."""
    probable_lines: list[UUID]
    faults: Mapping[str, int]

    def total(self) -> dict[str, int]:
        """Of all channels; matched + open + lapsed = accepted."""
        names = ("accepted", "matched", "open", "lapsed")
        return {name: sum(getattr(each, name) for each in self.channels) for name in names}

    def settled_percent(self) -> str | None:
        """Proven and lapsed of what was accepted; None: no journal tells of these days."""
        from kiosk.services.percent import percent
        from kiosk.services.reconcile.items import settled

        share = settled(self.channels)
        found = None if share is None else percent(share.numerator, share.denominator)
        return None if found is None else str(found)

    def ages(self) -> list[tuple[int, int]]:
        """Days since the acceptance, and how many open offers are as old."""
        return sorted(((self.today - day).days, count) for day, count in self.open.items())

    def told(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "from": f"{self.days.first:%Y-%m-%d}",
            "to": f"{self.days.last:%Y-%m-%d}",
            **self.total(),
            "settled_percent": self.settled_percent(),
            "channels": [asdict(each) for each in self.channels],
            "open_by_days": dict(self.ages()),
            "probable": [str(line) for line in self.probable_lines],
            "faults": dict(self.faults),
        }


def reconciled(here: Here, days: Days) -> Reconciled:
    """Ask the branch database."""
    from kiosk.services.reconcile import items

    database, branch = here.database, here.settings.branch.code
    each_day = _each_day(days)
    return Reconciled(
        days=days,
        today=here.clock.now().astimezone(here.settings.zone).date(),
        channels=items.by_channel(database, branch, each_day),
        progress=items.progress(database, branch, each_day),
        open=items.open_by_day(database, branch, each_day),
        probable=items.probables(database, branch, page=items.Page(0, _MOST_LINES)),
        probable_lines=items.probable_lines(database, branch),
        faults=items.fault_counts(database, branch),
    )


def report_of(here: Here, days: Days) -> Report:
    """With every list whole, for a file."""
    from kiosk.reporting.reconcile import reconcile_report
    from kiosk.services.reconcile.whole import whole

    found = whole(here.database, here.settings.branch.code, _each_day(days))
    return reconcile_report(found, days, here.settings, here.catalog)


def _each_day(days: Days) -> list[date]:
    count = (days.last - days.first).days + 1
    return [days.first + timedelta(days=n) for n in range(count)]


def reconciled_lines(found: Reconciled) -> list[str]:
    """The report in words."""
    lines = [
        _("Accepted {accepted} = proven {matched} + open {open} + lapsed {lapsed}").format(
            **found.total()
        )
    ]
    if found.channels and found.settled_percent() is None:
        lines.append(_("No journal tells of these days yet: nothing can be proven."))
    if found.channels:
        heads = (_("Channel"), _("Accepted"), _("Proven"), _("Open"), _("Lapsed"))
        rows = [
            (each.channel, str(each.accepted), proven_text(each), str(each.open), str(each.lapsed))
            for each in found.channels
        ]
        lines += ["", *aligned([heads, *rows])]
    if ages := found.ages():
        rows_of_age = [(str(days), str(count)) for days, count in ages]
        lines += ["", *aligned([(_("Days open"), _("Offers")), *rows_of_age])]
    if found.probable:
        lines += ["", _("Probable; `kiosk reconcile confirm` says yes:")]
        lines += [
            f"  {each.line}  {each.reference}  {each.service}  {each.file}:{each.number}"
            for each in found.probable
        ]
    if more := len(found.probable_lines) - len(found.probable):
        told = ngettext("  and {count} more", "  and {count} more", more)
        lines.append(told.format(count=more))
    if found.faults:
        lines += ["", _("In the journals:"), *_fault_lines(found.faults)]
    return lines


def imported_lines(found: Imported) -> list[str]:
    """What came of a file."""
    settled = found.settled
    told = ngettext("{file}: {count} line.", "{file}: {count} lines.", found.lines)
    lines = [
        told.format(file=found.name, count=found.lines),
        _("Proven {matched}, taken back {undone}, lapsed {lapsed}; probable {probable}.").format(
            matched=settled.matched,
            undone=settled.undone,
            lapsed=settled.lapsed,
            probable=settled.states.get(LineState.PROBABLE, 0),
        ),
        *_fault_lines(settled.faults),
    ]
    if found.damaged:
        told = ngettext(
            "{count} line is damaged and was left out:",
            "{count} lines are damaged and were left out:",
            len(found.damaged),
        )
        lines.append(told.format(count=len(found.damaged)))
        shown = found.damaged[:_MOST_LINES]
        lines += [f"  {each.number}: {_(DAMAGE[each.reason])}" for each in shown]
    if len(found.damaged) > _MOST_LINES:
        lines.append("  …")
    return lines


def _fault_lines(counts: Mapping[str, int]) -> list[str]:
    return [f"  {counts[fault]}  {_(FAULTS[fault])}" for fault in sorted(counts)]
