"""Receipt numbers of the core system: the only reference to a customer, and nobody's own number."""

import re
from typing import Final

from kiosk.errors import KioskError

_FORM: Final = re.compile(r"[A-Z0-9-]{6,24}", re.ASCII)
_MOBILE: Final = re.compile(r"(?:86)?1[3-9]\d{9}", re.ASCII)
_IDENTITY: Final = re.compile(r"\d{15}|\d{17}[\dX]", re.ASCII)
_CARD: Final = re.compile(r"\d{13,19}", re.ASCII)


def check_receipt(text: str) -> str:
    """The receipt number in a text, in capitals and without spaces around it.

    Raises:
        KioskError: `receipt_form`, or `receipt_is_mobile`, `receipt_is_identity`,
            `receipt_is_card`: it has the form of a number that must not be kept.
    """
    receipt = text.strip().upper()
    if not _FORM.fullmatch(receipt):
        raise KioskError("receipt_form")
    plain = receipt.replace("-", "")
    if _MOBILE.fullmatch(plain):
        raise KioskError("receipt_is_mobile")
    if _IDENTITY.fullmatch(plain):
        raise KioskError("receipt_is_identity")
    if _CARD.fullmatch(plain) and _passes_luhn(plain):
        raise KioskError("receipt_is_card")
    return receipt


def _passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit that cards have."""
    doubled = [int(each) * 2 for each in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(each - 9 * (each > 9) for each in doubled)
    return total % 10 == 0
