"""A screen of a script as the emulator shows it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kiosk.boxes import EmulatorKind
from kiosk.demo_words import usual_label
from kiosk.i18n import _, language
from kiosk.screens.customer.demo.lesson import Lesson
from kiosk.services.demo.practice import (
    DELETE,
    NEXT,
    RIGHT,
    WRONG,
    Passed,
    Practice,
    length_of,
    option_code,
    whole_entry,
)
from kiosk.services.demo.script import ChooseScreen, ConfirmItem, ConfirmScreen, EnterScreen
from kiosk.widgets.emulator import Bubble, EmulatorView, EntryView, ItemView, OptionView

SHOWN_KEY = "1"
"""What plays the next step, whatever it is."""


def emulator_view(
    lesson: Lesson, practice: Practice, clock: str, *, is_shown: bool
) -> EmulatorView:
    """What the emulator shows now.

    Args:
        lesson: What is practised.
        practice: How far the learner is.
        clock: Hours and minutes, for the status bar.
        is_shown: Whether each step is shown: then what leads on is pointed at.
    """
    screen = practice.screen
    options = tuple(_options(lesson, practice))
    entry = _entry(lesson, practice, is_shown=is_shown)
    if is_shown:
        options = _pointed(options, practice.right_press(), lesson.demo.emulator)
    return EmulatorView(
        title=lesson.text(screen.title),
        clock=clock,
        simulated=_("Simulation · not real"),
        lines=tuple(lesson.text(line) for line in screen.lines),
        options=options,
        items=tuple(_items(lesson, practice)),
        entry=entry,
        bubbles=tuple(_said_before(lesson, practice)),
        is_result=screen.kind == "result",
        address=lesson.demo.address,
        card_slot=_("Card"),
        cash_slot=_("Cash"),
    )


def is_complete(practice: Practice) -> bool:
    """Whether nothing more can be typed: only then digits have their usual meaning."""
    screen = practice.screen
    return not isinstance(screen, EnterScreen) or (
        len(practice.standing.typed) >= length_of(screen, practice.money)
    )


def _pointed(
    options: Sequence[OptionView], right: str, emulator: EmulatorKind
) -> tuple[OptionView, ...]:
    """The option that leads on, with the key that plays it; of a call, with what is dialled."""
    return tuple(
        replace(
            each,
            key=each.key if emulator == "call" else SHOWN_KEY if each.code == right else "",
            pointed=each.code == right,
        )
        for each in options
    )


def _options(lesson: Lesson, practice: Practice) -> Iterator[OptionView]:
    screen = practice.screen
    if isinstance(screen, ChooseScreen):
        for at, option in enumerate(screen.options):
            yield OptionView(
                option_code(at), lesson.text(option.label), str(at + 1), option.part or ""
            )
    elif isinstance(screen, ConfirmScreen):
        yield OptionView(RIGHT, _("Right"), "1")
        yield OptionView(WRONG, _("Not right: stop"), "2")
    elif not isinstance(screen, EnterScreen):
        yield OptionView(NEXT, _("End the demo"), "1")


def _entry(lesson: Lesson, practice: Practice, *, is_shown: bool) -> EntryView | None:
    screen = practice.screen
    if not isinstance(screen, EnterScreen):
        return None
    complete = is_complete(practice)
    key = SHOWN_KEY if is_shown or (complete and lesson.demo.emulator != "call") else "Enter"
    return EntryView(
        label=lesson.text(screen.label),
        typed=practice.standing.typed,
        delete=OptionView(DELETE, _("Delete"), "" if is_shown else "."),
        next=OptionView(NEXT, _("Go on"), key, pointed=is_shown and complete),
        length=0 if screen.expects == "amount" else length_of(screen, practice.money),
        complete=complete,
        pointed=is_shown and not complete,
        code=practice.right_press() if is_shown and not complete else "",
    )


# --- what is confirmed --------------------------------------------------------------------------


def item_label(lesson: Lesson, item: ConfirmItem) -> str:
    """What is confirmed."""
    if item.label is not None:
        return lesson.text(item.label)
    return usual_label(item.what)


def item_value(lesson: Lesson, item: ConfirmItem) -> str:
    """What stands there; figures are worked out."""
    if item.value is not None:
        return lesson.text(item.value)
    return lesson.costs.money.words(language()).get(item.what, "")


def _items(lesson: Lesson, practice: Practice) -> Iterator[ItemView]:
    screen = practice.screen
    if not isinstance(screen, ConfirmScreen):
        return
    asked = practice.standing.item
    for at, item in enumerate(screen.items):
        yield ItemView(
            item_label(lesson, item),
            item_value(lesson, item),
            "confirmed" if at < asked else "asked" if at == asked else "open",
        )


# --- a conversation -----------------------------------------------------------------------------


def _said_before(lesson: Lesson, practice: Practice) -> Iterator[Bubble]:
    """What was said since the conversation began: another title is another conversation."""
    here = practice.screen.title
    said: list[Passed] = []
    for passed in reversed(practice.standing.sent):
        if lesson.demo.screens[passed.screen].title != here:
            break
        said.append(passed)
    for passed in reversed(said):
        if lines := lesson.demo.screens[passed.screen].lines:
            yield Bubble("\n".join(map(lesson.text, lines)), sent=False)
        yield Bubble(_sent(lesson, practice, passed), sent=True)


def _sent(lesson: Lesson, practice: Practice, passed: Passed) -> str:
    screen = lesson.demo.screens[passed.screen]
    if isinstance(screen, ChooseScreen):
        return lesson.text(screen.options[int(passed.press.partition(":")[2])].label)
    if isinstance(screen, EnterScreen):
        return whole_entry(screen, practice.money)
    return _("Not right: stop") if passed.press == WRONG else _("Right")
