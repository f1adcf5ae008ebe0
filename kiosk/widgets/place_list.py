"""The places of staff mode with their digits; where somebody is stands out."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from kiosk.widgets.drawn import TouchedWidget

Place = tuple[str, str]
"""The digit, and the name."""


class PlaceList(TouchedWidget[Place]):
    """One row, or as many as the names need.

    Where digits choose something else, they stand here without the mark of a key; a touch leads on.
    """

    COMPONENT_CLASSES = {"place-list--key", "place-list--here"}

    class Chosen(Message):
        """A place was touched."""

        def __init__(self, digit: str) -> None:
            super().__init__()
            self.digit = digit

    def __init__(self) -> None:
        super().__init__()
        self._places: tuple[Place, ...] = ()
        self._here = ""
        self._digits_lead = True

    def show(self, places: Sequence[Place], here: str, *, digits_lead: bool = True) -> None:
        """Show these places.

        Args:
            places: From left to right.
            here: The digit of the one in front.
            digits_lead: Whether a digit that is struck leads to its place.
        """
        shown = (tuple(places), here, digits_lead)
        if shown != (self._places, self._here, self._digits_lead):
            self._places, self._here, self._digits_lead = shown
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the names need."""
        return len(self._rows(width))

    def touch(self, target: Place) -> None:
        """Tell which place was touched."""
        self.post_message(self.Chosen(target[0]))

    def target_at(self, x: int, y: int) -> Place | None:
        """The place at a cell."""
        rows, edge = self._rows(self.size.width), 0
        for place in rows[y] if y < len(rows) else ():
            edge += cell_len(_text(place))
            if x < edge:
                return place
        return None

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        rows, segments = self._rows(self.size.width), []
        key = self.get_component_rich_style("place-list--key") if self._digits_lead else self.plain
        for place in rows[y] if y < len(rows) else ():
            if place[0] == self._here:
                here = self.get_component_rich_style("place-list--here")
                segments.append(Segment(_text(place), here))
            else:
                segments += [
                    Segment(" ", self.plain),
                    Segment(place[0], key),
                    Segment(f" {place[1]} ", self.plain),
                ]
        return Strip(segments).adjust_cell_length(self.size.width, self.plain)

    def _rows(self, width: int) -> list[list[Place]]:
        rows: list[list[Place]] = []
        room = 0
        for place in self._places:
            cells = cell_len(_text(place))
            if not rows or cells > room:
                rows.append([])
                room = width
            rows[-1].append(place)
            room -= cells
        return rows


def _text(place: Place) -> str:
    return f" {place[0]} {place[1]} "
