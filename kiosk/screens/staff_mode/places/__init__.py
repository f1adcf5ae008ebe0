"""The places of staff mode, in the order of their digits."""

from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.places.assist import AssistScreen
from kiosk.screens.staff_mode.places.day_book import DayBookScreen
from kiosk.screens.staff_mode.places.figures import FiguresScreen
from kiosk.screens.staff_mode.places.follow_up import FollowUpScreen
from kiosk.screens.staff_mode.places.morning import MorningScreen
from kiosk.screens.staff_mode.places.now import NowScreen
from kiosk.screens.staff_mode.places.rhythm import RhythmScreen
from kiosk.screens.staff_mode.places.sign_up import SignUpScreen
from kiosk.screens.staff_mode.places.targets import TargetsScreen

PLACES: tuple[type[PlaceScreen], ...] = (
    NowScreen,
    AssistScreen,
    SignUpScreen,
    FollowUpScreen,
    DayBookScreen,
    FiguresScreen,
    TargetsScreen,
    RhythmScreen,
    MorningScreen,
)
