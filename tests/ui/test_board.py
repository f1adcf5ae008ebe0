"""The call board: what is called is read from afar, what is new is seen, what is old says so."""

import asyncio
import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from board_here import AWAY, CONFIG, LINE, BoardHere, board, busy, call, in_language
from picture import NONE, Picture
from textual.geometry import Region

from kiosk import i18n
from kiosk.announcing import call_sentence
from kiosk.board_app import MARK_SECONDS, OLD_SECONDS, PAGE_SECONDS, WAITS_SECONDS
from kiosk.config import LANGUAGES, LEAST_CONTRAST, Appearance
from kiosk.contrast import contrast_ratio
from kiosk.errors import KioskError
from kiosk.languages import Language
from kiosk.screens.board.call_row import CallRow
from kiosk.screens.board.panel import Room, pages
from kiosk.services.board_view import BoardView, Call, CounterShown, Doing
from kiosk.theme import HIGH_CONTRAST, LIGHT
from kiosk.widgets.block_digits import block_rows
from kiosk.widgets.lines import Lines

SIZES = ((83, 24), (120, 34), (60, 20), (60, 60), (160, 45))
SIGN = "►►►"


def blocks(text: str, row: CallRow) -> str:
    return "".join("".join(line.split()) for line in block_rows(text, row.scale))


def shown_calls(here: BoardHere) -> list[tuple[str, int]]:
    """The large calls, read from the cells that are drawn."""
    picture, found = here.picture(), []
    for row in here.screen.query(CallRow):
        if row.call is None:
            continue
        text, counter = row.call.number, str(row.call.counter)
        number_columns = 1 + row.scale.width_of(len(text)) + 1
        region = row.region
        top = region.bottom - row.scale.rows
        left = Region(region.x, top, number_columns, row.scale.rows)
        right = Region(
            region.x + number_columns, top, row.scale.width_of(len(counter)) + 4, row.scale.rows
        )
        assert picture.crop(left) == blocks(text, row), picture.text
        assert picture.crop(right) == blocks(counter, row), picture.text
        found.append((text, row.call.counter))
    return found


# --- what is shown ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_is_shown_whole(language: Language, size: tuple[int, int]) -> None:
    config = in_language(CONFIG, language)
    for newest in (3, 12):
        async with board(busy(config, counters=12, newest=newest), size=size) as here:
            assert shown_calls(here) == [("A1024", newest), ("B1017", 1), ("A1023", 2)]
            assert call_sentence("A1024", newest, language) in here.picture()
            room = Room(*here.screen.query_one("#panel").size)
            with_view = busy(config, counters=12, newest=newest)
            wanted = pages(with_view, room, config.zone, is_old=False)
            for page in wanted:
                assert len(page) <= room.rows
                for line in filter(None, page):
                    assert line in here.picture(), f"{line!r}\n{here.picture().text}"
                    assert "…" not in line
                await here.look(after=PAGE_SECONDS)
            told = "\n".join(line for page in wanted for line in page)
            for text in ("C1002 ► 4", "A1022 ► 3", "A1500", "B1500", "D1500", "E1500", "F1500"):
                assert text in told
            assert (LINE.in_language(language) or LINE.en) in here.picture() or language == "zh_TW"


async def test_a_promotional_line_as_long_as_it_may_be_fits_the_smallest_board() -> None:
    line = replace(LINE, zh_CN="转" * 29)
    config = in_language(replace(CONFIG, board=replace(CONFIG.board, line=line)), "zh_CN")
    async with board(busy(config), size=(60, 20)) as here:
        assert line.zh_CN in here.picture()


async def test_languages_take_turns() -> None:
    view = busy(in_language(CONFIG, "zh_CN", "en"))
    async with board(view) as here:
        assert call_sentence("A1024", 3, "zh_CN") in here.picture()
        assert call_sentence("A1024", 3, "en") in await here.look(after=PAGE_SECONDS)
        assert call_sentence("A1024", 3, "zh_CN") in await here.look(after=PAGE_SECONDS)


async def test_what_counters_do_is_said() -> None:
    config = in_language(CONFIG, "en")
    i18n.use_language("en")
    view = replace(busy(config, counters=6), queues=())
    [page] = pages(view, Room(40, 12), config.zone, is_old=False)
    assert list(page[2:]) == [
        "Counter 1   serving B1017",
        "Counter 2   serving A1023",
        "Counter 3   calling A1024",
        "Counter 4   break, back about 09:40",
        "Counter 5   break",
        "Counter 6   closed",
    ]


async def test_closed_counters_are_one_sentence() -> None:
    config = in_language(CONFIG, "en")
    closed = tuple(CounterShown(number, Doing.CLOSED) for number in (1, 2, 3))
    async with board(BoardView((), closed, (), config)) as here:
        assert "All counters are closed." in here.picture()
        assert "Counter 1" not in here.picture()
        assert "Nobody has been called yet today." in here.picture()


async def test_before_the_branch_has_answered() -> None:
    async with board(AWAY, config=in_language(CONFIG, "en")) as here:
        assert "Connecting…" in here.picture()
        assert "Example Bank · South Branch" in here.picture()
        await here.look(busy(in_language(CONFIG, "en")))
        assert shown_calls(here)[0] == ("A1024", 3)
        assert "Connecting…" not in here.picture()


async def test_a_terminal_that_is_too_small_says_so() -> None:
    async with board(busy(in_language(CONFIG, "en")), size=(50, 15)) as here:
        assert "This screen is too small." in here.picture()


async def test_another_size_is_another_arrangement() -> None:
    async with board(busy()) as here:
        await here.pilot.resize_terminal(120, 34)
        await here.look()
        assert [row.scale.columns for row in here.screen.query(CallRow)] == [3, 2, 2]
        assert len(shown_calls(here)) == 3


# --- what is new ------------------------------------------------------------------------------


def marked(picture: Picture) -> bool:
    """Whether there is a mark that needs no colour."""
    return SIGN in picture


async def test_a_new_call_is_marked_for_some_seconds_and_said_once() -> None:
    view = busy()
    async with board(view) as here:
        assert not marked(here.picture())
        assert here.said == []  # who was called before the board started is not called again
        plain = [cell.background for cell in here.picture().rows[3]]
        new = replace(view, calls=(call("D1001", 5), *view.calls[:4]))
        seen = [marked(await here.look(new, after=0.5))]
        assert shown_calls(here) == [("D1001", 5), ("A1024", 3), ("B1017", 1)]
        assert [cell.background for cell in here.picture().rows[3]] != plain
        seen += [marked(await here.look(after=0.25)) for _ in range(MARK_SECONDS * 4)]
        changes = sum(before != after for before, after in pairwise(seen))
        assert 4 <= changes <= MARK_SECONDS * 3
        assert not seen[-1]
        assert [cell.background for cell in here.picture().rows[3]] == plain
        assert here.said == [("D1001", 5)]


async def test_a_recall_comes_to_the_top_and_is_said_again() -> None:
    view = busy()
    async with board(view) as here:
        recalled = Call("A1023", 2, here.clock.time, True)
        others = tuple(each for each in view.calls if each.number != "A1023")
        await here.look(replace(view, calls=(recalled, *others)), after=1)
        assert shown_calls(here)[0] == ("A1023", 2)
        assert here.said == [("A1023", 2)]


async def test_two_calls_at_once_are_both_new_and_said_in_their_order() -> None:
    view = busy()
    async with board(view) as here:
        first, second = call("B1018", 4, -1), call("C1003", 5, -2)
        await here.look(replace(view, calls=(second, first, *view.calls[:3])))
        rows = list(here.screen.query(CallRow))
        assert [row.is_marked for row in rows] == [True, True, False]
        assert here.said == [("B1018", 4), ("C1003", 5)]


async def test_an_earlier_call_that_comes_back_into_view_is_not_said_again() -> None:
    view = busy()
    waiting = tuple(replace(each, is_waited_for=True) for each in view.calls)
    async with board(replace(view, calls=waiting)) as here:
        newest = call("D1001", 5, -1)
        await here.look(replace(view, calls=(newest, *waiting[:4])))
        await here.look(replace(view, calls=waiting))  # D1001 was passed on to another queue
        assert here.said == [("D1001", 5)]


async def test_what_came_and_went_during_an_outage_is_not_said() -> None:
    view = busy()
    async with board(view) as here:
        here.branch.is_away = True
        await here.look(after=60)
        here.branch.is_away = False
        served = call("B1018", 4, -1, is_waited_for=False)
        waited_for = call("C1003", 5, -2)
        await here.look(replace(view, calls=(waited_for, served, *view.calls[:3])))
        assert here.said == [("C1003", 5)]


async def test_nothing_is_drawn_when_nothing_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with board(busy()) as here:
        await here.look()
        await asyncio.sleep(0.3)  # a tenth after the start its picture is drawn once more
        drawn: list[object] = []
        show = here.app._display

        def count(screen: object, renderable: object) -> None:
            drawn.append(renderable)
            show(screen, renderable)  # type: ignore[arg-type]  # as it came

        monkeypatch.setattr(here.app, "_display", count)
        for _ in range(10):
            await here.look(after=0.5)
        assert not drawn
        await here.look(after=PAGE_SECONDS)
        assert drawn


# --- what is old ------------------------------------------------------------------------------


async def test_a_branch_that_is_away_is_said_in_one_line_and_the_board_goes_on() -> None:
    view = busy(in_language(CONFIG, "en"))
    async with board(view) as here:
        here.branch.is_away = True
        assert "As of" not in await here.look(after=1)  # a single miss alarms nobody
        picture = await here.look(after=OLD_SECONDS)
        assert "As of 09:30. Connecting again…" in picture
        assert shown_calls(here)[0] == ("A1024", 3)
        looks = here.branch.looks
        picture = await here.look(after=600)
        assert "As of 09:30. Connecting again…" in picture  # since when, not since now
        assert "09:40" in picture  # its own clock goes on
        assert here.branch.looks > looks
        here.branch.is_away = False
        picture = await here.look(after=1)
        assert "As of" not in picture
        assert LINE.en in picture


async def test_what_is_of_yesterday_is_not_shown() -> None:
    async with board(busy(in_language(CONFIG, "en"))) as here:
        here.branch.is_away = True
        picture = await here.look(after=20 * 3600)
        assert shown_calls(here) == []
        assert "Connecting…" in picture
        assert "12 waiting" not in picture
        assert "Waiting: " not in picture


async def test_waits_are_not_told_from_what_is_old() -> None:
    view = busy(in_language(CONFIG, "en"))
    async with board(view) as here:
        here.branch.is_away = True
        assert "about 20–35 min" in await here.look()
        picture = await here.look(after=WAITS_SECONDS // (2 * PAGE_SECONDS) * 2 * PAGE_SECONDS + 96)
        assert "about 20–35 min" not in picture
        assert "12 waiting" in picture


async def test_a_branch_that_does_not_answer_holds_up_nothing() -> None:
    async with board(busy(in_language(CONFIG, "en"))) as here:
        answers = threading.Event()

        def hang() -> None:
            answers.wait(20)

        here.branch.look = hang  # type: ignore[method-assign]  # a server that says nothing
        here.app.tick()
        here.clock.advance(OLD_SECONDS + 1)
        here.app.tick()
        await here.pilot.pause()
        assert "As of 09:30. Connecting again…" in here.picture()
        answers.set()


async def test_what_only_a_person_can_mend_ends_the_start() -> None:
    async with board(KioskError("not_a_branch_database", database="x")) as here:
        assert here.app.failure is not None
        assert here.app.return_code == 1


async def test_the_same_later_does_not_end_it() -> None:
    async with board(busy()) as here:
        here.branch.answers.append(KioskError("schema_newer", database="x"))
        await here.look()
        assert here.app.failure is None
        assert here.app.is_running


async def test_what_was_opened_is_given_back() -> None:
    async with board(busy()) as here:
        branch = here.branch
    here.app.database_thread.shutdown(wait=True)
    assert branch.is_closed


# --- colours, keys ----------------------------------------------------------------------------


def pale(picture: Picture) -> set[str]:
    faults = set()
    for _, _, cell in picture.cells():
        if NONE in (cell.text_colour, cell.background):
            faults.add(f"{cell.character!r}: a colour is left to the terminal")
        elif contrast_ratio(cell.text_colour, cell.background) < LEAST_CONTRAST:
            faults.add(f"{cell.character!r}: {cell.text_colour} on {cell.background}")
    return faults


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
async def test_contrast(theme: str) -> None:
    appearance = Appearance(theme="light" if theme == "light" else "high-contrast")
    config = replace(CONFIG, appearance=appearance)
    view = busy(config)
    async with board(view, config=config) as here:
        assert not pale(here.picture())
        picture = await here.look(replace(view, calls=(call("D1001", 5), *view.calls[:4])))
        assert here.screen.query_one("#newest", CallRow).is_marked
        assert not pale(picture)
        here.branch.is_away = True
        picture = await here.look(after=MARK_SECONDS + 1)
        assert here.screen.query_one("#foot-line", Lines).has_class("-old")
        assert not pale(picture)


async def test_what_the_branch_sets_is_followed() -> None:
    appearance = Appearance(accent="#7a1020")
    async with board(busy()) as here:
        assert here.app.theme == LIGHT
        picture = await here.look(busy(replace(CONFIG, appearance=appearance)))
        assert picture.rows[0][0].background == "#7a1020"
        await here.look(busy(replace(CONFIG, appearance=Appearance(theme="high-contrast"))))
        assert here.app.theme == HIGH_CONTRAST


async def test_no_key_does_anything() -> None:
    async with board(busy()) as here:
        before = here.picture().text
        for key in ("ctrl+q", "ctrl+c", "ctrl+p", "ctrl+z", "escape", "enter", "0", "q", "f1"):
            await here.pilot.press(key)
        assert here.app.is_running
        assert here.app.screen is here.screen
        assert here.picture().text == before
