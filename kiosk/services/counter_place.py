"""Makes a workplace of what the branch says: settings, catalog, roster and counters."""

import logging
import tomllib
from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import select

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Counter
from kiosk.models.tables import table_of
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import load_catalog, read_catalog
from kiosk.services.desk import BranchDesk
from kiosk.services.entries import Entered, entered_for
from kiosk.services.releases import Name, body_of
from kiosk.services.sign_in import AT_COUNTERS, SignedIn
from kiosk.services.staff_roster import StaffRoster
from kiosk.services.workplace import Workplace

log = logging.getLogger("kiosk")
_COUNTER = table_of(Counter)


class CounterPlace:
    """What stands around a counter; read anew for everybody who signs in.

    Args:
        database: The branch database.
        counter: The counter's number.
        clock: For tests.
        read_config: The configuration over a body of the branch's settings.
    """

    def __init__(
        self,
        database: Database,
        counter: int,
        clock: Clock,
        read_config: Callable[[str], Config],
    ) -> None:
        self._database = database
        self._counter = counter
        self._clock = clock
        self._read_config = read_config

    def for_one(self, who: SignedIn) -> Workplace:
        """The workplace of somebody who has signed in.

        Raises:
            KioskError: What keeps the branch database from being read.
        """
        branch = self._read_config("").branch.code
        with self._database.read() as connection:
            bodies = {name: body_of(connection, branch, name) for name in Name}
            known = select(_COUNTER.c.number).where(_COUNTER.c.branch == branch)
            counters = connection.execute(known.order_by(_COUNTER.c.number)).scalars().all()
        config = self._read_config(bodies[Name.SETTINGS] or "")
        catalog = _catalog(config, bodies)
        desk = BranchDesk(
            self._database,
            branch,
            self._counter,
            config.zone,
            self._clock,
            config.queue,
            catalog.release,
        )

        def entries(ticket: UUID) -> tuple[Entered, ...]:
            with self._database.read() as connection:
                return entered_for(connection, catalog, ticket)

        return Workplace(
            who=who,
            desk=desk,
            catalog=catalog,
            queue=config.queue,
            zone=config.zone,
            counters=tuple(each for each in counters if each != self._counter),
            colleagues=_colleagues(bodies[Name.STAFF], who),
            entries=entries,
        )


def _catalog(config: Config, bodies: Mapping[Name, str | None]) -> Catalog:
    body = bodies[Name.CATALOG]
    if body is None or config.catalog is not None:
        return load_catalog(config.catalog)
    try:
        return read_catalog(body.encode("utf-8"), "catalog")
    except KioskError as error:  # published by a newer program
        log.error("the branch's catalog can't be used: %s", error)
        return load_catalog(None)


def _colleagues(body: str | None, who: SignedIn) -> tuple[SignedIn, ...]:
    roster = StaffRoster.model_validate(tomllib.loads(body or ""))
    return tuple(
        SignedIn(each.number, each.name)
        for each in roster.staff
        if each.number != who.number
        and not each.is_disabled
        and not AT_COUNTERS.isdisjoint(each.roles)
    )
