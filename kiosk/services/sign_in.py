"""Signing in with a staff number and a PIN."""

import math
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.audit import AuditAction, AuditLog
from kiosk.services.failed_tries import FailedTries
from kiosk.services.pins import matches
from kiosk.services.releases import Name, body_of, check
from kiosk.services.staff_roster import Role, StaffMember, StaffRoster

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
AT_COUNTERS = frozenset({Role.TELLER, Role.LOBBY_MANAGER, Role.BRANCH_MANAGER})
"""Who may work at a counter."""


@dataclass(frozen=True)
class SignedIn:
    """Who it is."""

    number: str
    name: str
    roles: tuple[Role, ...] = ()


class SignIn:
    """Lets members of staff in who may work in a place.

    Args:
        databases: Where to look for the roster that the branch published last; the first one that
            has one counts.
        branch: The branch's code.
        place: Names what they come into, such as `counter 3`.
        folder: Where failures are kept; they count for all places of this machine.
        clock: For tests.
        roles: Who may come in.
        audit: Keeps who came, and who was refused; none: a machine without a store.
    """

    def __init__(
        self,
        databases: Sequence[Database],
        branch: str,
        place: str,
        folder: Path,
        clock: Clock,
        roles: Collection[Role] = AT_COUNTERS,
        audit: AuditLog | None = None,
    ) -> None:
        self._databases = databases
        self._branch = branch
        self._place = place
        self._clock = clock
        self._roles = frozenset(roles)
        self._audit = audit
        path = folder / "sign-in-failures.json"
        self._tries = FailedTries(path, most=MOST_FAILURES, locked_for=LOCKED_FOR)

    def sign_in(self, number: str, pin: SecretStr) -> SignedIn:
        """Check who it is. Takes about a quarter of a second, whatever was wrong.

        Args:
            number: The staff number.
            pin: Six digits.

        Raises:
            KioskError: `sign_in_refused`, whatever was wrong; `sign_in_locked` with the minutes
                left, after five failures in a row of this person or in this place; `staff_none`
                where there is no roster, `release_invalid` where a newer program has published
                one; `sign_in_not_kept`; what keeps the databases from being read.
        """
        member = self._member(number)
        # numbers that nobody has share one count: people type a PIN into the wrong field, and the
        # file shall not hold it
        person = f"staff {member.number}" if member else "staff unknown"
        names = (person, self._place)
        now = self._clock.now()
        locked_until = self._tries.begin(names, now)
        if locked_until is not None:
            minutes = math.ceil((locked_until - now) / timedelta(minutes=1))
            raise KioskError("sign_in_locked", minutes=minutes)
        is_right = matches(pin, member.pin_hash if member else None)
        if member is None or not is_right or self._roles.isdisjoint(member.roles):
            # never what was typed: people type a PIN into the wrong field
            self._keep(AuditAction.SIGN_IN_REFUSED, member.number if member else "")
            raise KioskError("sign_in_refused")
        self._keep(AuditAction.SIGN_IN, member.number)
        self._tries.forgive(names, now)
        return SignedIn(member.number, member.name, member.roles)

    def _keep(self, action: AuditAction, staff: str) -> None:
        if self._audit is not None:
            self._audit.record(action, staff, self._place)

    def _member(self, number: str) -> StaffMember | None:
        body = next(filter(None, map(self._roster_in, self._databases)), None)
        if body is None:
            raise KioskError("staff_none", branch=self._branch)
        check(Name.STAFF, body)
        roster = StaffRoster.model_validate(tomllib.loads(body))
        return next((each for each in roster.staff if each.number == number), None)

    def _roster_in(self, database: Database) -> str | None:
        try:
            database.require_schema()
            with database.read() as connection:
                return body_of(connection, self._branch, Name.STAFF)
        except KioskError as error:
            if error.code != "database_forbidden":
                raise
            return None  # a terminal's login on a server reads nothing: its store has the roster
