"""A place where one thing is chosen on the left, and then what came of it on the right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.i18n import _
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.lines import MARGINS, MORE_KEY, keyed
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Span
from kiosk.widgets.touch_panel import TouchPanel

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_ON_DIGITS = 9
_BACK = ("minus", "escape", "backspace")
_BETWEEN = 3
"""Cells between the two sides."""
_BOTH_FROM = 80
"""Columns from which on both sides are seen at once."""


@dataclass(frozen=True)
class Thing:
    """Something to choose on the left."""

    code: str
    words: Line


@dataclass(frozen=True)
class Answer:
    """What can have come of it."""

    code: str
    words: str


class TwoStepScreen(PlaceScreen):
    """Two lists with a digit each: on a narrow window one after the other.

    A subclass says what stands in them, and notes what was chosen in `answered`.
    """

    DIGITS_CHOOSE = True

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self.chosen: str | None = None
        """The code of what was chosen on the left."""
        self._page = 0

    # what a place says of itself

    def left_head(self, width: int) -> Sequence[Line]:
        """What stands over the list on the left."""
        raise NotImplementedError

    def things(self, width: int) -> Sequence[Thing]:
        """What can be chosen, each on a line of at most so many cells."""
        raise NotImplementedError

    def right_head(self, width: int) -> Sequence[Line]:
        """What stands over the answers."""
        raise NotImplementedError

    def right_tail(self, width: int, rows: int) -> tuple[Sequence[Line], Mapping[int, str]]:
        """What stands below the answers once something was chosen, and what a touch on it does.

        Args:
            width: Cells.
            rows: That are left there.
        """
        return (), {}

    def answers(self) -> Sequence[Answer]:
        """What can have come of it, at most nine."""
        raise NotImplementedError

    async def answered(self, thing: str, answer: str) -> None:
        """Note it."""
        raise NotImplementedError

    def has_chosen(self, thing: str) -> None:
        """Something was chosen on the left; its answers can be seen from now on."""

    # the frame

    def work(self) -> Iterable[Widget]:
        """The two sides."""
        with Horizontal(id="sides"):
            yield TouchPanel(id="left")
            yield TouchPanel(id="right")

    def write_work(self) -> None:
        """Write both sides."""
        room = self.size.width - MARGINS
        are_both_seen = self.size.width >= _BOTH_FROM
        if are_both_seen:
            room = (room - _BETWEEN) // 2
        left, right = self.query_one("#left", TouchPanel), self.query_one("#right", TouchPanel)
        left.display = are_both_seen or self.chosen is None
        right.display = are_both_seen or self.chosen is not None
        left.show(*self._left(room))
        # the right side has no height before it is seen
        right.show(*self._right(room, max(left.size.height, right.size.height)))

    def _left(self, width: int) -> tuple[list[Line], dict[int, str]]:
        things = self.things(width - 4)
        first = self._first(len(things))
        lines, actions = list(self.left_head(width)), dict[int, str]()
        for digit, thing in enumerate(things[first : first + _ON_DIGITS], 1):
            actions[len(lines)] = str(digit)
            if thing.code == self.chosen:
                marked = tuple(replace(span, look="cursor") for span in thing.words)
                lines.append(keyed(str(digit), marked, width))
            else:
                lines.append(keyed(str(digit), thing.words, width, is_open=self.chosen is None))
        if len(things) > _ON_DIGITS and self.chosen is None:
            actions[len(lines)] = MORE_KEY
            pages = -(-len(things) // _ON_DIGITS)
            more = _("More ({page} of {pages})").format(page=first // _ON_DIGITS + 1, pages=pages)
            lines.append(keyed("+", (Span(more, "quiet"),), width))
        return lines, actions

    def _right(self, width: int, rows: int) -> tuple[list[Line], dict[int, str]]:
        lines, actions = list(self.right_head(width)), dict[int, str]()
        is_open = self.chosen is not None
        for digit, answer in enumerate(self.answers(), 1):
            if is_open:
                actions[len(lines)] = str(digit)
            words: Line = (Span(answer.words, "ink" if is_open else "quiet"),)
            lines.append(keyed(str(digit), words, width, is_open=is_open))
        if is_open:
            lines.append(())
            tail, more = self.right_tail(width, rows - len(lines))
            actions |= {len(lines) + at: key for at, key in more.items()}
            lines += tail
        return lines, actions

    def _first(self, count: int) -> int:
        """The number of the thing on the digit 1; what is noted meanwhile may leave fewer pages."""
        pages = max(1, -(-count // _ON_DIGITS))
        return self._page % pages * _ON_DIGITS

    # keys

    def foot_keys(self) -> Sequence[FootKey]:
        """Back, which goes one step back first."""
        return [FootKey("-", _("Back"), _BACK[0], can_go=self.chosen is None)]

    def takes(self, key: str) -> bool:
        """Digits choose on the side where a choice is due."""
        if key.isdigit() and key != "0":
            self._take_digit(int(key))
        elif key == MORE_KEY and self.chosen is None:
            self._page += 1
        elif key in _BACK and self.chosen is not None:
            self.chosen = None
        else:
            return False
        return True

    def _take_digit(self, digit: int) -> None:
        thing = self.chosen
        if thing is None:
            things = self.things(self.size.width)
            number = self._first(len(things)) + digit - 1
            if number < len(things):
                self.chosen = things[number].code
                self.has_chosen(self.chosen)
        elif digit <= len(answers := self.answers()):
            answer = answers[digit - 1].code
            self.act(lambda: self.answered(thing, answer))

    def forget(self) -> None:
        """It was noted: begin again with the left side."""
        self.chosen = None

    @on(TouchPanel.Pressed)
    def press_line(self, event: TouchPanel.Pressed) -> None:
        """Do what the key of the line says that was touched."""
        if event.panel.id == "left" and event.action != MORE_KEY:
            self.forget()  # another thing than the one that was chosen
        self.press(event.action)
