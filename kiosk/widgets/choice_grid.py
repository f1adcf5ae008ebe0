"""Large buttons that are touched, or chosen by their digit.

One widget draws them all: a screen of twelve `Button`s takes several times as long to appear.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from kiosk.widgets.drawn import TouchedWidget
from kiosk.widgets.text import fit, fold, fold_evenly, shorten

MOST_ON_A_PAGE = 7
"""Digits 1 to 7; the others have the same meaning on every screen."""
MORE_KEY = "7"
_LEAST_WIDTH = 20
"""Cells; a button that is narrower can't hold a label."""
LEAST_HEIGHT = 3
"""Rows of the smallest button."""
_DIGIT_WIDTH = 4
"""Cells of a digit and the gap behind it."""
_NO_DIGIT = " " * _DIGIT_WIDTH
_AROUND_LABEL = 9
"""Cells of a box beside its label: blanks, borders, the digit."""
_LARGE_HEIGHT = 4
"""Rows of a button in large type, at least."""
_FRAME, _FRAME_OF_CURSOR, _FRAME_OF_PRESSED = tuple("┌─┐│└┘"), tuple("┏━┓┃┗┛"), (" ",) * 6
"""What is pressed is one block of colour, without a line."""


@dataclass(frozen=True)
class Choice:
    """One button."""

    code: str
    """What the screen knows it by."""
    label: str
    lines: tuple[str, ...] = ()
    """Quiet lines below the label; one without room ends after an earlier comma, or is left out."""
    key: str | None = None
    """What is struck for it; None: the digit of its place; empty: it can only be touched."""
    below: bool = False
    """Of cards: it stands below them, and is no card."""


@dataclass(frozen=True)
class _Box:
    key: str
    choice: Choice
    row: int
    column: int
    turns_page: bool = False


@dataclass(frozen=True)
class Layout:
    """How choices stand on the screen."""

    columns: int
    rows: int
    row_height: int
    per_page: int
    """How many choices stand on one page; one box less than there are if there are pages."""


def lay_out(count: int, width: int, height: int, *, large: bool, widest: int = 0) -> Layout:
    """Find the grid with the tallest buttons.

    Args:
        count: How many choices there are.
        width: Cells.
        height: Cells.
        large: Large type: as few columns as there can be with buttons of at least four rows. Where
            these don't fit on one page, as in normal type: to turn pages is harder than to touch
            a lower button.
        widest: Cells of the longest label; no column is too narrow for it, if one can hold it.
    """
    count = max(1, count)
    least = max(_LEAST_WIDTH, widest + _AROUND_LABEL)
    most = max(1, min(3, width // least))
    if large and count <= MOST_ON_A_PAGE:
        for columns in range(1, most + 1):
            rows = -(-count // columns)
            if rows * _LARGE_HEIGHT <= height:
                return _with_pages(count, columns, rows, height, tallest=5)
    count_on_page = min(count, MOST_ON_A_PAGE)
    best = None
    for columns in range(1, most + 1):
        rows = -(-count_on_page // columns)
        layout = _with_pages(count, columns, rows, height, tallest=5)
        if best is None or layout.row_height > best.row_height:
            best = layout
    assert best is not None  # noqa: S101 (there is at least one column)
    if best.row_height >= LEAST_HEIGHT:
        return best
    return _with_pages(count, most, max(1, height // LEAST_HEIGHT), height, tallest=5)


def _with_pages(count: int, columns: int, rows: int, height: int, *, tallest: int) -> Layout:
    boxes = columns * rows
    per_page = count if count <= min(boxes, MOST_ON_A_PAGE) else min(boxes, MOST_ON_A_PAGE) - 1
    return Layout(columns, rows, max(1, min(tallest, height // rows)), max(1, per_page))


TurnChoice = Callable[[int, int], Choice]
"""What the box says that turns the page, on which page of how many."""


def _no_turn(page: int, pages: int) -> Choice:  # noqa: ARG001 (as every other one is called)
    """Where all choices are sure to have room."""
    return Choice("", "")


def _width_in_two_lines(labels: Sequence[str], widest: int) -> int:
    """The least cells on which every label folds into two lines."""
    return next(
        width
        for width in range(widest // 2, widest + 1)
        if all(len(fold(label, width)) <= 2 for label in labels)
    )


class ChoiceGrid(TouchedWidget[int], can_focus=True):
    """A page of choices; touch, digit, or arrows and Enter."""

    COMPONENT_CLASSES = {
        "choice-grid--edge",
        "choice-grid--digit",
        "choice-grid--label",
        "choice-grid--line",
        "choice-grid--cursor",
        "choice-grid--pressed",
    }
    BINDINGS = [
        Binding("up", "move(0, -1)", show=False),
        Binding("down", "move(0, 1)", show=False),
        Binding("left", "move(-1, 0)", show=False),
        Binding("right", "move(1, 0)", show=False),
        Binding("enter", "choose", show=False),
    ]

    cursor: reactive[int | None] = reactive(None)
    """The box that Enter chooses; none until somebody uses the arrows: nothing is preselected."""
    _pressed: reactive[int | None] = reactive(None)

    class Chosen(Message):
        """A choice was made."""

        def __init__(self, code: str, *, touched: bool) -> None:
            super().__init__()
            self.code = code
            self.touched = touched
            """Whether a finger chose it, and not a key."""

    def __init__(self, *, cards: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choices: tuple[Choice, ...] = ()
        self._more: TurnChoice = _no_turn
        self._cards = cards
        self._large = False
        self._page = 0
        self._strips: list[Strip] = []
        self._styles_of: dict[str, Style] = {}

    def show(
        self, choices: Sequence[Choice], more: TurnChoice | None = None, *, large: bool = False
    ) -> None:
        """Show these choices.

        Args:
            choices: In the order of their digits.
            more: The box that turns the page, if not all fit on one.
            large: Lay out for large type.
        """
        if [each.code for each in choices] != [each.code for each in self._choices]:
            self._page = 0
        if large != self._large:
            self._page = 0
        self._choices, self._large = tuple(choices), large
        self._more = more or self._more
        self.cursor = None
        self._pressed = None
        self.refresh()

    @property
    def codes_on_page(self) -> tuple[str, ...]:
        """The choices that can be seen now."""
        return tuple(box.choice.code for box in self._boxes() if not box.turns_page)

    @property
    def texts_on_page(self) -> tuple[str, ...]:
        """What the boxes say that can be seen now, each behind its key."""
        return tuple(
            " ".join((box.key, box.choice.label, *box.choice.lines)) for box in self._boxes()
        )

    def press_key(self, key: str) -> bool:
        """Choose by digit; returns whether there is such a box."""
        for number, box in enumerate(self._boxes()):
            if box.key == key:
                self._press(number)
                return True
        return False

    def release(self) -> None:
        """Show no button as pressed any more, now that its step is over."""
        if self._pressed is None:
            return
        # a refresh would repaint the screen in front of this one
        self.set_reactive(ChoiceGrid._pressed, None)
        if self.screen.is_current:
            self.refresh()

    def action_move(self, right: int, down: int) -> None:
        """Move the cursor with the arrows."""
        boxes = self._boxes()
        if self.cursor is None:
            self.cursor = 0 if boxes else None
            return
        target = self.cursor + right + down * self._layout().columns
        if down > 0 and boxes[-1].row > boxes[self.cursor].row:
            target = min(target, len(boxes) - 1)  # the last row may be shorter
        if 0 <= target < len(boxes):
            self.cursor = target

    def action_choose(self) -> None:
        """Choose what the cursor is on."""
        if self.cursor is not None:
            self._press(self.cursor)

    def touch(self, target: int) -> None:
        """Choose what was touched."""
        self._press(target, touched=True)

    def target_at(self, x: int, y: int) -> int | None:
        """The number of the box at a cell."""
        for number, area in enumerate(self._areas(self._layout(), self._boxes())):
            if area.contains(x, y):
                return number
        return None

    def on_resize(self) -> None:
        """Start from the first page: another size has other pages."""
        self._page = 0

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As tall as its buttons, where the height is left to it."""
        return self._layout().rows * LEAST_HEIGHT

    def prepare(self) -> None:
        """Draw all lines at once: they share the layout, the texts and the styles."""
        self._styles_of = {
            part: self.get_component_rich_style(f"choice-grid--{part}")
            for part in ("edge", "digit", "label", "line", "cursor", "pressed")
        }
        layout, boxes = self._layout(), self._boxes()
        places = enumerate(zip(boxes, self._areas(layout, boxes), strict=True))
        self._strips = []
        for _row, on_row in groupby(places, lambda place: place[1][0].row):
            drawn = [
                self._box_lines(number, box, area.width, area.height)
                for number, (box, area) in on_row
            ]
            for lines in zip(*drawn, strict=True):
                segments = [segment for line in lines for segment in line]
                self._strips.append(Strip(segments).adjust_cell_length(self.size.width, self.plain))

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.plain)

    def _layout(self) -> Layout:
        width, height = self.size
        if self._cards:
            below = len(self._choices) - len(self._side_by_side)
            tall = max(height - below * LEAST_HEIGHT, 1)
            return Layout(len(self._side_by_side) or 1, 1 + below, tall, len(self._choices))
        return self._layout_in(width, max(height, 1))

    @property
    def _side_by_side(self) -> tuple[Choice, ...]:
        return tuple(choice for choice in self._choices if not choice.below)

    def _areas(self, layout: Layout, boxes: Sequence[_Box]) -> list[Region]:
        """Where each box of this page stands."""
        width = self.size.width
        edges = [round(width * each / layout.columns) for each in range(layout.columns + 1)]
        tall = layout.row_height
        return [
            Region(0, tall + (box.row - 1) * LEAST_HEIGHT, width, LEAST_HEIGHT)
            if box.choice.below
            else Region(
                edges[box.column],
                box.row * tall,
                edges[box.column + 1] - edges[box.column],
                tall,
            )
            for box in boxes
        ]

    def _layout_in(self, width: int, height: int) -> Layout:
        count = len(self._choices)
        turns = (self._more(page, 2) for page in (1, 2))
        labels = [choice.label for choice in (*self._choices, *turns)]
        widest = max(map(cell_len, labels))
        layout = lay_out(count, width, height, large=self._large, widest=widest)
        if layout.per_page < count:
            # labels on two lines are easier than pages
            half = _width_in_two_lines(labels, widest)
            folded = lay_out(count, width, height, large=self._large, widest=half)
            if folded.per_page > layout.per_page and folded.row_height >= _LARGE_HEIGHT:
                return folded
        return layout

    def pages_in(self, width: int, height: int) -> int:
        """How many pages the choices would take on so many cells."""
        return -(-len(self._choices) // self._layout_in(width, height).per_page)

    def _boxes(self) -> list[_Box]:
        """What stands on this page; every page counts from 1, as its words do."""
        layout = self._layout()
        page, pages = self._page_of(layout)
        first = page * layout.per_page
        shown = self._choices[first : first + layout.per_page]
        boxes = [
            _Box(
                str(number + 1) if choice.key is None else choice.key,
                choice,
                *self._place(number, layout),
            )
            for number, choice in enumerate(shown)
        ]
        if pages > 1:
            place = divmod(len(boxes), layout.columns)
            boxes.append(_Box(MORE_KEY, self._more(page + 1, pages), *place, turns_page=True))
        return boxes

    def _place(self, number: int, layout: Layout) -> tuple[int, int]:
        """Row and column of a box; what stands below cards has a row for itself."""
        if self._choices[number].below:
            return number - layout.columns + 1, 0
        return divmod(number, layout.columns)

    def _page_of(self, layout: Layout) -> tuple[int, int]:
        """The page that is shown, from 0, and how many there are: fewer in another language."""
        pages = max(1, -(-len(self._choices) // layout.per_page))
        return min(self._page, pages - 1), pages

    def _press(self, number: int, *, touched: bool = False) -> None:
        box = self._boxes()[number]
        if box.turns_page:
            page, pages = self._page_of(self._layout())
            self._page = (page + 1) % pages
            self.cursor = self._pressed = None
            self.refresh()
            return
        self._pressed = number
        self.post_message(self.Chosen(box.choice.code, touched=touched))

    def _style(self, part: str, number: int) -> Style:
        style = self._styles_of[part]
        if number == self._pressed:
            return style + self._styles_of["pressed"]
        # the line runs through the middle of its cells: filled ones would show on either side of it
        if number == self.cursor and part != "edge":
            return style + self._styles_of["cursor"]
        return style

    def _frame(self, number: int) -> tuple[str, ...]:
        if number == self._pressed:
            return _FRAME_OF_PRESSED
        return _FRAME_OF_CURSOR if number == self.cursor else _FRAME

    def _box_lines(self, number: int, box: _Box, width: int, height: int) -> list[list[Segment]]:
        """A button, line by line, with an empty cell on either side."""
        inner, room = width - 4, height - 2
        edge, line_style = self._style("edge", number), self._style("line", number)
        label, quiet = (
            self._card_texts(box, room)
            if self._cards and not box.choice.below
            else self._texts(box, inner - _DIGIT_WIDTH, room)
        )
        texts = [*label, *quiet]
        # cards are read side by side: their labels stand on one line
        is_card = self._cards and not box.choice.below
        above = 1 if is_card and len(texts) < room else (room - len(texts)) // 2
        texts = [""] * above + texts
        texts += [""] * (room - len(texts))
        left_top, level, right_top, upright, left_bottom, right_bottom = self._frame(number)
        lines = [[Segment(left_top + level * inner + right_top, edge)]]
        for at, text in enumerate(texts[:room], -above):
            style = self._style("label", number) if 0 <= at < len(label) else line_style
            key = f" {box.key} " if box.key else "   "
            digit_style = self._style("digit", number) if box.key else style
            digit = [Segment(key, digit_style), Segment(" ", style)]
            lines.append(
                [
                    Segment(upright, edge),
                    *(digit if at == 0 else [Segment(_NO_DIGIT, style)]),
                    Segment(fit(text, inner - _DIGIT_WIDTH), style),
                    Segment(upright, edge),
                ]
            )
        lines.append([Segment(left_bottom + level * inner + right_bottom, edge)])
        around = Segment(" ", self.plain)
        return [[around, *line, around] for line in lines[:height]]

    def _texts(self, box: _Box, width: int, room: int) -> tuple[list[str], list[str]]:
        """The label's lines and the quiet ones below it, as far as there is room."""
        room = max(room, 1)
        label = fold_evenly(box.choice.label, width)[:room]
        quiet: list[str] = []
        for line in box.choice.lines:
            quiet += shorten(line, width - 1, room - len(label) - len(quiet))
        return label, quiet

    def _card_texts(self, box: _Box, room: int) -> tuple[list[str], list[str]]:
        """As `_texts`, with times and fees level on all cards where there is room for it."""
        choices = self._side_by_side
        width = self.size.width // len(choices) - 4 - _DIGIT_WIDTH  # of the narrowest
        labels = [fold_evenly(choice.label, width) for choice in choices]
        cards = [[fold(line, width - 1) for line in choice.lines] for choice in choices]
        rows = [max(map(len, level)) for level in zip_longest(*cards, fillvalue=[])]
        needed = max(map(len, labels)) + sum(rows)
        if needed > room:
            return self._texts(box, width, room)
        before = [""] if needed + len(rows) < room else []
        number = choices.index(box.choice)
        label, quiet = labels[number], [""] * (max(map(len, labels)) - len(labels[number]))
        for height, lines in zip(rows, cards[number], strict=False):
            quiet += [*before, *lines, *[""] * (height - len(lines))]
        return label, quiet
