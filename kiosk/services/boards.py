"""Who may show a branch's queue in its lobby, where the branch database has logins."""

from typing import TYPE_CHECKING

from kiosk.db import Database
from kiosk.models import Branch
from kiosk.models.tables import table_of
from kiosk.services.branch import require_branch
from kiosk.services.logins import keep_login

if TYPE_CHECKING:
    from kiosk.services.sync.postgres_roles import Login

_BRANCH = table_of(Branch)


def enrol_board(database: Database, branch: str, *, new_password: bool = False) -> "Login | None":
    """Let the boards of a branch read what they show; saying it twice changes nothing.

    All boards of a branch have one login: they see the same, and can change nothing.

    Args:
        database: The branch database, as its owner.
        branch: The branch's code.
        new_password: Give the login another password, as when the old one was lost.

    Returns:
        On a server, the login that was made, or its new password; None when it is there already.

    Raises:
        KioskError: `branch_unknown`, `login_taken`.
    """
    database.require_schema()
    with database.write() as connection:
        require_branch(connection, database, branch)

        def make() -> "Login":
            from kiosk.services.sync.postgres_roles import make_board_login

            return make_board_login(connection, branch)

        this = _BRANCH.c.code == branch
        named = (Branch, "board_login")
        return keep_login(connection, named, this, make, new_password=new_password)
