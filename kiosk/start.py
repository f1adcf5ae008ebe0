"""Starts the customer terminal. Without Typer: its import is a quarter of the first paint."""

import gc
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.screens.size import LEAST_COLUMNS, LEAST_ROWS

_DEBUG_VARIABLES = re.compile(
    r"TEXTUAL|TEXTUAL_(LOG|DEBUG|DEVTOOLS_.*|SCREENSHOT.*|PRESS|ALLOW_SIGNALS|DRIVER|THEME)"
)


def start(config: Path | None = None, *, size_check: bool = False) -> int:
    """Run the customer terminal until it is stopped; returns the exit status.

    Args:
        config: The configuration file; none: where `kiosk.config.load` looks for it.
        size_check: Refuse a terminal that the screens do not fit on.

    Raises:
        KioskError: Why it can't be started.
    """
    refuse_debug_variables(os.environ)
    refuse_no_terminal()
    if size_check:
        refuse_small_terminal()
    # what is imported and built now stays; collecting begins between sessions (kiosk.app)
    gc.disable()
    from kiosk.config import CONFIG_VARIABLE, load

    if config is not None:
        # this way it holds for whatever the terminal starts, too
        os.environ[CONFIG_VARIABLE] = str(config)
    settings = load()
    from kiosk.app import run

    return run(settings, load)


def refuse_debug_variables(environment: Mapping[str, str]) -> None:
    """Textual's debug variables write keys to files, load classes or open ways out.

    Raises:
        KioskError: `debug_variable`.
    """
    for variable in sorted(environment):
        if _DEBUG_VARIABLES.fullmatch(variable):
            raise KioskError("debug_variable", variable=variable)


def refuse_no_terminal() -> None:
    """Textual reads standard input and draws on standard error.

    Raises:
        KioskError: `no_terminal`.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise KioskError("no_terminal")


def refuse_small_terminal() -> None:
    """Screens are complete from 60 columns and 20 rows.

    Raises:
        KioskError: `terminal_too_small`.
    """
    columns, rows = os.get_terminal_size(sys.stderr.fileno())
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        raise KioskError(
            "terminal_too_small",
            columns=columns,
            rows=rows,
            least_columns=LEAST_COLUMNS,
            least_rows=LEAST_ROWS,
        )
