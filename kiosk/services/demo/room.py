"""Whether what a script says has room on the smallest terminal, with every figure filled in."""

from collections.abc import Iterable, Iterator

from kiosk.boxes import (
    ADDRESS_COLUMNS,
    CHECK_ROWS,
    COACH_ROWS,
    LEAST_BOXES,
    ScreenTexts,
    least_check_rows,
    least_coach_columns,
    least_coach_rows,
    least_rows,
)
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_parts import LANGUAGES, LocalizedText, cells
from kiosk.services.catalog_tables import Found
from kiosk.services.demo.costs import costs_of
from kiosk.services.demo.money import Money
from kiosk.services.demo.script import (
    ChooseScreen,
    ConfirmItem,
    ConfirmScreen,
    Demo,
    EnterScreen,
    ResultScreen,
    Screen,
)

LABEL_COLUMNS = {"zh_CN": 8, "en": 14, "zh_TW": 10}
CAPITALS_LABEL_COLUMNS = {"zh_CN": 8, "en": 19, "zh_TW": 10}
"""What the terminal itself calls an item that is confirmed."""
OPTION_COLUMNS = 26
"""What it writes on right and wrong of a confirmation, and on the end."""
_QUESTION = "x" * 10
"""What the coach asks behind an item and its value."""
_LANGUAGE_NAMES = {"zh_CN": "Chinese", "en": "English", "zh_TW": "Traditional Chinese"}
_AROUND_TITLE = _AROUND_LABEL = 2


def room_problems(demo: Demo, catalog: Catalog) -> list[tuple[str, str]]:
    """What does not fit: keys below the demo's own, and reasons. The demo's route exists."""
    found: dict[tuple[str, str], str] = {}
    for band in (None, *demo.amounts):
        money = costs_of(catalog, demo, band).money
        for language in LANGUAGES:
            for key, reason in _Room(demo, money, language).problems():
                only = f", with the amount of {band}" if band else ""
                found.setdefault((key, language), reason + only)
    problems = [(key, reason) for (key, _), reason in found.items()]
    if demo.emulator == "computer" and len(demo.address) > ADDRESS_COLUMNS:
        reason = f"too long for a browser's line: {len(demo.address)}, {ADDRESS_COLUMNS} fit"
        problems.append(("address", reason))
    return problems


class _Room:
    """The room that a demo's texts take with one amount, in one language."""

    def __init__(self, demo: Demo, money: Money, language: str) -> None:
        self._demo = demo
        self._money = money
        self._language = language

    def problems(self) -> Found:
        for code, screen in self._demo.screens.items():
            for key, reason in (*self._box(screen), *self._single_lines(screen)):
                yield f"screens.{code}{key}", reason
            yield from self._coach(code, screen)
        yield from self._check()

    def _words(self, text: LocalizedText) -> str:
        return self._money.fill(text.in_language(self._language), self._language)

    def _too_long(self, place: str, needed: str, room: int) -> str:
        return f"too long for {place} in {_LANGUAGE_NAMES[self._language]}: {needed}, {room} fit"

    def _box(self, screen: Screen) -> Found:
        """Below the title of the simulated screen."""
        kind, box = self._demo.emulator, LEAST_BOXES[self._demo.emulator]
        if (rows := least_rows(kind, self._shown(screen), box.columns, cells)) > box.rows:
            yield "", self._too_long("its box", f"{rows} rows of {box.columns} columns", box.rows)

    def _single_lines(self, screen: Screen) -> Found:
        """What is not folded."""
        columns = LEAST_BOXES[self._demo.emulator].columns
        lines = [("title", screen.title, columns - _AROUND_TITLE)]
        if isinstance(screen, EnterScreen):
            lines.append(("label", screen.label, columns - _AROUND_LABEL))
        for name, text, room in lines:
            if (width := cells(self._words(text))) > room:
                yield f".{name}", self._too_long("its line", f"{width} cells", room)

    def _coach(self, code: str, screen: Screen) -> Found:
        """What the coach says, below each other: what to do, and one of the other things."""
        tasks = [self._words(screen.task)]
        if isinstance(screen, ConfirmScreen):
            tasks += [" ".join((*self._item(item), _QUESTION)) for item in screen.items]
        task = max(tasks, key=cells)
        says = {f"screens.{code}{key}": self._words(text) for key, text in _said(screen)}
        says["story"] = self._words(self._demo.story)
        if self._surely_fits(task, says.values()):
            return
        for key, words in says.items():
            rows = least_coach_rows(self._demo.emulator, task, (words,), cells)
            if rows > COACH_ROWS:
                needed = f"{rows} rows with the task of {code}"
                yield key, self._too_long("the coach", needed, COACH_ROWS)

    def _surely_fits(self, task: str, says: Iterable[str]) -> bool:
        """Without folding any of it: two lines together are wider than one can be."""
        columns = least_coach_columns(self._demo.emulator)
        widths = (cells(task), max(map(cells, says)))
        return sum(2 * width // columns + 1 for width in widths) <= COACH_ROWS

    def _check(self) -> Found:
        for at, check in enumerate(self._demo.check):
            answers = tuple(self._words(answer.label) for answer in check.answers)
            rows = least_check_rows(self._words(check.question), answers, cells)
            if rows > CHECK_ROWS:
                needed = f"{rows} rows with its answers"
                yield f"check[{at}]", self._too_long("the screen", needed, CHECK_ROWS)

    def _shown(self, screen: Screen) -> ScreenTexts:
        """What a screen shows below its title, as the emulator counts it."""
        lines = tuple(map(self._words, screen.lines))
        match screen:
            case ChooseScreen(options=options):
                return ScreenTexts(
                    lines,
                    options=tuple(self._words(each.label) for each in options if not each.part),
                    slots=tuple(self._words(each.label) for each in options if each.part),
                )
            case EnterScreen():
                return ScreenTexts(lines, has_entry=True)
            case ConfirmScreen(items=items):
                shown = tuple(map(self._item, items))
                return ScreenTexts(lines, options=("x" * OPTION_COLUMNS,) * 2, items=shown)
            case ResultScreen():
                return ScreenTexts(lines, options=("x" * OPTION_COLUMNS,))

    def _item(self, item: ConfirmItem) -> tuple[str, str]:
        """Label and value; a word of the terminal's own counts with the room kept for it."""
        value = self._money.words(self._language).get(item.what, "")
        if item.value is not None:
            value = self._words(item.value)
        if item.label is not None:
            return self._words(item.label), value
        widths = CAPITALS_LABEL_COLUMNS if item.what == "capitals" else LABEL_COLUMNS
        return "x" * widths[self._language], value


def _said(screen: Screen) -> Iterator[tuple[str, LocalizedText]]:
    """What the coach may say on a screen."""
    yield ".hint", screen.hint
    match screen:
        case ChooseScreen(options=options):
            for at, option in enumerate(options):
                if option.wrong is not None:
                    yield f".options[{at}].wrong", option.wrong
        case EnterScreen(wrong=wrong):
            yield ".wrong", wrong
        case ConfirmScreen(trap=trap) if trap is not None:
            yield ".trap.wrong", trap.wrong
