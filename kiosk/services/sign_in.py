"""Signing in with a staff number and a PIN."""

import math
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.audit import AuditAction, AuditLog
from kiosk.services.failed_tries import PERSON, FailedTries
from kiosk.services.own_pins import OwnPins
from kiosk.services.pins import hash_pin, matches
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


class SignInCall(Protocol):
    """Lets somebody in: `SignIn.sign_in`."""

    def __call__(self, number: str, pin: SecretStr, new: SecretStr | None = None, /) -> SignedIn:
        """See there."""


def failed_tries(folder: Path) -> FailedTries:
    """The failures in all places of a machine, in its data folder."""
    path = folder / "sign-in-failures.json"
    return FailedTries(path, most=MOST_FAILURES, locked_for=LOCKED_FOR)


def person(number: str) -> str:
    """How failures are counted against somebody."""
    return f"{PERSON}{number}"


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
        self._tries = failed_tries(folder)
        self._own_pins = OwnPins(folder / "own-pins.json")

    def sign_in(self, number: str, pin: SecretStr, new: SecretStr | None = None) -> SignedIn:
        """Check who it is. Takes about a quarter of a second, whatever was wrong.

        Args:
            number: The staff number.
            pin: Six digits.
            new: The PIN that they have chosen to come in with from now on.

        Raises:
            KioskError: `pin_to_be_chosen`: it is right, and good for nothing else;
                `pin_not_digits`, `pin_guessable`, `pin_same`: not this new one;
                `sign_in_refused`, whatever was wrong; `sign_in_locked` with the minutes
                left, after five failures in a row of this person or in this place; `staff_none`
                where there is no roster, `release_invalid` where a newer program has published
                one; `sign_in_not_kept`; what keeps the databases from being read.
        """
        member = self._member(number)
        # numbers that nobody has share one count: people type a PIN into the wrong field, and the
        # file shall not hold it
        names = (person(member.number if member else "unknown"), self._place)
        now = self._clock.now()
        locked_until = self._tries.begin(names, now)
        if locked_until is not None:
            minutes = math.ceil((locked_until - now) / timedelta(minutes=1))
            raise KioskError("sign_in_locked", minutes=minutes)
        in_force = member and self._own_pins.in_force(member)
        is_right = matches(pin, in_force.pin_hash if in_force else None)
        if not (member and in_force and is_right and self._may_come_in(member)):
            # never what was typed: people type a PIN into the wrong field
            self._keep(AuditAction.SIGN_IN_REFUSED, member.number if member else "")
            raise KioskError("sign_in_refused")
        self._tries.forgive(names, now)
        if new is not None:
            self._choose(member, pin, new)
        elif in_force.must_choose(now.date()):
            raise KioskError("pin_to_be_chosen")
        self._keep(AuditAction.SIGN_IN, member.number)
        return SignedIn(member.number, member.name, member.roles)

    def _may_come_in(self, member: StaffMember) -> bool:
        return not member.is_disabled and not self._roles.isdisjoint(member.roles)

    def _choose(self, member: StaffMember, pin: SecretStr, new: SecretStr) -> None:
        pin_hash = hash_pin(new, member.number)
        if new == pin:
            raise KioskError("pin_same")
        self._keep(AuditAction.PIN_CHANGED, member.number)
        self._own_pins.keep(member, pin_hash, self._clock.now().date())

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
