"""How often somebody failed to sign in on this machine: a small file that outlives a restart.

Not in the branch database: a counter's login may write nothing there but what a counter does, and
a table that it could write to would let one counter lock out everybody everywhere.
"""

import fcntl
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kiosk.errors import KioskError

log = logging.getLogger("kiosk")
PERSON = "staff "
"""How the names of people begin; the others are places."""


class Tries(BaseModel):
    """Failures in a row of one person, or at one counter."""

    model_config = ConfigDict(frozen=True)

    count: int
    last: datetime


_FILE = TypeAdapter(dict[str, Tries])


class FailedTries:
    """Counts failures by name, for all counters of this machine.

    Args:
        path: The file; its folder is made if it is missing.
        most: So many failures lock a name.
        locked_for: How long after the last one; then they are forgotten.
    """

    def __init__(self, path: Path, *, most: int, locked_for: timedelta) -> None:
        self._path = path
        self._most = most
        self._locked_for = locked_for

    def begin(self, names: tuple[str, ...], now: datetime) -> datetime | None:
        """Count a failure before the try: whoever pulls the plug meanwhile has had it.

        Args:
            names: Whom it is counted against.
            now: Aware.

        Returns:
            None, or until when one of the names is locked; then nothing is counted.

        Raises:
            KioskError: `sign_in_not_kept`: the file can't be written, so nobody may try.
        """
        with self._changing(now) as tries:
            locked = [
                tries[name].last + self._locked_for
                for name in names
                if name in tries and tries[name].count >= self._most
            ]
            if locked:
                return max(locked)
            for name in names:
                count = tries[name].count if name in tries else 0
                tries[name] = Tries(count=count + 1, last=now)
            return None

    def forgive(self, names: tuple[str, ...], now: datetime) -> None:
        """Forget the failures of who has signed in.

        Raises:
            KioskError: `sign_in_not_kept`.
        """
        with self._changing(now) as tries:
            for name in names:
                tries.pop(name, None)

    def forgive_with_places(self, person: str, now: datetime) -> None:
        """Forget the failures of somebody, and of every place: it was locked with them.

        Raises:
            KioskError: `sign_in_not_kept`.
        """
        with self._changing(now) as tries:
            for name in list(tries):
                if name == person or not name.startswith(PERSON):
                    del tries[name]

    def locked(self, now: datetime) -> Mapping[str, datetime]:
        """Who and what is locked now, and until when.

        Raises:
            KioskError: `sign_in_not_kept`.
        """
        with self._changing(now) as tries:
            return {
                name: each.last + self._locked_for
                for name, each in tries.items()
                if each.count >= self._most
            }

    @contextmanager
    def _changing(self, now: datetime) -> Iterator[dict[str, Tries]]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(
                self._path.with_name(f"{self._path.name}-lock"), os.O_RDWR | os.O_CREAT, 0o600
            )
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                tries = self._read(now)
                yield tries
                self._write(tries)
            finally:
                os.close(lock)
        except OSError as error:
            raise KioskError("sign_in_not_kept", path=self._path, reason=error.strerror) from error

    def _read(self, now: datetime) -> dict[str, Tries]:
        try:
            found = _FILE.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError:
            log.error("%s is damaged: the failures in it are forgotten", self._path)
            return {}
        # a clock that was set back must not lock anybody for longer
        tries = {
            name: Tries(count=each.count, last=min(each.last, now)) for name, each in found.items()
        }
        return {name: each for name, each in tries.items() if now - each.last < self._locked_for}

    def _write(self, tries: dict[str, Tries]) -> None:
        new = self._path.with_name(f"{self._path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_FILE.dump_json(tries))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
