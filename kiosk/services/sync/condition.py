"""How this terminal is, for those who look after many: codes and numbers, never a sentence."""

from typing import Final

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.disk_space import free_mb
from kiosk.last_error import read_last_error
from kiosk.lock import held_since_ns
from kiosk.services.printing.printing import printer_state
from kiosk.services.sync.wire import Condition

_NANOSECONDS: Final = 1_000_000_000


def read_condition(settings: Config, clock: Clock) -> Condition:
    """Look at this machine; quick, and nothing is asked of a device.

    Args:
        settings: Of the terminal.
        clock: The machine's.
    """
    begun = held_since_ns(settings.store_path, "terminal", clock.boot_id)
    error = read_last_error(settings.last_error_path)
    return Condition(
        up_seconds=None if begun is None else (clock.monotonic_ns() - begun) // _NANOSECONDS,
        printer=None if settings.printer.kind == "none" else printer_state(settings),
        free_mb=free_mb(settings.data_folder),
        last_error=error.code if error else None,
        last_error_at=error.at if error else None,
        goes_out=settings.terminal.outreach,
    )
