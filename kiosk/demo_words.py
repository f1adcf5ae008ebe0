"""What is said of demos on the screen and in commands alike."""

from collections.abc import Mapping

from kiosk.i18n import N_, _

WAYS: Mapping[str, str] = {
    "show": N_("Show me"),
    "try": N_("Let me try"),
    "check": N_("Check yourself"),
}
"""What each way is called; not yet translated."""


def usual_label(what: str) -> str:
    """What a confirmed item is called where the script does not say; empty: it must."""
    return {
        "payee": _("Payee"),
        "account": _("Account ending"),
        "amount": _("Amount"),
        "capitals": _("In Chinese capitals"),
        "fee": _("Fee"),
    }.get(what, "")
