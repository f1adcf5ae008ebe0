"""What the lines of a channel's journal are called, on screens and in commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.i18n import N_, _
from kiosk.models.states import LineFault, LineState

if TYPE_CHECKING:
    from kiosk.services.reconcile.items import ChannelProgress

FAULTS: Mapping[str, str] = {
    LineFault.DUPLICATE: N_("the offer is another line's already"),
    LineFault.TAKEN_BACK: N_("reversed or corrected by a later line"),
    LineFault.OTHER_CHANNEL: N_("the reference is of another channel"),
    LineFault.OTHER_BRANCH: N_("the reference is here, the line in another branch"),
    LineFault.OTHER_SERVICE: N_("the reference is of another service"),
    LineFault.BEFORE_ACCEPTANCE: N_("older than the acceptance"),
    LineFault.UNKNOWN_REFERENCE: N_("no such reference is known here yet"),
    LineFault.DAMAGED_REFERENCE: N_("the reference is damaged"),
    "repeated": N_("the same line stands in the file twice"),
}
"""What is wrong with a line, by the code of `LineFault`."""
STATES: Mapping[str, str] = {
    LineState.MATCHED: N_("proves an offer"),
    LineState.PROBABLE: N_("probable"),
    LineState.AMBIGUOUS: N_("may be of several offers"),
    LineState.NONE: N_("of no offer"),
}
"""What a line is to an offer, by the code of `LineState`."""
UNCLEAR: Mapping[str, str] = {**STATES, **FAULTS}
"""What a line is told as that somebody has to look at: its fault, else its state."""
CLAIMS: Mapping[str, str] = {
    "customer_said": N_("the customer says that it is done"),
    "staff_saw": N_("staff saw it done"),
}
"""What somebody claims of an offer, by its evidence."""


def proven_text(each: ChannelProgress) -> str:
    """How many of a channel's offers are proven; without a journal of it nobody knows."""
    return str(each.matched) if each.is_provable else _("no data")
