"""Branch Kiosk: a terminal for a bank's lobby."""

__version__ = "0.1.0"
