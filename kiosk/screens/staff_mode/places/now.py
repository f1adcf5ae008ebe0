"""What goes on in the lobby just now."""

from kiosk.i18n import N_
from kiosk.screens.staff_mode.base import PlaceScreen


class NowScreen(PlaceScreen):
    """The first place."""

    NAME = N_("Now")
