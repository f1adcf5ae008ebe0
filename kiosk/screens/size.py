"""The smallest terminal that the screens are made for."""

LEAST_COLUMNS, LEAST_ROWS = 60, 20


def is_too_small(columns: int, rows: int) -> bool:
    """Whether the screens would be cut off."""
    return columns < LEAST_COLUMNS or rows < LEAST_ROWS
