"""What stands at the head of a report: whose figures they are, and of which days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.i18n import language

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.services.demos_report import Days


def place(settings: Config, *, store: bool) -> str:
    """The branch's name, and the terminal's where only its own figures are shown."""
    name = settings.branch.name.in_language(language())
    return f"{name} · {settings.terminal.code}" if store else name


def span(days: Days) -> str:
    """The days."""
    first, last = f"{days.first:%Y-%m-%d}", f"{days.last:%Y-%m-%d}"
    return first if first == last else f"{first} – {last}"
