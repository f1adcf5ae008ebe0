"""How it stands with the phone numbers of a terminal: how many, how long still, and their key."""

import stat
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select

from kiosk.config import Config
from kiosk.models import Consent, StoredContact
from kiosk.models.tables import table_of
from kiosk.services.branch import open_store
from kiosk.services.keys import key_path
from kiosk.services.staff.contact_keys import KEY_NAME, ContactKeys
from kiosk.services.staff.contact_purge import is_due

_CONTACT = table_of(StoredContact)
_CONSENT = table_of(Consent)


@dataclass(frozen=True)
class ContactState:
    """What stands in a terminal's store."""

    kept: int
    due: int
    """Of these: that should be gone already."""
    closed: int
    """Of these: whose key is not on this machine."""
    first_to_go: date | None
    """The last day of the number that goes next."""
    given: int
    """Consents, ever."""
    withdrawn: int
    purged: int


def contact_state(settings: Config, now: datetime) -> ContactState:
    """Look at this terminal's store; changes nothing.

    Raises:
        KioskError: `store_not_ready`, or what keeps the store or a key from being read.
    """
    keys = ContactKeys(settings)
    today = now.astimezone(settings.zone).date()
    with closing(open_store(settings)) as store:
        store.require_schema()
        with store.read() as connection:
            by_key = connection.execute(
                select(_CONTACT.c.key_id, func.count()).group_by(_CONTACT.c.key_id)
            ).all()
            due = select(func.count()).select_from(_CONTACT).where(is_due(today))
            first = select(func.min(_CONTACT.c.keep_until))
            consents = select(
                func.count(_CONSENT.c.given_at),
                func.count(_CONSENT.c.withdrawn_at),
                func.count(_CONSENT.c.purged_at),
            )
            return ContactState(
                sum(count for _, count in by_key),
                connection.execute(due).scalar_one(),
                sum(count for of_key, count in by_key if not keys.has(of_key)),
                connection.execute(first).scalar(),
                *connection.execute(consents).one(),
            )


def open_key_files(settings: Config) -> tuple[Path, ...]:
    """The key files that others than their owner may read or change, and such a folder of them."""
    folder = settings.keys_folder
    there = [folder, *sorted(folder.glob("*.key"))] if folder.is_dir() else []
    return tuple(path for path in there if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def current_key(settings: Config) -> tuple[Path, str | None]:
    """The file of the key in use, and its id; None: none was needed so far.

    Raises:
        KioskError: `key_unreadable` and its like.
    """
    return key_path(settings, KEY_NAME), ContactKeys(settings).current_id()
