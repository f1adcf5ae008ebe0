"""What the screens of one demo share."""

from typing import TYPE_CHECKING

from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.demo.lesson import Lesson

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

PATIENCE_SECONDS = 120
"""Nobody is hurried who learns."""


class DemoScreen(CustomerScreen):
    """A screen about one demo.

    Args:
        flow: Knows which screen follows which.
        lesson: What is practised.
    """

    patience_seconds = PATIENCE_SECONDS

    def __init__(self, flow: "Flow", lesson: Lesson) -> None:
        super().__init__(flow)
        self.lesson = lesson
        self.service = lesson.demo.service

    async def take_ticket(self) -> None:
        """Prefer the counter, as on the screen that the demo was opened from."""
        await self.flow.demos.take_ticket(self.lesson)


class RunScreen(DemoScreen):
    """A screen of a run: it goes when the run is over."""
