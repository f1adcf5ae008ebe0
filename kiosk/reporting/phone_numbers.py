"""Whole phone numbers as a report: it leaves the program in the hands of two people only."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from kiosk.i18n import N_, _
from kiosk.reporting.report import Column, Report, Section
from kiosk.reporting.staff import Names
from kiosk.services.staff.contacts import Purpose, WholeNumber
from kiosk.services.staff.sign_ups import SignUpState

_PURPOSES = {Purpose.CALL_BACK: N_("call back"), Purpose.ACTIVATION: N_("help with the first use")}


def phone_numbers(
    numbers: Iterable[WholeNumber],
    sign_ups: Mapping[UUID, SignUpState],
    names: Names,
    place: str,
    today: date,
) -> Report:
    """Each number with what it may be used for, and until when.

    Args:
        numbers: Which.
        sign_ups: What they are about, as far as it is known here.
        names: Of products.
        place: The branch.
        today: Of which day the list is.
    """
    heads = (_("Phone"), _("Purpose"), _("Receipt number"), _("Product"), _("Delete after"))
    rows = []
    for each in numbers:
        contact = each.contact
        about = sign_ups.get(contact.sign_up) if contact.sign_up else None
        what = (about.receipt, names.product(about.product)) if about else ("", "")
        rows.append((each.number, _(_PURPOSES[contact.purpose]), *what, contact.keep_until))
    columns = tuple(Column(head, is_figure=False) for head in heads)
    return Report(
        name="phone-numbers",
        title=_("Phone numbers"),
        place=place,
        span=f"{today}",
        notes=(),
        sections=(Section(_("Phone numbers"), columns, tuple(rows)),),
    )
