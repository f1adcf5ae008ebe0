"""Whether what a script says has room on the smallest terminal, with every figure filled in."""

from collections.abc import Iterator

from kiosk.boxes import ADDRESS_COLUMNS, LEAST_BOXES, ScreenTexts, least_rows
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

USUAL_LABEL_COLUMNS = {"zh_CN": 8, "en": 14, "zh_TW": 8}
"""What the terminal itself calls the payee, the account's ending, the amount, the fee."""
USUAL_OPTION_COLUMNS = 26
"""What it writes on right and wrong of a confirmation, and on the end."""
_LANGUAGE_NAMES = {"zh_CN": "Chinese", "en": "English", "zh_TW": "Traditional Chinese"}
_AROUND_TITLE = _AROUND_LABEL = 2


def room_problems(demo: Demo, catalog: Catalog) -> list[tuple[str, str]]:
    """What does not fit: keys below the demo's own, and reasons. The demo's route exists."""
    sums = {band: costs_of(catalog, demo, band).money for band in (None, *demo.amounts)}
    found: dict[tuple[str, str], str] = {}
    for money in sums.values():
        for code, screen in demo.screens.items():
            for language in LANGUAGES:
                for key, reason in _screen_problems(demo, screen, money, language):
                    found.setdefault((f"screens.{code}{key}", language), reason)
    problems = [(key, reason) for (key, _), reason in found.items()]
    if demo.emulator == "computer" and len(demo.address) > ADDRESS_COLUMNS:
        reason = f"too long for a browser's line: {len(demo.address)}, {ADDRESS_COLUMNS} fit"
        problems.append(("address", reason))
    return problems


def _screen_problems(demo: Demo, screen: Screen, money: Money, language: str) -> Found:
    box = LEAST_BOXES[demo.emulator]
    texts = screen_texts(screen, money, language)
    rows = least_rows(demo.emulator, texts, box.columns, cells)
    if rows > box.rows:
        is_filled = texts != screen_texts(screen, Money(), language)
        reason = (
            f"too long for its box in {_LANGUAGE_NAMES[language]}: {rows} rows of {box.columns} "
            f"columns, {box.rows} fit; shorten lines or options"
        )
        yield "", reason + (_with(money, language) if is_filled else "")
    for name, text, around in _single_lines(screen):
        words = text.in_language(language)
        width, room = cells(money.fill(words, language)), box.columns - around
        if width > room:
            reason = f"too long for its place: {width} cells, {room} fit"
            yield f".{name}.{language}", reason + _with(money, language)


def _single_lines(screen: Screen) -> Iterator[tuple[str, LocalizedText, int]]:
    """Texts that are not folded, and the blanks around them."""
    yield "title", screen.title, _AROUND_TITLE
    if isinstance(screen, EnterScreen):
        yield "label", screen.label, _AROUND_LABEL


def _with(money: Money, language: str) -> str:
    """Which amount it was."""
    words = money.words(language)
    return f" ({{amount}} is {words['amount']})" if "amount" in words else ""


def screen_texts(screen: Screen, money: Money, language: str) -> ScreenTexts:
    """What a screen shows below its title, as the emulator counts it."""

    def words(text: LocalizedText) -> str:
        return money.fill(text.in_language(language), language)

    lines = tuple(map(words, screen.lines))
    match screen:
        case ChooseScreen(options=options):
            return ScreenTexts(
                lines,
                options=tuple(words(option.label) for option in options if option.part is None),
                slots=tuple(words(option.label) for option in options if option.part is not None),
            )
        case EnterScreen():
            return ScreenTexts(lines, has_entry=True)
        case ConfirmScreen(items=items):
            pairs = tuple(_item(item, money, language) for item in items)
            return ScreenTexts(lines, options=(_usual_option(),) * 2, items=pairs)
        case ResultScreen():
            return ScreenTexts(lines, options=(_usual_option(),))


def _item(item: ConfirmItem, money: Money, language: str) -> tuple[str, str]:
    """Label and value; a word of the terminal's own counts with the room that is kept for it."""
    label = "x" * USUAL_LABEL_COLUMNS[language]
    if item.label is not None:
        label = money.fill(item.label.in_language(language), language)
    value = item.value.in_language(language) if item.value is not None else f"{{{item.what}}}"
    return label, money.fill(value, language)


def _usual_option() -> str:
    return "x" * USUAL_OPTION_COLUMNS
