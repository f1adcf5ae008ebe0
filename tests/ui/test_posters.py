"""The promotional loop: posters take turns with what the terminal is for; all else stands still."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from lobby import HANDS, Lobby, lobby, shared_catalog
from picture import Picture
from test_colours import pale

from kiosk import i18n
from kiosk.config import LANGUAGES, Appearance, Config
from kiosk.screens.customer.attract import FACE_SECONDS, AttractScreen
from kiosk.screens.customer.home import HomeScreen
from kiosk.theme import HIGH_CONTRAST, LIGHT
from kiosk.widgets.face import Face

SIZES = ((83, 24), (80, 24), (60, 20), (60, 60))
ART = re.compile("[\u2500-\u259f]")
PURPOSE = "您今天要办什么业务"


async def turned(here: Lobby, turns: int = 1) -> None:
    """Let as many faces have their time; the wall clock stands still, as it is in the band."""
    screen = here.expect(AttractScreen)
    screen.turn(here.app.seconds)
    here.clock.advance(turns * FACE_SECONDS)
    here.clock.jump(seconds=-turns * FACE_SECONDS)
    screen.turn(here.app.seconds)
    await here.settle()


def titles(here: Lobby) -> list[str]:
    return [poster.title.zh_CN for poster in here.services.posters]


async def test_the_app_turns_the_posters_by_its_clock(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        assert len(titles(here)) >= 8
        await here.until(lambda: here.app._ticks > 1)
        for title in (*titles(here), PURPOSE, titles(here)[0]):
            assert title not in here.picture()
            here.clock.advance(FACE_SECONDS)
            await here.until(lambda title=title: title in here.picture())  # type: ignore[misc]


async def test_a_face_has_its_time(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await turned(here)
        assert titles(here)[0] in here.picture()
        here.clock.advance(FACE_SECONDS - 0.1)
        await turned(here, 0)
        assert titles(here)[0] in here.picture()
        here.clock.advance(0.1)
        await turned(here, 0)
        assert titles(here)[1] in here.picture()


def around(here: Lobby) -> Mapping[int, str]:
    """What stands outside the face."""
    face = here.screen.query_one(Face).region
    lines = here.picture().lines
    return {y: line for y, line in enumerate(lines) if not face.y <= y < face.bottom}


@pytest.mark.parametrize("size", SIZES)
async def test_what_a_customer_needs_never_moves(size: tuple[int, int], tmp_path: Path) -> None:
    async with lobby(tmp_path, size=size) as here:
        await here.until(lambda: "现在不用排队" in here.picture())
        before = around(here)
        for title in titles(here):
            await turned(here)
            assert title in here.picture()
            assert around(here) == before


def cut(here: Lobby, picture: Picture) -> list[str]:
    """What of a face can't be read whole; beside words stands the picture."""
    face = here.screen.query_one(Face)
    shown = ART.sub("", picture.crop(face.region))
    texts = (face.view.title, *face.view.lines)
    whole = "".join("".join(texts).split())
    return [] if shown == whole else [f"{shown!r} of {whole!r}"]


async def test_every_poster_can_be_read_in_every_size_language_and_theme(tmp_path: Path) -> None:
    faults: list[str] = []
    async with lobby(tmp_path) as here:
        screen = here.expect(AttractScreen)
        screen.show_posters(shared_catalog().posters)
        for theme in (LIGHT, HIGH_CONTRAST):
            here.app.theme = theme
            for size in SIZES:
                await here.resize(*size)
                for language in LANGUAGES:
                    i18n.use_language(language)
                    await turned(here)  # past what the terminal is for
                    for poster in shared_catalog().posters:
                        picture = here.picture()
                        found = [*cut(here, picture), *pale(picture, set())]
                        has_art = bool(ART.search(picture.crop(screen.query_one(Face).region)))
                        if has_art != (size != (60, 20)):
                            found.append(f"art: {has_art}")
                        faults += [f"{poster.code} {size} {language}: {each}" for each in found]
                        await turned(here)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("hand", HANDS)
async def test_any_touch_or_key_starts_from_a_poster(hand: str, tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await turned(here, 2)
        assert titles(here)[1] in here.picture()
        await HANDS[hand](here).start()
        here.expect(HomeScreen)
        assert here.stages() == ["visit.started"]
        await here.drive("9")
        assert PURPOSE in here.picture(), "whoever comes next sees what it is for"


async def test_a_terminal_that_is_out_of_order_shows_no_posters(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await turned(here)
        here.expect(AttractScreen).show_failure()
        await turned(here, 2)
        assert "这台机器暂时用不了" in here.picture()
        assert not [title for title in titles(here) if title in here.picture()]


@pytest.mark.parametrize(
    ("code", "kinds"), [("safety", {"safety"}), ("", set()), ("nosuch", set())]
)
async def test_staff_choose_the_set(code: str, kinds: set[str], tmp_path: Path) -> None:
    config = replace(Config(), appearance=Appearance(posters=code))
    async with lobby(tmp_path, config=config) as here:
        assert {poster.kind for poster in here.services.posters} == kinds
        await turned(here)
        expected = titles(here)[0] if kinds else PURPOSE
        assert expected in here.picture()


async def test_a_poster_without_room_for_all_its_lines_leaves_out_whole_ones(
    tmp_path: Path,
) -> None:
    poster = shared_catalog().posters[0]
    line = poster.lines[0].model_copy(update={"zh_CN": "满" * 24})
    talkative = poster.model_copy(update={"lines": (poster.lines[0], line, line)})
    async with lobby(tmp_path, size=(60, 20)) as here:
        screen = here.expect(AttractScreen)
        screen.show_posters([talkative])
        await turned(here)
        shown = here.picture().crop(screen.query_one(Face).region)
        assert shown == talkative.title.zh_CN + poster.lines[0].zh_CN + "满" * 48
