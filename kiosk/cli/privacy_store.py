"""This terminal's store, for commands about the phone numbers in it."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.clock import Clock
    from kiosk.config import Config
    from kiosk.services.audit import AuditLog
    from kiosk.services.journal import Journal
    from kiosk.services.staff.contacts import Contacts
    from kiosk.services.staff.reading import FiguresSource


@contextmanager
def own_journal() -> Iterator[tuple[Config, Journal]]:
    """The store, for somebody who writes a few events beside the terminal."""
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.services.branch import open_store, prepare_store
    from kiosk.services.journal import Journal
    from kiosk.services.staff.contact_purge import release_in_use

    settings = load()
    with closing(open_store(settings)) as store:
        origin = prepare_store(store, settings)
        release = release_in_use(store, origin.branch)
        yield settings, Journal(store, origin, SystemClock(), settings.zone, release)


@dataclass(frozen=True)
class OwnContacts:
    """The numbers, and what they are read with."""

    contacts: Contacts
    journal: Journal
    settings: Config
    source: FiguresSource
    audit: AuditLog
    clock: Clock


@contextmanager
def own_contacts() -> Iterator[OwnContacts]:
    """The numbers that this terminal can see."""
    from kiosk.clock import SystemClock
    from kiosk.services.audit import AuditLog
    from kiosk.services.staff.contacts import Contacts
    from kiosk.services.staff.reading import FiguresSource

    clock = SystemClock()
    with own_journal() as (settings, journal):
        store = journal.database
        audit = AuditLog(store, settings, clock, settings.terminal.code)
        with closing(FiguresSource(store, settings.branch_database_url, clock)) as source:
            contacts = Contacts(journal, settings, audit, source)
            yield OwnContacts(contacts, journal, settings, source, audit, clock)
