"""The last error of the program, as its code alone: for those who look after many terminals.

The log has more, but stays on the machine.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.clock import Clock
from kiosk.errors import KioskError

LATELY = timedelta(days=1)
"""An error of the day before yesterday is for the log."""
PROGRAM_FAULT = "program_fault"
"""Whatever is no error of ours."""


@dataclass(frozen=True)
class LastError:
    """What it was, and when."""

    code: str
    at: datetime


class NotesLastError(logging.Handler):
    """Keeps the code of the last record that is an error.

    Args:
        path: The file.
        clock: Tells when.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(logging.ERROR)
        self._path = path
        self._clock = clock

    def emit(self, record: logging.LogRecord) -> None:
        """Note a record."""
        import json  # not before the first picture: most starts go well

        told = record.args if isinstance(record.args, tuple) else ()
        code = next((each.code for each in told if isinstance(each, KioskError)), PROGRAM_FAULT)
        noted = {"code": code, "at": self._clock.now().isoformat()}
        with suppress(OSError):  # on a full disk there is no room for it
            self._path.write_text(json.dumps(noted), encoding="utf-8")


def read_last_error(path: Path) -> LastError | None:
    """What was noted; None: nothing, or a power cut tore it."""
    import json

    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        return LastError(str(noted["code"]), datetime.fromisoformat(noted["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
