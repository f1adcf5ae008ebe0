"""What figures, metrics and units are called, on screens, in commands and in what is printed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from kiosk.i18n import N_, _

METRICS: Final[Mapping[str, str]] = {
    "signed": N_("Signed up"),
    "taught": N_("Taught"),
    "used": N_("In use"),
    "completed": N_("Diversions completed"),
    "follow_ups": N_("Follow-ups"),
    "approached": N_("Approached"),
    "accounts": N_("Accounts"),
    "turnover": N_("Turnover"),
    "fee_income": N_("Fee income"),
}
"""What targets are about, by the code of `kiosk.services.target_list.Metric`."""

UNITS: Final[Mapping[str, str]] = {
    "count": N_("count"),
    "fen": N_("fen"),
    "yuan": N_("yuan"),
    "ten_thousand_yuan": N_("ten thousand yuan"),
    "million_yuan": N_("million yuan"),
    "hundred_million_yuan": N_("hundred million yuan"),
    "billion_yuan": N_("billion yuan"),
}


def unit_name(code: str) -> str:
    """A unit in words."""
    return _(UNITS[code]) if code in UNITS else code


def percentage(value: Decimal | None) -> str:
    """A percentage that was worked out exactly, with its two decimals; None reads "no data"."""
    return _("no data") if value is None else f"{value:.2f} %"


def amount(value: Decimal | None) -> str:
    """A value in a target's own unit, without needless zeros; None reads "no data"."""
    if value is None:
        return _("no data")
    return f"{value.normalize():,f}" if value else "0"
