"""A list to choose from: digits jump to what they name, arrows move, Enter takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult

from kiosk.i18n import NATIVE_NAMES, _, language, language_after
from kiosk.screens.staff import StaffScreen, SwitchingHost
from kiosk.widgets.band import Band
from kiosk.widgets.foot import Foot, FootKey
from kiosk.widgets.panel import Line, Panel, Span
from kiosk.widgets.text import fit
from kiosk.widgets.words import Words

_GAP = "   "
_TOGGLE = ("plus", "space")


@dataclass(frozen=True)
class Item:
    """One thing to choose."""

    code: str
    key: str
    """What is typed to jump to it, or the end of it: letters and digits; stands before it."""
    words: tuple[str, ...]
    """What it is, as many for each item, some empty; the most important first: what has no room
    is left out."""


@dataclass(frozen=True)
class Question:
    """What is asked, in the language in use at that moment."""

    title: Callable[[], str]
    items: Callable[[], Sequence[Item]]
    enter: Callable[[], str]
    """What Enter does."""
    at_once: bool = False
    """A number that is typed whole is taken, or ticked, without Enter."""
    ticked: tuple[str, ...] | None = None
    """Codes that are chosen from the start, where several can be; None: only one can be."""
    needs_one: bool = False
    """Nothing ticked is no answer: Enter waits for a tick."""
    first: str | None = None
    """The code on which the cursor stands at first; none, or one that is not there: the first."""


def _columns(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """The words of each row below each other, in as many columns as there is room for."""
    texts, used = [""] * len(rows), 0
    for column in zip(*rows, strict=True):
        cells = max(map(cell_len, column))
        if used and used + len(_GAP) + cells > width:
            continue
        gap = _GAP if used and cells else ""
        texts = [
            text + gap + word + " " * (cells - cell_len(word))
            for text, word in zip(texts, column, strict=True)
        ]
        used += len(gap) + cells
    return texts


class PickScreen(StaffScreen[tuple[str, ...]]):
    """Choose one thing, or several; goes away with their codes, or with None."""

    BACK: tuple[str, ...] = ("escape", "full_stop")
    """Not a key that does something at the desk, where a second strike of it would land."""
    BACK_KEY = "Esc"
    """As it is written in the foot."""

    def __init__(self, host: SwitchingHost, question: Question) -> None:
        super().__init__(host)
        self.host = host
        self._question = question
        self._typed = ""
        codes = [item.code for item in question.items()]
        self._cursor = codes.index(question.first) if question.first in codes else 0
        self._ticked = set(question.ticked or ())

    def compose(self) -> ComposeResult:
        """The frame and the list."""
        yield Band()
        yield Words(id="title")
        yield Panel(id="list")
        yield Foot()
        yield Words(id="too-small")

    @property
    def _items(self) -> Sequence[Item]:
        return self._question.items()

    def write(self) -> None:
        """Write the texts."""
        title = self._question.title()
        if self._typed and self._is_named():
            title += "  " + _("typed: {text}").format(text=self._typed)
        elif self._typed:
            title += "  " + _("typed: {text}, and there is no such one").format(text=self._typed)
        self.query_one("#title", Words).text = title
        panel = self.query_one("#list", Panel)
        panel.show(self._lines(panel.size.width, panel.size.height))
        keys = [FootKey(self.BACK_KEY, _("Back"), "back")]
        if self._can_take():
            keys.insert(0, FootKey("Enter", self._question.enter(), "enter"))
        if self._question.ticked is not None:
            keys.append(FootKey("+", _("Tick"), "tick"))
        following = NATIVE_NAMES[language_after(language())]
        keys += [FootKey("#", following, "language"), FootKey("↑↓", _("Move"), "down")]
        self.query_one(Foot).show(keys)

    def _lines(self, width: int, height: int) -> list[Line]:
        items = self._items
        first = self._first(len(items), height)
        shown = items[first : first + height]
        marks = [self._mark(item, first + at) for at, item in enumerate(shown)]
        before = cell_len(marks[0]) if marks else 0
        texts = _columns([(item.key, *item.words) for item in shown], width - before)
        return [
            (Span(fit(mark + text, width), "cursor" if first + at == self._cursor else "ink"),)
            for at, (mark, text) in enumerate(zip(marks, texts, strict=True))
        ]

    def _first(self, count: int, height: int) -> int:
        """The item that stands on the first row: the cursor stays in the middle."""
        return max(0, min(self._cursor - height // 2, count - height))

    def _mark(self, item: Item, number: int) -> str:
        mark = "► " if number == self._cursor else "  "
        if self._question.ticked is not None:
            mark += "[x] " if item.code in self._ticked else "[ ] "
        return mark

    def on_key(self, event: events.Key) -> None:
        """Digits, arrows, Enter, and the way back."""
        event.stop()
        key, last = event.key, len(self._items) - 1
        page = max(1, self.query_one("#list", Panel).size.height - 1)
        moves = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -last, "end": last}
        if key in self.BACK or (key == "backspace" and not self._typed):
            self.dismiss(None)
        elif key == "enter":
            self._take()
        elif key in _TOGGLE:
            self._tick()
        elif key in moves:
            self._typed = ""
            self._cursor = max(0, min(self._cursor + moves[key], last))
        elif key == "backspace":
            self._jump(self._typed[:-1])
        elif event.character is not None and event.character.isascii() and key.isalnum():
            self._jump(self._typed + event.character.upper())
        self.show()

    def _jump(self, typed: str) -> None:
        """To what is named: whole, by its end, or by a part of it."""
        self._typed = typed
        keys = [item.key for item in self._items]
        tests: tuple[Callable[[str], bool], ...] = (
            lambda key: key == typed,
            lambda key: key.endswith(typed),
            lambda key: typed in key,
        )
        found = [number for test in tests for number, key in enumerate(keys) if test(key)]
        if typed and found:
            self._cursor = found[0]
        if self._question.at_once and [key for key in keys if key.startswith(typed)] == [typed]:
            if self._question.ticked is None:
                self._take()
            else:
                self._tick()

    def _is_named(self) -> bool:
        """Whether the cursor stands on something that what was typed names."""
        items = self._items
        return bool(items) and self._typed in items[self._cursor].key

    def _can_take(self) -> bool:
        return bool(self._ticked) or not self._question.needs_one

    def _take(self) -> None:
        if not self._can_take():
            return
        if self._question.ticked is not None:
            codes = [item.code for item in self._items if item.code in self._ticked]
            self.dismiss(tuple(codes))
        elif self._is_named():
            self.dismiss((self._items[self._cursor].code,))

    def _tick(self) -> None:
        if self._question.ticked is not None and self._is_named():
            self._ticked ^= {self._items[self._cursor].code}
            self._typed = ""

    @on(Foot.Pressed)
    def press_key(self, event: Foot.Pressed) -> None:
        """Do what the key says that the mouse pressed."""
        match event.action:
            case "enter":
                self._take()
            case "back":
                self.dismiss(None)
            case "tick":
                self._tick()
                self.show()
            case "language":
                self.host.switch_language()
            case _:
                self._cursor = (self._cursor + 1) % max(1, len(self._items))
                self.show()

    def on_click(self, event: events.Click) -> None:
        """The mouse goes to a line and takes it where a digit would, else at the second touch."""
        panel = self.query_one("#list", Panel)
        if not panel.region.contains(event.screen_x, event.screen_y):
            return
        items = self._items
        number = self._first(len(items), panel.size.height) + event.screen_y - panel.region.y
        if number >= len(items):
            return
        is_again, self._cursor, self._typed = number == self._cursor, number, ""
        if self._question.ticked is not None:
            self._tick()
        elif is_again or self._question.at_once:
            self._take()
        self.show()
