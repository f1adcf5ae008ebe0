"""What figures, metrics and units are called, on screens, in commands and in what is printed."""

from collections.abc import Mapping
from typing import Final

from kiosk.i18n import N_, _

METRICS: Final[Mapping[str, str]] = {
    "signed": N_("Signed up"),
    "taught": N_("Taught"),
    "used": N_("In use"),
    "completed": N_("Diversions completed"),
    "proven": N_("Diversions proven"),
    "follow_ups": N_("Follow-ups"),
    "approached": N_("Approached"),
    "accounts": N_("Accounts"),
    "turnover": N_("Turnover"),
    "fee_income": N_("Fee income"),
}
"""What targets are about, by the code of `kiosk.services.target_list.Metric`."""

FIGURES: Final[Mapping[str, str]] = {
    "approached": N_("Approached"),
    "offered": N_("Offered"),
    "accepted": N_("Accepted"),
    "shown": N_("Shown how"),
    "completed": N_("Seen done"),
    "signed": N_("Signed up"),
    "taught": N_("Taught"),
    "used": N_("In use"),
    "follow_ups": N_("Follow-ups"),
    "pay": N_("Pay, yuan"),
    "diversion": N_("Diversion rate, share"),
    "proven_diversion": N_("Proven part of the share"),
    "acceptance": N_("Accepted ÷ offered"),
    "completion": N_("Completed ÷ accepted"),
    "proof": N_("Proven ÷ accepted"),
    "coverage": N_("Coverage"),
    "active": N_("Active ratio"),
    "dormant": N_("Dormant"),
    "gap": N_("Gap, points"),
    "completion_rate": N_("Completion"),
    "due": N_("Due so far"),
    "forecast": N_("Forecast"),
}
"""What figures are called, in the head of a column."""

FORMULAS: Final[Mapping[str, str]] = {
    "approached": N_("talks with customers in the lobby, whatever came of them"),
    "offered": N_("talks in which an e-channel was offered"),
    "accepted": N_("talks in which the customer wanted it: accepted, shown how, or done"),
    "shown": N_("talks in which the customer was shown how, or did it"),
    "completed": N_("talks in which staff saw it done on an e-channel"),
    "signed": N_("products that were opened, for whoever signed the customer up"),
    "taught": N_("sign-ups whose customer was taught on these days, for whoever taught"),
    "used": N_("sign-ups first used on these days, for whoever signed the customer up"),
    "follow_ups": N_("calls and visits after a sign-up"),
    "pay": N_("pieces × the rates of the catalog"),
    "diversion": N_("completed ÷ (completed + tickets for what an e-channel can do)"),
    "proven_diversion": N_(
        "proven by the channel's journal ÷ (completed + tickets for what an e-channel can do)"
    ),
    "acceptance": N_("offers that were accepted ÷ offers"),
    "completion": N_(
        "offers that were completed, as people say or the journal does ÷ offers that were accepted"
    ),
    "proof": N_("offers that the channel's journal has ÷ offers that were accepted"),
    "coverage": N_("approached in the lobby ÷ served at the counters"),
    "active": N_("sign-ups used within 30 days ÷ sign-ups of these days"),
    "dormant": N_("sign-ups of these days that nobody uses ÷ sign-ups of these days"),
    "gap": N_("the network's percentage − the branch's, both as shown"),
    "completion_rate": N_("actual ÷ target"),
    "due": N_("target × open days until today ÷ open days of the period"),
    "forecast": N_("actual ÷ open days until today × open days of the period"),
}
"""How each is worked out, by the same codes."""

UNITS: Final[Mapping[str, str]] = {
    "count": N_("count"),
    "fen": N_("fen"),
    "yuan": N_("yuan"),
    "ten_thousand_yuan": N_("ten thousand yuan"),
    "million_yuan": N_("million yuan"),
    "hundred_million_yuan": N_("hundred million yuan"),
    "billion_yuan": N_("billion yuan"),
}


def figure_name(code: str) -> str:
    """What a figure is called."""
    return _(FIGURES[code])


def formula(code: str) -> str:
    """A figure and how it is worked out, in a line."""
    return _("{figure}: {formula}").format(figure=_(FIGURES[code]), formula=_(FORMULAS[code]))


def unit_name(code: str) -> str:
    """A unit in words."""
    return _(UNITS[code]) if code in UNITS else code
