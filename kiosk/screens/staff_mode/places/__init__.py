"""The places of staff mode, each by its key."""

from collections.abc import Mapping

from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.places.assist import AssistScreen
from kiosk.screens.staff_mode.places.day_book import DayBookScreen
from kiosk.screens.staff_mode.places.figures import FiguresScreen
from kiosk.screens.staff_mode.places.follow_up import FollowUpScreen
from kiosk.screens.staff_mode.places.morning import MorningScreen
from kiosk.screens.staff_mode.places.now import NowScreen
from kiosk.screens.staff_mode.places.reconcile import ReconcileScreen
from kiosk.screens.staff_mode.places.rhythm import RhythmScreen
from kiosk.screens.staff_mode.places.sign_up import SignUpScreen
from kiosk.screens.staff_mode.places.targets import TargetsScreen
from kiosk.screens.staff_mode.places.what_if import WhatIfScreen

PLACES: Mapping[str, type[PlaceScreen]] = {
    "1": NowScreen,
    "2": AssistScreen,
    "3": SignUpScreen,
    "4": FollowUpScreen,
    "5": DayBookScreen,
    "6": FiguresScreen,
    "7": TargetsScreen,
    "8": RhythmScreen,
    "88": WhatIfScreen,
    "9": MorningScreen,
    "99": ReconcileScreen,
}
"""In their order. A keypad has nine digits for them: struck once more, one leads further."""
