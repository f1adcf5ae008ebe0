"""How much room a simulated screen has on the smallest terminal: what is drawn, and what fits."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """Cells inside the frame, below its title."""

    columns: int
    rows: int


LEAST_BOXES = {
    "phone": Box(28, 12),
    "computer": Box(34, 12),
    "sms": Box(28, 12),
    "call": Box(28, 12),
    "atm": Box(34, 12),
}
"""By kind of emulator, on a terminal of 60×20."""
