"""What a command prints; without Typer, for the commands that can't wait for its import."""

import os
import sys
from collections.abc import Iterable

from kiosk.errors import KioskError
from kiosk.exit_codes import exit_code
from kiosk.sentences import sentence


def say(lines: Iterable[str]) -> None:
    """Print lines on standard output; a reader that has gone away ends the command with 1."""
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except BrokenPipeError:
        # else Python would try once more when it ends, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def tell(error: KioskError) -> int:
    """Say on standard error what happened; returns the exit code."""
    sys.stderr.write(f"{sentence(error)}\n")
    return exit_code(error)
