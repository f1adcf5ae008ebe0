"""Sentences that several screens of a demo say the same way."""

from kiosk.i18n import _
from kiosk.screens.customer.demo.lesson import Lesson


def others_label(lesson: Lesson) -> str:
    """Where a demo is left to."""
    if lesson.offer is None:
        return _("Other demos")
    return _("Back to the steps") if lesson.is_accepted else _("Back to the choice")
