"""What a place shows goes into a file: one key, then a digit for what it is written as."""

from collections.abc import Callable

from kiosk.i18n import _
from kiosk.reporting.files import Format, export
from kiosk.reporting.report import Report
from kiosk.screens.pick import Item, Question
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.services.audit import AuditAction
from kiosk.services.staff.duties import Duty
from kiosk.widgets.foot import FootKey

EXPORT_KEY = "enter"


def may_export(place: PlaceScreen) -> bool:
    """Whether who works here may take figures out of the program."""
    return Duty.EXPORT in place.flow.duties


def export_keys(place: PlaceScreen) -> list[FootKey]:
    """What the foot has of it: nothing for who may not."""
    return [FootKey("Enter", _("Export"), EXPORT_KEY)] if may_export(place) else []


async def export_shown(place: PlaceScreen, report: Callable[[], Report]) -> None:
    """Write what is shown into the folder of exports, and say where it is.

    Args:
        place: Whose step this is.
        report: What it shows, in the language in use.
    """
    chosen = await place.ask(_as_what())
    if chosen is None or not may_export(place):
        return
    shown, in_format = report(), Format(chosen[0])
    what = f"{shown.name} {shown.span}"

    def put_down() -> None:
        place.staff.audit.record(AuditAction.EXPORTED, place.who.number, what, in_format.value)

    folder = place.staff.settings.data_folder
    path = await place.flow.host.call_service(export, shown, in_format, folder, put_down)
    place.say(_("Written in the data folder: {path}").format(path=path))


def _as_what() -> Question:
    return Question(
        title=lambda: _("Export what is shown: as what?"),
        items=lambda: [
            Item(Format.CSV, "1", (_("CSV: the tables alone"),)),
            Item(Format.XLSX, "2", (_("XLSX: tables and charts for a spreadsheet"),)),
            Item(Format.HTML, "3", (_("HTML: a page to read and to print"),)),
        ],
        enter=lambda: _("Export"),
        at_once=True,
    )
