"""What the lobby's call board shows: as screens know it, without a database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from kiosk.config import Config

if TYPE_CHECKING:
    from kiosk.services.catalog_parts import LocalizedText
    from kiosk.services.wait import Wait

LAST_CALLS = 5
NEXT_NUMBERS = 3
"""So many of each queue are told beforehand: they get up, the others stay seated."""


class Doing(StrEnum):
    """What a counter is doing."""

    FREE = "free"
    CALLING = "calling"
    """Its customer has not come yet."""
    SERVING = "serving"
    BREAK = "break"
    CLOSED = "closed"


@dataclass(frozen=True)
class Call:
    """A ticket's last call or recall; another call of the same ticket is another one."""

    number: str
    counter: int
    called_at: datetime
    """Aware."""
    is_waited_for: bool
    """Nobody has come yet."""

    @property
    def key(self) -> tuple[str, datetime]:
        """What tells one call from another, whatever becomes of it."""
        return self.number, self.called_at


@dataclass(frozen=True)
class CounterShown:
    """A counter and whom it serves."""

    number: int
    doing: Doing
    ticket: str | None = None
    """The number of the ticket in hand."""
    back_at: datetime | None = None
    """When a break is planned to end; aware."""


@dataclass(frozen=True)
class QueueShown:
    """A queue in which somebody waits."""

    letter: str
    name: "LocalizedText | None"
    """None: the catalog does not know it any more."""
    waiting: int
    next_numbers: tuple[str, ...]
    """In the order of calling."""
    wait: "Wait | None"
    """Of somebody who took a ticket now; None where nobody can know."""


@dataclass(frozen=True)
class BoardView:
    """The branch at one moment."""

    calls: tuple[Call, ...]
    """The last ones, the newest first."""
    counters: tuple[CounterShown, ...]
    """Those that have worked today, by number."""
    queues: tuple[QueueShown, ...]
    """By letter."""
    config: Config
    """With what the branch has set."""

    @property
    def waiting(self) -> int:
        """How many wait in all."""
        return sum(queue.waiting for queue in self.queues)


class BoardSource(Protocol):
    """Where a board looks; each look is short, and blocks."""

    def look(self) -> BoardView | None:
        """Look whether anything has changed.

        Returns:
            What is to be shown from now on; None: what was shown last still holds.

        Raises:
            KioskError: The branch database can't be read.
        """

    def close(self) -> None:
        """Give back what was opened."""
