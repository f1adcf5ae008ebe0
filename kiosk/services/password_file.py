"""The password file of PostgreSQL's own client library, which keeps passwords out of addresses."""

import os
from pathlib import Path

from sqlalchemy import URL

from kiosk.errors import KioskError


def write_password_file(path: Path, server: URL, user: str, password: str) -> None:
    """Write a new file that only its owner can read, as the library demands.

    Args:
        path: Must not exist: another login's password may stand there.
        server: Where the password is valid; its own user and options don't matter.
        user: Whose password it is.
        password: In plain text.

    Raises:
        KioskError: `file_exists`, `file_not_written`.
    """
    place = (server.host or "*", server.port or "*", server.database or "*", user, password)
    line = ":".join(str(each).replace("\\", "\\\\").replace(":", "\\:") for each in place)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(line + "\n")
    except FileExistsError as error:
        raise KioskError("file_exists", path=path) from error
    except OSError as error:
        raise KioskError("file_not_written", path=path, reason=error.strerror) from error
