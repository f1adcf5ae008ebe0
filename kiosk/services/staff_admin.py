"""What IT does to the branch's staff list: one person at a time, kept in the audit log."""

import json
import secrets
import tomllib
from collections.abc import Callable
from datetime import datetime

from pydantic import SecretStr, ValidationError
from sqlalchemy import Connection

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.audit import AuditAction, log_of_commands, system_user
from kiosk.services.pins import PIN_DIGITS, hash_pin
from kiosk.services.releases import (
    Name,
    body_of,
    branches_of,
    check,
    lock_branch,
    publish_in,
)
from kiosk.services.staff_roster import Role, StaffMember, StaffRoster


class StaffAdmin:
    """The staff list of a branch, as whoever looks after its database changes it.

    Args:
        database: The branch database.
        settings: Name the branch, and where the key of the audit log is.
        clock: Says when.
    """

    def __init__(self, database: Database, settings: Config, clock: Clock) -> None:
        self._database = database
        self._branch = settings.branch.code
        self._settings = settings
        self._clock = clock

    def roster(self) -> StaffRoster:
        """The list that holds.

        Raises:
            KioskError: `release_invalid`, `not_a_branch_database`, `branch_unknown`; what keeps
                the database from being read.
        """
        self._database.require_schema()
        with self._database.read() as connection:
            return self._roster(connection)

    def require(self, number: str) -> None:
        """See that somebody is on the list.

        Raises:
            KioskError: `staff_unknown`; as `roster`.
        """
        if all(each.number != number for each in self.roster().staff):
            raise KioskError("staff_unknown", number=number)

    def add(self, number: str, name: str, roles: tuple[Role, ...]) -> SecretStr:
        """Put somebody on the list; returns the PIN that they sign in with for the first time.

        Raises:
            KioskError: `staff_there`, `staff_invalid`; as `roster`.
        """
        pin, pin_hash = _one_time_pin(number)

        def change(roster: StaffRoster) -> StaffRoster:
            if any(each.number == number for each in roster.staff):
                raise KioskError("staff_there", number=number)
            try:
                member = StaffMember(
                    number=number,
                    name=name,
                    roles=roles,
                    pin_hash=pin_hash,
                    pin_set_on=self._clock.now().date(),
                    must_change=True,
                )
            except ValidationError as error:
                key = ".".join(map(str, error.errors()[0]["loc"]))
                raise KioskError("staff_invalid", key=key) from None
            return StaffRoster(staff=(*roster.staff, member))

        self._change(number, "added", change)
        return pin

    def reset_pin(self, number: str) -> SecretStr:
        """Give somebody another PIN to sign in with once.

        Raises:
            KioskError: `staff_unknown`; as `roster`.
        """
        pin, pin_hash = _one_time_pin(number)
        new = {"pin_hash": pin_hash, "pin_set_on": self._clock.now().date(), "must_change": True}
        self._change(number, "pin reset", lambda roster: _with(roster, number, new))
        return pin

    def set_disabled(self, number: str, *, is_disabled: bool) -> None:
        """Keep somebody from signing in, or let them again; what they did stays theirs.

        Raises:
            KioskError: `staff_unknown`; as `roster`.
        """
        told = "disabled" if is_disabled else "enabled"
        self._change(
            number, told, lambda roster: _with(roster, number, {"is_disabled": is_disabled})
        )

    def _change(self, number: str, told: str, change: Callable[[StaffRoster], StaffRoster]) -> None:
        now: datetime = self._clock.now()
        self._database.require_schema()
        with self._database.write() as connection:
            before = self._roster(connection)
            lock_branch(connection, self._branch)
            after = change(before)
            if after == before:
                return
            publish_in(connection, self._branch, Name.STAFF, roster_body(after), now)
            log_of_commands(self._database, self._settings, self._clock).record_in(
                connection, AuditAction.ROSTER_CHANGED, system_user(), number, told
            )

    def _roster(self, connection: Connection) -> StaffRoster:
        if self._branch not in branches_of(connection, self._database):
            raise KioskError("branch_unknown", branch=self._branch, database=self._database.name)
        body = body_of(connection, self._branch, Name.STAFF)
        if body is None:
            return StaffRoster()
        check(Name.STAFF, body)
        return StaffRoster.model_validate(tomllib.loads(body))


def roster_body(roster: StaffRoster) -> str:
    """A staff list as it is published."""
    return "\n".join(map(_member, roster.staff))


def _member(member: StaffMember) -> str:
    told = member.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    lines = [f"{key} = {_value(key, value)}" for key, value in told.items()]
    return "\n".join(["[[staff]]", *lines, ""])


def _value(key: str, value: object) -> str:
    if key == "pin_set_on":
        return str(value)  # a date of TOML's own
    # what JSON and TOML write alike, but for this one character
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _with(roster: StaffRoster, number: str, new: dict[str, object]) -> StaffRoster:
    if all(each.number != number for each in roster.staff):
        raise KioskError("staff_unknown", number=number)
    return StaffRoster(
        staff=tuple(
            each.model_copy(update=new) if each.number == number else each for each in roster.staff
        )
    )


def _one_time_pin(number: str) -> tuple[SecretStr, str]:
    while True:
        pin = SecretStr(f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}")
        try:
            return pin, hash_pin(pin, number)
        except KioskError:  # easily guessed
            continue
