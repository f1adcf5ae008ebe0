"""A text that is read to its end, together with the customer or alone; one that is agreed to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult

from kiosk.i18n import NATIVE_NAMES, _, language, language_after
from kiosk.screens.staff import StaffScreen, SwitchingHost
from kiosk.screens.staff_mode.lines import keyed
from kiosk.widgets.band import Band
from kiosk.widgets.foot import Foot, FootKey
from kiosk.widgets.panel import Line, Span
from kiosk.widgets.text import portions
from kiosk.widgets.touch_panel import TouchPanel
from kiosk.widgets.words import Words

_BACK = ("escape", "minus", "backspace")
_LANGUAGE = ("number_sign", "slash")


@dataclass(frozen=True)
class Text:
    """What is read, in the language in use at that moment."""

    title: Callable[[], str]
    paragraphs: Callable[[], Sequence[str]]
    confirm: Callable[[], str]
    """What Enter does at the end."""
    agree: Callable[[], str] | None = None
    """What must be ticked before; None: nothing."""


class ReadScreen(StaffScreen[bool]):
    """Pages of text; goes away with True once its end was confirmed, else with False."""

    def __init__(self, host: SwitchingHost, text: Text) -> None:
        super().__init__(host)
        self._host = host
        self._text = text
        self._page = 0
        self._is_ticked = False
        self._looks: object = None
        """What the pages were folded for: in another language or size they begin anew."""
        self._pages: list[list[str]] = [[]]

    def compose(self) -> ComposeResult:
        """The frame and the text."""
        yield Band()
        yield Words(id="title")
        yield TouchPanel(id="page")
        yield Foot()
        yield Words(id="too-small")

    def write(self) -> None:
        """Write the page."""
        self.query_one("#title", Words).text = self._text.title()
        panel = self.query_one("#page", TouchPanel)
        width, rows = panel.size.width, panel.size.height
        looks = (language(), width, rows)
        if looks != self._looks:
            self._looks, self._page = looks, 0
            self._is_ticked = False  # what is agreed to are the words that stood there
            needed = 2 if self._text.agree else 0
            self._pages = portions(self._text.paragraphs(), max(1, width), max(1, rows - needed))
        lines: list[Line] = [(Span(line),) for line in self._pages[self._page]]
        actions = {}
        if self._text.agree and self._is_last:
            mark = "[x] " if self._is_ticked else "[ ] "
            actions[len(lines) + 1] = "1"
            words: Line = (Span(mark + self._text.agree(), "strong"),)
            lines += [(), keyed("1", words, width)]
        panel.show(lines, actions)
        self._write_keys()

    def _write_keys(self) -> None:
        keys = []
        if not self._is_last:
            page, count = self._page + 1, len(self._pages)
            more = _("Read on ({page} of {pages})").format(page=page, pages=count)
            keys.append(FootKey("Enter", more, "enter"))
        elif self._text.agree is None or self._is_ticked:
            keys.append(FootKey("Enter", self._text.confirm(), "enter"))
        following = NATIVE_NAMES[language_after(language())]
        keys += [
            FootKey("-", _("Back"), _BACK[0]),
            FootKey("#", following, _LANGUAGE[0]),
        ]
        self.query_one(Foot).show(keys)

    @property
    def _is_last(self) -> bool:
        return self._page == len(self._pages) - 1

    def on_key(self, event: events.Key) -> None:
        """On, back, agree."""
        event.stop()
        self.press(event.key)

    @on(Foot.Pressed)
    def press_key(self, event: Foot.Pressed) -> None:
        """Do what the key says that the mouse pressed."""
        self.press(event.action)

    @on(TouchPanel.Pressed)
    def press_line(self, event: TouchPanel.Pressed) -> None:
        """Tick what was touched."""
        self.press(event.action)

    def press(self, key: str) -> None:
        """Do what a key says."""
        if key in _BACK and self._page == 0:
            self.dismiss(False)
            return
        if key in _BACK:
            self._page -= 1
        elif key in _LANGUAGE:
            self._host.switch_language()
        elif key == "1" and self._text.agree and self._is_last:
            self._is_ticked = not self._is_ticked
        elif key == "enter" and not self._is_last:
            self._page += 1
        elif key == "enter" and (self._text.agree is None or self._is_ticked):
            self.dismiss(True)
            return
        self.show()
