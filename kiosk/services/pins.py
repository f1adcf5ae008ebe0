"""PINs of the staff: which are refused, and the hash that a roster keeps of the others.

A PIN travels as a `SecretStr`, which no log, repr or traceback shows.
"""

from datetime import datetime
from itertools import pairwise

from pydantic import SecretStr

from kiosk.errors import KioskError

PIN_DIGITS = 6
_LEAST_DIFFERENT = 3
"""Digits that a PIN must have at least; 112112 has two."""
# RFC 9106's second recommendation, said here so that another version of the library can't make
# hashes that take another time: how long the answer takes shall say nothing.
_PASSES, _MEMORY_KIB, _LANES = 3, 65_536, 4
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$QEUbPaNQ2vheiLxb5FfJtQ"
    "$8HkHaL5bgg7IZkEuxa2rn28CRUcAi6lHnbiuHYuQdwI"
)
"""What the PIN of nobody is compared with: the hash of random bytes that were thrown away."""


def hash_pin(pin: SecretStr, number: str) -> str:
    """The hash for the roster, with a salt of its own.

    Args:
        pin: The new PIN.
        number: The staff number that it is for.

    Raises:
        KioskError: `pin_not_digits`, `pin_guessable`.
    """
    from argon2 import PasswordHasher  # slow to import

    digits = pin.get_secret_value()
    if len(digits) != PIN_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise KioskError("pin_not_digits", digits=PIN_DIGITS)
    if _is_guessable(digits, number):
        raise KioskError("pin_guessable")
    return PasswordHasher(_PASSES, _MEMORY_KIB, _LANES).hash(digits)


def matches(pin: SecretStr, pin_hash: str | None) -> bool:
    """Whether it is the PIN of the hash; takes as long where there is no hash to compare with."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

    hasher, digits = PasswordHasher(), pin.get_secret_value()
    try:
        return hasher.verify(pin_hash or _NOBODY, digits) and pin_hash is not None
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):  # no hash at all: somebody wrote it by hand
        return matches(pin, None)


def _is_guessable(digits: str, number: str) -> bool:
    first, second = digits[:3], digits[3:]
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return (
        len(set(digits)) < _LEAST_DIFFERENT
        or len(steps) == 1  # 345678, 765432
        or second in (first, first[::-1])  # 258258, 258852
        or digits == digits[:2] * 3
        or digits in number
        or any(_is_date(digits, form) for form in ("%y%m%d", "%d%m%y", "%Y%m"))
    )


def _is_date(digits: str, form: str) -> bool:
    try:
        return 1900 < datetime.strptime(digits, form).year < 2100  # noqa: DTZ007 (a day, no moment)
    except ValueError:
        return False
