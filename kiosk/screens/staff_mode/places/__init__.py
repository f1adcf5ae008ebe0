"""The places of staff mode, in the order of their digits."""

from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.places.now import NowScreen

PLACES: tuple[type[PlaceScreen], ...] = (NowScreen,)
