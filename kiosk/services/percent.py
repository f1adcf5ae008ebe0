"""Percentages that are exact to their last digit."""

from decimal import Decimal
from fractions import Fraction
from math import floor


def percent(numerator: Decimal | int, denominator: Decimal | int) -> Decimal | None:
    """A share in percent, to two decimals, half up; None: an empty denominator is no data."""
    if not denominator:
        return None
    hundredths = Fraction(numerator) / Fraction(denominator) * 10_000
    return Decimal(floor(hundredths + Fraction(1, 2))).scaleb(-2)
