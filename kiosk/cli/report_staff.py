"""`kiosk report people`, `ranking`, `comparison`, `targets`, `follow-ups`, `morning`, `rhythm`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.report_days import AsJson, FirstDay, LastDay, OneDay, of_days
from kiosk.cli.report_output import InFormat, IntoFile, give_out, keep_export
from kiosk.cli.report_reach import OfStore, figures_database, reach
from kiosk.i18n import _
from kiosk.reporting.files import Format
from kiosk.reporting.heading import place, span

if TYPE_CHECKING:
    from datetime import datetime

    from kiosk.config import Config
    from kiosk.db import Database
    from kiosk.reporting.report import Report
    from kiosk.reporting.staff import Names, Part
    from kiosk.services.demos_report import Days

OfBranch = Annotated[
    str | None, typer.Option("--branch", help="Its code; none: the configuration's.")
]
Formulas = Annotated[
    bool, typer.Option("--formulas", help="Say below how each figure is worked out.")
]


class Count(StrEnum):
    """What people are ranked by: `kiosk.services.staff.figures.COUNTS`."""

    APPROACHED = "approached"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    SHOWN = "shown"
    COMPLETED = "completed"
    SIGNED = "signed"
    TAUGHT = "taught"
    USED = "used"
    FOLLOW_UPS = "follow_ups"


class Rate(StrEnum):
    """What branches are ranked by: `kiosk.services.staff.rates.COMPARED`."""

    DIVERSION = "diversion"
    PROVEN_DIVERSION = "proven_diversion"
    ACCEPTANCE = "acceptance"
    COMPLETION = "completion"
    PROOF = "proof"
    COVERAGE = "coverage"
    ACTIVE = "active"


@dataclass(frozen=True)
class _Asked:
    """Of what a report is, and how it is given out."""

    settings: Config
    database: Database
    known: Sequence[Database]
    """Where releases are looked for."""
    branch: str
    names: Names
    now: datetime
    store: bool
    as_json: bool
    in_format: Format
    file: Path | None

    def explains(self, wanted: bool) -> bool:
        """Whether formulas stand below: always in a file, which is read without this program."""
        return wanted or self.in_format is not Format.TEXT

    @property
    def dormant_days(self) -> int:
        return self.names.catalog.follow_up.dormant_days

    def answer(self, name: str, title: str, days: Days, parts: Sequence[Part], *notes: str) -> None:
        """Print or write the report, or all of it as JSON."""
        if self.as_json:
            told: dict[str, object] = {
                "branch": self.branch,
                "from": f"{days.first}",
                "to": f"{days.last}",
                "scope": "terminal" if self.store else "branch",
            }
            typer.echo(json.dumps(told | {part.code: part.told() for part in parts}))
            return
        give_out(self.report(name, title, days, parts, *notes), self.in_format, self.file)

    def report(
        self, name: str, title: str, days: Days, parts: Sequence[Part], *notes: str
    ) -> Report:
        """The report in words."""
        from kiosk.reporting.report import Report

        own = self.branch == self.settings.branch.code
        return Report(
            name=name,
            title=title,
            place=place(self.settings, store=self.store) if own else self.branch,
            span=span(days),
            notes=(*reach(self.settings, store=self.store), *notes),
            sections=tuple(part.section for part in parts),
        )

    def print_out(self, report: Report) -> None:
        """Print a report on this machine's receipt printer, and keep that it was.

        Raises:
            KioskError: A `printer_…` code.
        """
        from kiosk.cli.paper import print_out, require_printer
        from kiosk.reporting.strip import strip

        require_printer(self.settings.printer)
        keep_export(report, "print")
        moment = self.now.astimezone(self.settings.zone)
        print_out(strip(report, moment), self.settings.printer)


@contextmanager
def _asked(
    branch: str | None,
    *,
    store: bool,
    as_json: bool,
    in_format: Format,
    file: Path | None,
) -> Iterator[_Asked]:
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.reporting.staff import Names
    from kiosk.services.followed import catalog_in_use
    from kiosk.services.staff.targets_release import published, staff_in

    settings = load()
    code = branch or settings.branch.code
    with figures_database(settings, store=store) as database, _own_store(settings) as own:
        known = [database, *own]
        names = Names(catalog_in_use(settings), published(known, code, staff_in) or {})
        yield _Asked(
            settings,
            database,
            known,
            code,
            names,
            SystemClock().now(),
            store,
            as_json,
            in_format,
            file,
        )


@contextmanager
def _own_store(settings: Config) -> Iterator[list[Database]]:
    """The store of this machine's terminal, where there is one that can be read."""
    from kiosk.errors import KioskError
    from kiosk.services.branch import open_store

    try:
        store = open_store(settings)
    except KioskError:
        yield []
        return
    with closing(store):
        try:
            store.require_schema()
        except KioskError:
            yield []
            return
        yield [store]


def _left_out(explained: bool) -> list[str]:
    from kiosk.reporting.staff import left_out_note

    return [left_out_note()] if explained else []


def people(
    day: OneDay = None,
    first: FirstDay = None,
    last: LastDay = None,
    branch: OfBranch = None,
    formulas: Formulas = False,
    as_json: AsJson = False,
    store: OfStore = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Show what each member of staff did, and what it is paid."""
    from kiosk.reporting.staff import people_part
    from kiosk.services.staff import figures

    with _asked(branch, store=store, as_json=as_json, in_format=in_format, file=file) as asked:
        days = of_days(asked.settings, day, first, last)
        found = figures.people(asked.database, asked.branch, days)
        explained = asked.explains(formulas)
        part = people_part(found, asked.names, explained=explained)
        asked.answer("people", _("What staff did"), days, [part], *_left_out(explained))


def ranking(
    by: Annotated[Count, typer.Option(help="For people.")] = Count.USED,
    branches: Annotated[
        bool, typer.Option("--branches", help="Rank the branches of the database.")
    ] = False,
    rate: Annotated[Rate, typer.Option(help="For branches.")] = Rate.DIVERSION,
    day: OneDay = None,
    first: FirstDay = None,
    last: LastDay = None,
    branch: OfBranch = None,
    formulas: Formulas = False,
    as_json: AsJson = False,
    store: OfStore = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Show people, or branches, by what they reached."""
    from kiosk.reporting.staff import branches_part, ranking_part
    from kiosk.services.staff import figures, rates

    with _asked(branch, store=store, as_json=as_json, in_format=in_format, file=file) as asked:
        days = of_days(asked.settings, day, first, last)
        explained = asked.explains(formulas)
        if branches:
            found = rates.branches_ranked(asked.database, rate, days, asked.now, asked.dormant_days)
            part = branches_part(found, rate, explained=explained)
        else:
            ranked = figures.ranking(figures.people(asked.database, asked.branch, days), by)
            part = ranking_part(ranked, by, asked.names, explained=explained)
        asked.answer("ranking", _("Ranking"), days, [part], *_left_out(explained))


def comparison(
    day: OneDay = None,
    first: FirstDay = None,
    last: LastDay = None,
    branch: OfBranch = None,
    formulas: Formulas = False,
    as_json: AsJson = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Show the branch's rates beside those of all branches of the database."""
    from kiosk.reporting.staff import comparison_part
    from kiosk.services.staff import rates

    with _asked(branch, store=False, as_json=as_json, in_format=in_format, file=file) as asked:
        days = of_days(asked.settings, day, first, last)
        found = rates.comparison(asked.database, asked.branch, days, asked.now, asked.dormant_days)
        explained = asked.explains(formulas)
        part = comparison_part(found, asked.names, explained=explained)
        title = _("Beside all branches")
        asked.answer("comparison", title, days, [part], *_left_out(explained))


def targets(
    day: OneDay = None,
    branch: OfBranch = None,
    formulas: Formulas = False,
    as_json: AsJson = False,
    store: OfStore = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Show how far the targets are whose period holds a day, and where that leads."""
    from kiosk.reporting.staff import targets_part
    from kiosk.services.staff.figures import Counted
    from kiosk.services.staff.open_days import OpenDays
    from kiosk.services.staff.targets import progress, running
    from kiosk.services.staff.targets_release import published, targets_in
    from kiosk.services.target_list import TargetList

    with _asked(branch, store=store, as_json=as_json, in_format=in_format, file=file) as asked:
        days = of_days(asked.settings, day, None, None)
        aimed = published(asked.known, asked.branch, targets_in) or TargetList()
        listed = running(aimed, days.first)
        open_days = OpenDays.configured(asked.settings)
        with asked.database.read() as connection:
            found = progress(listed, Counted(connection, asked.branch), open_days, days.first)
        explained = asked.explains(formulas)
        part = targets_part(found, asked.names, explained=explained)
        asked.answer("targets", _("Targets"), days, [part], *_left_out(explained))


def follow_ups(
    day: OneDay = None,
    staff: Annotated[str | None, typer.Option(help="Only of one member of staff.")] = None,
    branch: OfBranch = None,
    as_json: AsJson = False,
    store: OfStore = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Show whom to call and visit after sign-ups, and whose account sleeps."""
    from kiosk.reporting.staff import follow_ups_parts
    from kiosk.services.staff import follow_ups as service

    with _asked(branch, store=store, as_json=as_json, in_format=in_format, file=file) as asked:
        days = of_days(asked.settings, day, None, None)
        rules = asked.names.catalog.follow_up
        found = service.follow_ups(asked.database, asked.branch, days.first, rules)
        if staff is not None:
            found = found.of(staff)
        parts = follow_ups_parts(found, asked.names)
        asked.answer("follow-ups", _("Follow-ups"), days, parts)


def morning(
    day: OneDay = "yesterday",
    branch: OfBranch = None,
    as_json: AsJson = False,
    store: OfStore = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
    on_paper: Annotated[
        bool, typer.Option("--print", help="On this machine's receipt printer, not here.")
    ] = False,
) -> None:
    """Show the morning sheet: what a day was like, on one page."""
    from kiosk.reporting.staff import morning_parts
    from kiosk.services.staff.morning import morning_sheet

    with _asked(branch, store=store, as_json=as_json, in_format=in_format, file=file) as asked:
        days = of_days(asked.settings, day, None, None)
        rules = asked.names.catalog.follow_up
        sheet = morning_sheet(asked.database, asked.branch, days.first, rules)
        told = "morning", _("Morning sheet"), days, morning_parts(sheet, asked.names)
        if on_paper:
            asked.print_out(asked.report(*told))
        else:
            asked.answer(*told)


def rhythm(
    day: OneDay = None,
    branch: OfBranch = None,
    as_json: AsJson = False,
    store: OfStore = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Show the load by half hours beside the usual one, and where the wait comes from."""
    from kiosk.reporting.staff import causes, rhythm_part, usual_days
    from kiosk.services.staff.rhythm import rhythm as rhythm_of

    with _asked(branch, store=store, as_json=as_json, in_format=in_format, file=file) as asked:
        days = of_days(asked.settings, day, None, None)
        found = rhythm_of(asked.database, asked.branch, days.first)
        title = _("Rhythm of the day")
        asked.answer("rhythm", title, days, [rhythm_part(found)], usual_days(found), *causes(found))
