"""Signing in at a counter with a staff number and a PIN."""

import math
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.errors import KioskError
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
    """Who works at the counter."""

    number: str
    name: str


class SignIn:
    """Lets members of staff in who may work at a counter.

    Args:
        database: The branch database, with the roster that the branch published last.
        branch: Its code.
        counter: The counter's number.
        folder: Where failures are kept; they count for all counters of this machine.
        clock: For tests.
    """

    def __init__(
        self, database: Database, branch: str, counter: int, folder: Path, clock: Clock
    ) -> None:
        self._database = database
        self._branch = branch
        self._counter = counter
        self._clock = clock
        path = folder / "sign-in-failures.json"
        self._tries = FailedTries(path, most=MOST_FAILURES, locked_for=LOCKED_FOR)

    def sign_in(self, number: str, pin: SecretStr) -> SignedIn:
        """Check who it is. Takes about a quarter of a second, whatever was wrong.

        Args:
            number: The staff number.
            pin: Six digits.

        Raises:
            KioskError: `sign_in_refused`, whatever was wrong; `sign_in_locked` with the minutes
                left, after five failures in a row of this person or at this counter;
                `staff_none` where the branch has published no roster, `release_invalid` where a
                newer program has; `sign_in_not_kept`; what keeps the branch database from being
                read.
        """
        member = self._member(number)
        # numbers that nobody has share one count: people type a PIN into the wrong field, and the
        # file shall not hold it
        person = f"staff {member.number}" if member else "staff unknown"
        names = (person, f"counter {self._counter}")
        now = self._clock.now()
        locked_until = self._tries.begin(names, now)
        if locked_until is not None:
            minutes = math.ceil((locked_until - now) / timedelta(minutes=1))
            raise KioskError("sign_in_locked", minutes=minutes)
        is_right = matches(pin, member.pin_hash if member else None)
        if member is None or not is_right or AT_COUNTERS.isdisjoint(member.roles):
            raise KioskError("sign_in_refused")
        self._tries.forgive(names, now)
        return SignedIn(member.number, member.name)

    def _member(self, number: str) -> StaffMember | None:
        self._database.require_schema()
        with self._database.read() as connection:
            body = body_of(connection, self._branch, Name.STAFF)
        if body is None:
            raise KioskError("staff_none", branch=self._branch)
        check(Name.STAFF, body)
        roster = StaffRoster.model_validate(tomllib.loads(body))
        return next((each for each in roster.staff if each.number == number), None)
