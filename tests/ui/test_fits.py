"""Every screen at every size in every language and type: nothing is cut, everything reacts."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from lobby import Lobby, lobby
from picture import Picture
from stations import STATIONS, reach
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen

from kiosk import i18n
from kiosk.config import LANGUAGES
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.choice_grid import MORE_KEY, ChoiceGrid
from kiosk.widgets.foot import Foot, FootKey
from kiosk.widgets.number_pad import CORRECT, NEXT, NumberPad
from kiosk.widgets.words import Words

SIZES = ((83, 24), (80, 24), (60, 20), (60, 60))
_ANSWERS = (ChoiceGrid.Chosen, Foot.Pressed, NumberPad.Pressed)
FOOT = {"0": "ticket", "8": "help", "9": "back", "*": "large_type", "#": "language"}


Looks = tuple[tuple[int, int], str, bool]


def looks_of(station: int, *, is_long: bool) -> list[Looks]:
    """Sizes, languages and whether in large type, as a screen is looked at.

    Every screen meets each size in each language, and each of both in both types; the next one in
    the other type, so that half of the screens meet each of the three together; at night all do.
    """
    return [
        (size, language, large)
        for at, size in enumerate(SIZES)
        for number, language in enumerate(LANGUAGES)
        for large in (False, True)
        if is_long or large == bool((station + at + number) % 2)
    ]


def test_each_meets_each_of_another_kind() -> None:
    for station in range(2):
        looks = looks_of(station, is_long=False)
        sizes, languages, types = map(set, zip(*looks, strict=True))
        assert len(sizes) * len(languages) == len(looks) == 12
        assert len({(size, large) for size, _, large in looks}) == len(sizes) * len(types) == 8
        assert len({look[1:] for look in looks}) == len(languages) * len(types) == 6
    both = {*looks_of(0, is_long=False), *looks_of(1, is_long=False)}
    assert both == set(looks_of(0, is_long=True))


@pytest.mark.parametrize("name", STATIONS)
async def test_nothing_is_cut_and_everything_reacts(
    name: str, is_long: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Message] = []

    def hear(message: Message) -> None:
        """Once, though it is told to one after the other up to the app."""
        if isinstance(message, _ANSWERS) and message not in heard:
            heard.append(message)

    faults = []
    async with lobby(tmp_path, message_hook=hear) as here:
        screen = await reach(here, name)
        deafen(here, screen, monkeypatch)
        # the test draws its own pictures; those for a terminal would take half of its time
        monkeypatch.setattr(Screen, "_compositor_refresh", lambda screen: None)
        for size, language, large in looks_of([*STATIONS].index(name), is_long=is_long):
            if here.screen.size != size:
                await here.resize(*size)
            await show_as(here, language, large)
            looks = f"{name} {size} {language} {'large' if large else 'normal'}"
            found = [*cut(here), *await deaf(here, heard)]
            faults += [f"{looks}: {fault}\n{here.picture().text}" for fault in found]
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def deafen(here: Lobby, screen: Screen[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is touched is noticed and leads nowhere, so that the screen stays."""
    if isinstance(screen, CustomerScreen):
        monkeypatch.setattr(screen, "run_once", lambda call: None)
    else:
        monkeypatch.setattr(here.app, "_starting", True)


async def show_as(here: Lobby, language: str, large: bool) -> None:
    """The same screen in another language and size of type."""
    i18n.use_language(language)
    if isinstance(here.screen, CustomerScreen):
        here.screen.flow.session.large_type = large
    here.app.refresh_screens()
    await here.settle()


def cut(here: Lobby, picture: Picture | None = None) -> list[str]:
    """What can't be seen whole.

    Args:
        here: The terminal.
        picture: What stands there now, if somebody has it already.
    """
    picture, faults = picture or here.picture(), []
    for words in here.screen.query(Words):
        if words.display and words.text:
            whole = "".join(words.text.split())
            if (shown := picture.crop(words.region)) != whole:
                faults.append(f"#{words.id} shows {shown!r} of {whole!r}")
    foot = here.screen.query_one(Foot)
    if foot.region.bottom != here.screen.size.height or not foot.region.height:
        faults.append(f"the foot is at {foot.region}")
    if "…" in picture.crop(foot.region):
        faults.append("the foot is cut")
    if isinstance(here.screen, CustomerScreen):
        title = "".join(here.screen.title_text().split())
        if title not in "".join(picture.text.split()):
            faults.append(f"the title {title!r} is cut")
        faults += faults_of_foot(here.screen, picture, foot)
    return faults


def faults_of_foot(screen: CustomerScreen, picture: Picture, foot: Foot) -> list[str]:
    """Every key with its words, and room between two keys."""
    faults = []
    for key in screen.foot_keys():
        texts = [f"{key.key} {words}".lstrip() for words in (key.label, key.short) if words]
        spots = [spot for text in texts for spot in picture.find(text, foot.region)]
        if not spots:
            faults.append(f"{texts} is not in the foot")
        elif (spot := spots[0])[0] > 2:
            before = picture.rows[spot[1]][spot[0] - 2 : spot[0]]
            if "".join(cell.character for cell in before).strip():
                faults.append(f"{texts} touches the key before it")
    return faults


async def answered(here: Lobby, heard: list[Message], count: int) -> None:
    """Wait until so many touches were answered; one that never is will be found missing."""
    with suppress(AssertionError):
        await here.until(lambda: len(heard) >= count, patience=2)


async def deaf(here: Lobby, heard: list[Message]) -> list[str]:
    """What does not react to a touch; all pages are turned."""
    if here.screen.query(NumberPad):
        return await deaf_pad(here, heard)
    faults, grid, picture = [], here.grid(), here.picture()
    waiting = {choice.label: choice.code for choice in here.choices().values()}
    for _ in range(len(waiting)):
        page = {label: spot for label in waiting if (spot := box_of(picture, grid, label))}
        heard.clear()
        for label, (x, y) in page.items():
            here.tap(x, y)
            if not has_lower_edge(picture, grid, x, y):
                faults.append(f"the box of {label!r} is cut")
        more = picture.find(f" {MORE_KEY}  ", grid.region)
        await answered(here, heard, len(page))
        codes = [each.code for each in heard if isinstance(each, ChoiceGrid.Chosen)]
        if codes != (expected := [waiting.pop(label) for label in page]):
            faults.append(f"{expected} say {codes}")
        if not waiting or not more:
            break
        await here.touch(more[-1][0] + 1, more[-1][1])
        picture = here.picture()
    if waiting and grid.display:
        faults.append(f"never seen: {waiting}")
    return faults + await deaf_foot(here, picture, heard)


async def deaf_pad(here: Lobby, heard: list[Message]) -> list[str]:
    """What of a number pad does not react to a touch."""
    picture, region = here.picture(), here.screen.query_one(NumberPad).region
    last = "Enter "  # what it does depends on what was typed
    places = {str(digit): f" {digit} " for digit in range(10)} | {CORRECT: " . ", NEXT: last}
    faults = [f"{text!r} is not on the pad" for text in places.values() if text not in picture]
    heard.clear()
    for text in places.values():
        x, y = picture.find(text, region)[0]
        here.tap(x + 1, y)
    await answered(here, heard, len(places))
    said = [each.code for each in heard if isinstance(each, NumberPad.Pressed)]
    if said != list(places):
        faults.append(f"the pad says {said}")
    if "┘" not in picture.lines[region.y + region.height - 1 - (region.height % 3)]:
        faults.append("the pad is cut")
    return faults + await deaf_foot(here, picture, heard)


def box_of(picture: Picture, grid: ChoiceGrid, label: str) -> tuple[int, int] | None:
    """Where a label stands whole, on one line or on two."""
    for end in range(len(label), 0, -1):
        head, tail = label[:end].rstrip(), label[end:].lstrip()
        for x, y in picture.find(f"  {head}", grid.region):
            after = picture.lines[y].partition(f"  {head}")[2]
            below = "".join(cell.character for cell in picture.rows[y + 1][x + 2 :])
            if after.startswith((" ", "│")) and below.startswith(tail):
                return x + 2, y
    return None


def has_lower_edge(picture: Picture, grid: ChoiceGrid, x: int, y: int) -> bool:
    return "─" in [row[x].character for row in picture.rows[y : grid.region.bottom]]


async def deaf_foot(here: Lobby, picture: Picture, heard: list[Message]) -> list[str]:
    faults, region = [], here.screen.query_one(Foot).region
    if isinstance(here.screen, CustomerScreen):
        keys = here.screen.foot_keys()
        actions = {shown_in_foot(key, picture, region): key.action for key in keys}
        assert list(actions.values()) == list(FOOT.values())
    else:
        actions = {f"{key} ": FOOT[key] for key in FOOT if key not in "9#"}
    heard.clear()
    for key in actions:
        if found := picture.find(key, region):
            here.tap(*found[0])
        else:
            faults.append(f"{key!r} is not in the foot")
    await answered(here, heard, len(actions))
    said = [each.action for each in heard if isinstance(each, Foot.Pressed)]
    if said != list(actions.values()):
        faults.append(f"the foot says {said}")
    return faults


def shown_in_foot(key: FootKey, picture: Picture, region: Region) -> str:
    """By what a key of the foot is found: one that can only be touched has words alone."""
    if key.key:
        return f"{key.key} "
    return key.label if picture.find(key.label, region) or not key.short else key.short
