"""Closes phone numbers, and opens one again for whoever may see it.

AES-256-GCM with a nonce of its own for each number, bound to its row and purpose: what is moved to
another row does not open there. The key is a file outside every database (`kiosk.services.keys`),
and what encrypts and what finds again are derived from it apart.

`cryptography` is imported when the first number is closed or opened: it takes 9 MB, and a terminal
at which nobody leaves a number does without them.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.services.keys import existing_key, forget_key, key, older_keys, replace_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_NAME: Final = "contact"
ID_DIGITS: Final = 16
NONCE_BYTES: Final = 12
_NUMBER_BYTES: Final = 11
_TAG_BYTES: Final = 16
CLOSED_BYTES: Final = NONCE_BYTES + _NUMBER_BYTES + _TAG_BYTES


@dataclass(frozen=True)
class Closed:
    """A number as a database may have it."""

    number_encrypted: bytes
    key_id: str
    blind_index: str


class ContactKeys:
    """The keys of this machine for phone numbers: the one in use, and older ones while needed.

    Args:
        settings: Says where keys are kept.
    """

    def __init__(self, settings: Config) -> None:
        self._settings = settings

    def current_id(self) -> str | None:
        """Which key closes numbers now; None: there is none so far.

        Raises:
            KioskError: `key_unreadable` and its like.
        """
        whole = existing_key(self._settings, KEY_NAME)
        return key_id(whole) if whole else None

    def close(self, number: str, contact: UUID, purpose: str) -> Closed:
        """Encrypt a number for its row; the first time on this machine the key is made.

        Raises:
            KioskError: As `current_id`.
        """
        whole = key(self._settings, KEY_NAME)
        nonce = os.urandom(NONCE_BYTES)
        bound_to = _bound_to(contact, purpose)
        closed = _cipher(whole).encrypt(nonce, number.encode("ascii"), bound_to)
        return Closed(nonce + closed, key_id(whole), _index(whole, number))

    def open(self, number_encrypted: bytes, of_key: str, contact: UUID, purpose: str) -> str:
        """A number that was encrypted for this row and purpose.

        Args:
            number_encrypted: As `close` made it.
            of_key: The id of the key that closed it.
            contact: Whose number it is.
            purpose: What it may be used for.

        Raises:
            KioskError: `contact_key_missing`: it was closed with a key that is not on this machine;
                `contact_damaged`: it is not what was once closed, or of another row.
        """
        from cryptography.exceptions import InvalidTag

        whole = self._with_id(of_key)
        if whole is None:
            raise KioskError("contact_key_missing", key_id=of_key)
        nonce, content = number_encrypted[:NONCE_BYTES], number_encrypted[NONCE_BYTES:]
        try:
            number = _cipher(whole).decrypt(nonce, content, _bound_to(contact, purpose))
            return number.decode("ascii")
        except (InvalidTag, ValueError) as error:  # of bytes that are too few
            raise KioskError("contact_damaged", contact=contact) from error

    def has(self, of_key: str) -> bool:
        """Whether the key of this id is on this machine.

        Raises:
            KioskError: As `current_id`.
        """
        return self._with_id(of_key) is not None

    def indexes(self, number: str) -> frozenset[str]:
        """What a number is found by, under each key of this machine."""
        names = (KEY_NAME, *older_keys(self._settings, KEY_NAME))
        keys = (existing_key(self._settings, name) for name in names)
        return frozenset(_index(whole, number) for whole in keys if whole is not None)

    def renew(self) -> None:
        """Have a new key for what is closed from now on; the one so far is kept to open the rest.

        Raises:
            KioskError: `key_given`: the service manager gives it, and there it must be replaced;
                `key_not_made`.
        """
        old = existing_key(self._settings, KEY_NAME)
        if old is None:
            key(self._settings, KEY_NAME)
            return
        replace_key(self._settings, KEY_NAME, _older_name(key_id(old)))

    def forget_older(self) -> int:
        """Destroy the keys that are no longer in use; returns how many.

        Raises:
            KioskError: `key_not_made`.
        """
        older = older_keys(self._settings, KEY_NAME)
        for name in older:
            forget_key(self._settings, name)
        return len(older)

    def _with_id(self, wanted: str) -> bytes | None:
        current = existing_key(self._settings, KEY_NAME)
        if current is not None and key_id(current) == wanted:
            return current
        return existing_key(self._settings, _older_name(wanted)) if _is_id(wanted) else None


def key_id(whole: bytes) -> str:
    """A key's name; nothing of the key can be told from it."""
    return _derived(whole, "name").hex()[:ID_DIGITS]


def _is_id(text: str) -> bool:
    """It becomes part of a file's name, and a database is not to be trusted with that."""
    return len(text) == ID_DIGITS and not set(text) - set("0123456789abcdef")


def _older_name(of_id: str) -> str:
    return f"{KEY_NAME}-{of_id}"


def _bound_to(contact: UUID, purpose: str) -> bytes:
    return f"contact:{contact.hex}:{purpose}".encode()


def _cipher(whole: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(_derived(whole, "encrypt"))


def _index(whole: bytes, number: str) -> str:
    return hmac.new(_derived(whole, "find"), number.encode("ascii"), hashlib.sha256).hexdigest()


def _derived(whole: bytes, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"kiosk contact {purpose}".encode())
    return made.derive(whole)
