"""Which database figures are read from: the branch's where this machine may, else its own store."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Select, select

from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import HourlyFigures
from kiosk.models.tables import table_of

log = logging.getLogger("kiosk")

_AGAIN_AFTER_NS: Final = 60 * 1_000_000_000
"""A branch database that could not be read is asked again after a minute: screens wait for it."""


class Scope(StrEnum):
    """Whose figures they are."""

    BRANCH = "branch"
    TERMINAL = "terminal"
    """Only this machine's own; the screen says so."""


@dataclass(frozen=True)
class Reading:
    """A database to read from, and whose figures are in it."""

    database: Database
    scope: Scope


class FiguresSource:
    """Chooses anew at each reading: a network that comes back is used again.

    Args:
        store: The machine's own.
        branch_url: Where its branch database is.
        clock: Says when to try again.
    """

    def __init__(self, store: Database, branch_url: str, clock: Clock) -> None:
        self._store = store
        self._url = branch_url
        self._clock = clock
        self._branch: Database | None = None
        self._failed_at: int | None = None

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """The branch's figures, or this terminal's where those can't be read.

        Raises:
            KioskError: What keeps the store from being read.
        """
        database = self._of_branch()
        if database is None:
            yield Reading(self._store, Scope.TERMINAL)
            return
        try:
            yield Reading(database, Scope.BRANCH)
        except KioskError:
            self._give_up()
            raise

    def found_at_branch(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        """What the branch has besides what this machine's store knows; nothing where it is away."""
        try:
            with self.read() as reading:
                if reading.scope is Scope.TERMINAL:
                    return ()
                with reading.database.read() as connection:
                    return connection.execute(statement).all()
        except KioskError as error:
            log.warning("what other terminals have brought can't be seen: %s", error)
            return ()

    def close(self) -> None:
        """Give back the branch database; the store is its owner's."""
        if self._branch is not None:
            self._branch.close()
            self._branch = None

    def _of_branch(self) -> Database | None:
        failed = self._failed_at
        if failed is not None and self._clock.monotonic_ns() - failed < _AGAIN_AFTER_NS:
            return None
        try:
            if self._branch is None:
                self._branch = Database(self._url)
                self._branch.require_schema()
            with self._branch.read() as connection:
                # a terminal's login brings events and reads nothing: it is told so here
                connection.execute(select(table_of(HourlyFigures).c.branch).limit(1)).first()
        except KioskError:
            self._give_up()
            return None
        self._failed_at = None
        return self._branch

    def _give_up(self) -> None:
        self.close()
        self._failed_at = self._clock.monotonic_ns()
