"""Who is due for a call or a visit, with what this machine itself has noted since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from kiosk.models import FollowUp, FollowUpBy, FollowUpResult
from kiosk.models.tables import table_of
from kiosk.services.catalog_staff import FollowUpRules
from kiosk.services.journal import Journal
from kiosk.services.staff.contacts import Contact, Contacts
from kiosk.services.staff.follow_ups import FollowUpList, follow_ups
from kiosk.services.staff.reading import FiguresSource, Scope
from kiosk.services.staff.targets_release import staff_in

__all__ = ["FollowUpBy", "FollowUpResult", "FollowUpWork", "Work"]
"""With the words of the tables that the place uses: screens never import those."""

_FOLLOW_UP = table_of(FollowUp)


@dataclass(frozen=True)
class Work:
    """What is to be done."""

    listed: FollowUpList
    contacts: Mapping[UUID, Contact]
    """Sign-up → the number that its customer left."""
    people: Mapping[str, str]
    """Names by staff number."""
    is_whole: bool
    """Of the whole branch; else only what this machine knows."""


class FollowUpWork:
    """Reads the work after sign-ups.

    Args:
        journal: The machine's own.
        source: Where the branch's sign-ups are read.
        contacts: The numbers that were left here.
        rules: When calls are due.
    """

    def __init__(
        self, journal: Journal, source: FiguresSource, contacts: Contacts, rules: FollowUpRules
    ) -> None:
        self._journal = journal
        self._source = source
        self._contacts = contacts
        self._rules = rules

    def read(self) -> Work:
        """Who is due today and before.

        Raises:
            KioskError: What keeps the store from being read.
        """
        today = self._journal.business_date()
        with self._source.read() as reading:
            branch = self._journal.origin.branch
            listed = follow_ups(reading.database, branch, today, self._rules)
            with reading.database.read() as connection:
                people = staff_in(connection, branch) or {}
        # the branch hears of a call a moment later: nobody is called twice meanwhile
        done = self._done_today()
        listed = replace(
            listed, to_do=tuple(each for each in listed.to_do if each.sign_up not in done)
        )
        contacts = self._contacts.of_sign_ups({each.sign_up for each in listed.to_do})
        return Work(listed, contacts, people, reading.scope is Scope.BRANCH)

    def _done_today(self) -> set[UUID]:
        f = _FOLLOW_UP.c
        query = select(f.sign_up).where(
            f.branch == self._journal.origin.branch,
            f.business_date == self._journal.business_date(),
        )
        with self._journal.database.read() as connection:
            return set(connection.execute(query).scalars())
