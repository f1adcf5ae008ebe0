"""The number by which an e-channel's journal and an accepted offer find each other.

Eight characters of Crockford's base32, the last of which checks the others. It follows from where
the acceptance stands in the event log, so that no two of a branch have the same one, and it says
nothing about anybody. Numbers that follow each other look unlike each other, and those of other
branches unlike a branch's own: a wrong one that passes the check still meets nothing.
"""

from hashlib import sha256
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O or U."""
LENGTH: Final = 8
_HALF: Final = LENGTH // 2
_DATA: Final = LENGTH - 1
_CHARACTER_BITS: Final = 5
_DIGIT_BITS, _EPOCH_BITS, _SEQ_BITS = 4, 5, 26
_BITS: Final = _CHARACTER_BITS * _DATA
_MASK: Final = (1 << _BITS) - 1
_HIGHEST: Final = len(ALPHABET) - 1
# odd numbers can be divided by again: each step of the mixing is one to one
_FACTORS: Final = (0x4F1BBCDCB, 0x2545F4915)
_SHIFT: Final = 17
_FIELD: Final = 0b100101
"""x⁵ + x² + 1, by which GF(32) is counted."""
_READ_AS: Final = str.maketrans("OIL", "011", " -\u3000\u2010\u2011\u2013\u2014")


def reference_of(branch: str, digit: int, epoch: int, seq: int) -> str:
    """The reference of an acceptance.

    Args:
        branch: The branch's code.
        digit: The terminal's.
        epoch: Of the event.
        seq: Of the event.
    """
    place = digit << (_EPOCH_BITS + _SEQ_BITS)
    place |= (epoch % (1 << _EPOCH_BITS)) << _SEQ_BITS
    place |= seq % (1 << _SEQ_BITS)
    mixed = _mixed(place, int.from_bytes(sha256(branch.encode()).digest()) & _MASK)
    data = [(mixed >> (_CHARACTER_BITS * n)) & _HIGHEST for n in range(_DATA)]
    return "".join(ALPHABET[each] for each in (*data, _check(data)))


def read_reference(text: str) -> str | None:
    """A reference as somebody wrote it; None if it is none.

    Spaces and dashes do not count, nor whether letters are small; O is 0, I and L are 1.
    """
    plain = text.upper().translate(_READ_AS)
    if len(plain) != LENGTH or any(each not in ALPHABET for each in plain):
        return None
    *data, check = (ALPHABET.index(each) for each in plain)
    return plain if _check(data) == check else None


def shown(reference: str) -> str:
    """A reference as people read it: in two groups."""
    return f"{reference[:_HALF]}-{reference[_HALF:]}"


def _mixed(place: int, branch: int) -> int:
    # the branch comes in after each step, so that no run of numbers is another branch's as well
    for factor in _FACTORS:
        place = (place * factor) & _MASK
        place ^= (place >> _SHIFT) ^ branch
    return place


def _check(data: list[int]) -> int:
    """The sum of the characters, each times another power of x.

    No two weights are the same and none is 0 or the check's own 1: one wrong character, or two that
    changed places, always changes the sum.
    """
    total = 0
    for each in reversed(data):
        total = _times_x(total ^ each)
    return total


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value > _HIGHEST else value
