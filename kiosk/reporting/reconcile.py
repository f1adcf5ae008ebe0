"""What reconciling found as sections of a report: for a command, a screen, a file."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from kiosk.config import Config
from kiosk.i18n import _
from kiosk.journal_words import CLAIMS, UNCLEAR
from kiosk.reporting.heading import place, span
from kiosk.reporting.report import Cell, Column, Report, Section
from kiosk.reporting.staff import device_name, service_name
from kiosk.services.catalog import Catalog
from kiosk.services.demos_report import Days
from kiosk.services.reconcile.whole import Whole
from kiosk.services.reference import shown


def reconcile_report(found: Whole, days: Days, settings: Config, catalog: Catalog) -> Report:
    """All of it, in the language in use.

    Args:
        found: What it is made of.
        days: Of the figures by channel and day.
        settings: The branch's.
        catalog: Names services and channels.
    """
    return Report(
        name="reconcile",
        title=_("Reconcile"),
        place=place(settings, store=False),
        span=span(days),
        notes=(_("Open offers and lines are those of all days."),),
        sections=tuple(_Sections(settings, catalog).of(found)),
    )


class _Sections:
    def __init__(self, settings: Config, catalog: Catalog) -> None:
        self._zone = settings.zone
        self._catalog = catalog

    def of(self, found: Whole) -> Iterator[Section]:
        counts = [_("Accepted"), _("Proven"), _("Open"), _("Lapsed")]
        figures = [Column(head) for head in counts]
        yield Section(
            title=_("By channel"),
            columns=(_words(_("Channel")), *figures),
            rows=tuple(
                (
                    self._channel(each.channel),
                    each.accepted,
                    each.matched if each.is_provable else None,
                    each.open,
                    each.lapsed,
                )
                for each in found.channels
            ),
        )
        yield Section(
            title=_("By day"),
            columns=(_words(_("Day")), *figures),
            rows=tuple(
                (each.day, each.accepted, each.matched, each.open, each.lapsed)
                for each in found.progress
            ),
        )
        yield _section(
            _("Open"),
            [_("Accepted"), _("Reference"), *self._what(), _("Terminal"), _("Claim")],
            [
                (
                    self._moment(each.accepted_at), _shown(each.reference),
                    self._service(each.service), self._channel(each.channel), each.terminal,
                    _(CLAIMS.get(each.evidence or "", "")) or None,
                )
                for each in found.open
            ],
            _("Nothing is open: every accepted offer is settled."),
        )  # fmt: skip
        yield _section(
            _("Probable"),
            [_("Line"), _("Time"), *self._what(), _("Offer"), _("Accepted")],
            [
                (
                    f"{each.file}:{each.number}", self._moment(each.occurred_at),
                    self._service(each.service), self._channel(each.channel),
                    _shown(each.reference), self._moment(each.accepted_at),
                )
                for each in found.probables
            ],
            _("There is no line to confirm."),
        )  # fmt: skip
        yield _section(
            _("Ambiguous and faulty"),
            [_("Line"), _("Time"), *self._what(), _("Reference there"), _("What is wrong")],
            [
                (
                    f"{each.file}:{each.number}", self._moment(each.occurred_at),
                    self._service(each.service), self._channel(each.channel), each.reference,
                    _(UNCLEAR[each.fault or each.state]),
                )
                for each in found.unclear
            ],
            _("No line of the journals is ambiguous or faulty."),
        )  # fmt: skip

    def _what(self) -> list[str]:
        return [_("Service"), _("Channel")]

    def _service(self, code: str | None) -> str | None:
        return code and service_name(self._catalog, code)

    def _channel(self, code: str | None) -> str | None:
        return code and device_name(self._catalog, code, None)

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"


def _section(
    title: str, heads: Sequence[str], rows: Sequence[tuple[Cell, ...]], empty: str
) -> Section:
    cells = [tuple("–" if cell is None else cell for cell in row) for row in rows]
    return Section(title, tuple(map(_words, heads)), tuple(cells), empty=empty)


def _words(head: str) -> Column:
    return Column(head, is_figure=False)


def _shown(reference: str | None) -> str | None:
    return reference and shown(reference)
