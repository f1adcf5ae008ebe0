"""Which counters may work on a branch's queue, and on which of its letters."""

import re
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Counter
from kiosk.models.tables import table_of
from kiosk.services.branch import require_branch
from kiosk.services.logins import keep_login

if TYPE_CHECKING:
    from kiosk.services.sync.postgres_roles import Login

_COUNTER = table_of(Counter)
_QUEUES = re.compile(r"[A-Z]*")


def enrol_counter(
    database: Database,
    branch: str,
    number: int,
    *,
    queues: str | None = None,
    new_password: bool = False,
) -> "Login | None":
    """Let a counter work on its branch's queue; saying it twice changes nothing.

    Args:
        database: The branch database, as its owner.
        branch: The branch's code.
        number: The counter's.
        queues: The letters of the queues that it calls from; empty: all of them; None: as before,
            which for a new counter is all of them.
        new_password: Give its login another password, as when the old one was lost.

    Returns:
        On a server, the login that was made, or its new password; None when it is there already.

    Raises:
        KioskError: `queues_invalid`, `branch_unknown`, `login_taken`.
    """
    if queues is not None and not _QUEUES.fullmatch(queues):
        raise KioskError("queues_invalid", queues=queues)
    database.require_schema()
    with database.write() as connection:
        require_branch(connection, database, branch)
        this = (_COUNTER.c.branch == branch) & (_COUNTER.c.number == number)
        if connection.execute(select(_COUNTER.c.number).where(this)).first() is None:
            row = {"branch": branch, "number": number, "last_seq": 0}
            connection.execute(insert(_COUNTER).values(row))
        if queues is not None:
            letters = sorted(set(queues)) or None
            connection.execute(update(_COUNTER).where(this).values(queues=letters))

        def make() -> "Login":
            from kiosk.services.sync.postgres_roles import make_counter_login

            return make_counter_login(connection, branch, number)

        return keep_login(connection, (Counter, "login"), this, make, new_password=new_password)
