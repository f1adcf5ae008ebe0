"""What a demo teaches and what the real thing costs and risks, before anything is practised."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from kiosk.demo_words import WAYS
from kiosk.i18n import _, language
from kiosk.screens.customer.base import SIDE_MARGINS
from kiosk.screens.customer.demo.base import DemoScreen
from kiosk.screens.customer.demo.lesson import Lesson
from kiosk.screens.customer.phrases import (
    channel_time_phrase,
    counter_time_phrase,
    fee_phrase,
    range_phrase,
)
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.demo.runs import Way
from kiosk.widgets.choice_grid import LEAST_HEIGHT, Choice
from kiosk.widgets.panel import Line, Panel, Span
from kiosk.widgets.text import fold

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

MORE = "more"
_BAND_AND_FOOT = 4
_MARGINS = 2
"""Rows above and below the words."""
_INDENT = "  "
Section = tuple[str, Sequence[str]]
"""A heading, or none, and what is said below it."""


def way_choices() -> list[Choice]:
    """The three ways to go through a demo."""
    return [Choice(way, _(WAYS[way])) for way in Way]


class IntroScreen(DemoScreen):
    """One page, or two where the terminal is small."""

    compact = True

    def __init__(self, flow: "Flow", lesson: Lesson) -> None:
        super().__init__(flow, lesson)
        self._page = 0

    def title_text(self) -> str:
        """The transaction."""
        return _("Practise: {demo}").format(demo=self.lesson.text(self.lesson.demo.name))

    def work(self) -> Iterable[Widget]:
        """What is said."""
        yield Panel(id="intro")

    def write(self) -> None:
        """Write the words too."""
        super().write()
        pages = self._pages()
        self._page = min(self._page, len(pages) - 1)
        self.query_one("#intro", Panel).show(pages[self._page])

    def choices(self) -> list[Choice]:
        """The three ways; where the words need two pages, the other one."""
        if len(self._pages()) == 1:
            return way_choices()
        label = _("First page") if self._page else _("More about it")
        return [*way_choices(), Choice(MORE, label)]

    async def choose(self, code: str) -> None:
        """Begin, or turn the page."""
        if code == MORE:
            self._page = (self._page + 1) % len(self._pages())
            self.write()
        else:
            await self.flow.demos.begin(self.lesson, Way(code))

    async def go_back(self) -> None:
        """To the first page, and from there to where the demo was opened."""
        if self._page:
            self._page = 0
            self.write()
        else:
            await super().go_back()

    # --- the words ------------------------------------------------------------------------------

    def _pages(self) -> list[list[Line]]:
        """All of it on one page if it can be; benefits and risks as lists if there is room."""
        room = self._rows(len(way_choices()))
        for together in (False, True):
            for gap in (1, 0):
                page = self._laid_out(self._sections(), together=together, gap=gap)
                if len(page) <= room:
                    return [page]
        return self._two_pages()

    def _two_pages(self) -> list[list[Line]]:
        room, sections = self._rows(len(way_choices()) + 1), list(self._sections())
        first = max(
            count
            for count in range(1, len(sections))
            if count == 1 or len(self._laid_out(sections[:count], together=True, gap=0)) <= room
        )
        return [
            self._laid_out(part, together=True, gap=0)
            for part in (sections[:first], sections[first:])
        ]

    def _rows(self, buttons: int) -> int:
        """Rows beside so many buttons that are as low as may be."""
        title = self.lines_of("#title", width=self.size.width - SIDE_MARGINS)
        columns = 2 if self.has_class("-narrow") else 3
        rows_of_buttons = -(-buttons // columns) * LEAST_HEIGHT
        return self.size.height - _BAND_AND_FOOT - title - _MARGINS - rows_of_buttons

    def _laid_out(self, sections: Iterable[Section], *, together: bool, gap: int) -> list[Line]:
        """Lines on the width of the screen."""
        width = self.size.width - SIDE_MARGINS
        lines: list[Line] = []
        for heading, texts in sections:
            lines += [()] * (gap if lines else 0)
            if together or len(texts) == 1 or not heading:
                lines += _paragraph(heading, texts, width)
            else:
                lines.append((Span(heading, "strong"),))
                for text in texts:
                    lines += [(Span(_INDENT + line),) for line in fold(text, width - len(_INDENT))]
        return lines

    def _sections(self) -> Iterator[Section]:
        demo, text = self.lesson.demo, self.lesson.text
        yield "", [text(demo.learn)]
        yield _("The story"), [text(demo.story)]
        yield from self._costs()
        yield _("Benefits"), _texts(self.lesson, demo.benefits)
        yield _("Take care"), _texts(self.lesson, demo.risks)
        yield _("Official address"), [demo.address]
        yield _("Safety"), [text(demo.safety)]

    def _costs(self) -> Iterator[Section]:
        """Time and fee by the channel beside those at the counter."""
        demo, costs = self.lesson.demo, self.lesson.costs
        route, service = costs.route, costs.service
        if route is None or service is None:
            minutes = demo.minutes
            time = (
                _("Takes {range}").format(range=range_phrase(minutes.low, minutes.high))
                if minutes
                else ""
            )
            yield self._channel(), [_joined([time, fee_phrase(costs.money.fee, None)])]
            return
        time = channel_time_phrase(route.minutes_alone, route.minutes_helped)
        yield self._channel(), [_joined([time, fee_phrase(costs.money.fee, route.fee_note)])]
        time = counter_time_phrase(None, service.minutes)
        fee = fee_phrase(costs.counter_fee, service.fee_note)
        yield _("Counter, with staff"), [_joined([time, fee])]

    def _channel(self) -> str:
        return self.flow.catalog.channel(self.lesson.demo.channel).name.in_language(language())


def _texts(lesson: Lesson, texts: Sequence[LocalizedText]) -> list[str]:
    return [lesson.text(text) for text in texts]


def _joined(texts: Iterable[str]) -> str:
    return "  ·  ".join(filter(None, texts))


def _paragraph(heading: str, texts: Sequence[str], width: int) -> list[Line]:
    """A heading and all that is said, one after the other."""
    whole = _(". ").join(texts)
    if not heading:
        return [(Span(line, "strong"),) for line in fold(whole, width)]
    first, *others = fold(f"{heading}  {whole}", width)
    if not first.startswith(heading):  # never of a heading that is shorter than a line
        return [(Span(line),) for line in (first, *others)]
    return [
        (Span(heading, "strong"), Span(first.removeprefix(heading))),
        *((Span(line),) for line in others),
    ]
