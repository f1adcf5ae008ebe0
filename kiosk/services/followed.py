"""What a running terminal follows of the branch's releases."""

import logging
from contextlib import closing, suppress

from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services import releases
from kiosk.services.branch import open_store
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import load_catalog, read_catalog
from kiosk.services.releases import Name

log = logging.getLogger("kiosk")
_USED = (Name.CATALOG.value, Name.SETTINGS.value)
"""What a terminal reads when it starts; whoever needs the others asks for them each time."""


class Followed:
    """The releases that held when the services were built.

    Args:
        store: The terminal's own database.
        branch: Its branch's code.
    """

    def __init__(self, store: Database, branch: str) -> None:
        self._store = store
        self._branch = branch
        self._digests = self._read_digests()

    def catalog(self) -> Catalog | None:
        """The branch's catalog; None where it has published none that can be used.

        Raises:
            KioskError: What keeps the store from being read.
        """
        with self._store.read() as connection:
            body = releases.body_of(connection, self._branch, Name.CATALOG)
        if body is None:
            return None
        try:
            return read_catalog(body.encode("utf-8"), "catalog")
        except KioskError as error:  # taken by a newer program, before this one came back
            log.error("the branch's catalog can't be used: %s", error)
            return None

    def has_changed(self) -> bool:
        """Whether another release of what was read at the start holds by now."""
        return self._read_digests() != self._digests

    def _read_digests(self) -> dict[str, str]:
        with self._store.read() as connection:
            held = releases.current(connection, self._branch)
        return {name: held[name].digest for name in _USED if name in held}


def catalog_in_use(settings: Config) -> Catalog:
    """The catalog that this machine's terminal follows, for who is not a running terminal.

    Raises:
        KioskError: `catalog_invalid`.
    """
    if settings.catalog is None:
        # no terminal on this machine, or not one whose store can be read
        with suppress(KioskError), closing(open_store(settings)) as store:
            store.require_schema()
            if (of_branch := Followed(store, settings.branch.code).catalog()) is not None:
                return of_branch
    return load_catalog(settings.catalog)
