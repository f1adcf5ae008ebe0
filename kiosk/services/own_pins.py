"""PINs that people have chosen on this machine: a small file, as it must work without a network.

They stay on the machine. A terminal in the lobby that could tell the branch of new PINs could give
itself anybody's at every counter.
"""

import fcntl
import os
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kiosk.errors import KioskError
from kiosk.services.staff_roster import PinHash, StaffMember


class OwnPin(BaseModel):
    """What somebody chose instead of what the roster has."""

    model_config = ConfigDict(frozen=True)

    pin_hash: PinHash
    instead_of: str
    """The roster's hash: with another one there, as after a reset, the roster's holds again."""
    chosen_on: date


_FILE = TypeAdapter(dict[str, OwnPin])


class OwnPins:
    """Keeps them.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def in_force(self, member: StaffMember) -> StaffMember:
        """Somebody with the PIN that holds for them here.

        Raises:
            KioskError: `pins_not_kept`.
        """
        own = self._read().get(member.number)
        if own is None or own.instead_of != member.pin_hash:
            return member
        chosen = {"pin_hash": own.pin_hash, "pin_set_on": own.chosen_on, "must_change": False}
        return member.model_copy(update=chosen)

    def keep(self, member: StaffMember, pin_hash: str, today: date) -> None:
        """Keep what somebody has chosen; it is on disk when this returns.

        Args:
            member: As the roster has them.
            pin_hash: Of the new PIN.
            today: The day.

        Raises:
            KioskError: `pins_not_kept`.
        """
        try:
            lock = os.open(
                self._path.with_name(f"{self._path.name}-lock"), os.O_RDWR | os.O_CREAT, 0o600
            )
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                own = OwnPin(pin_hash=pin_hash, instead_of=member.pin_hash or "", chosen_on=today)
                self._write(self._read() | {member.number: own})
            finally:
                os.close(lock)
        except OSError as error:
            raise self._not_kept(error.strerror) from error

    def _read(self) -> dict[str, OwnPin]:
        try:
            return _FILE.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError as error:  # without it, old PINs would hold again
            raise self._not_kept("?") from error
        except OSError as error:
            raise self._not_kept(error.strerror) from error

    def _write(self, pins: dict[str, OwnPin]) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_FILE.dump_json(pins))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)

    def _not_kept(self, reason: str | None) -> KioskError:
        return KioskError("pins_not_kept", path=self._path, reason=reason)
