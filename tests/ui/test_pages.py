"""A menu with more services than a page has digits."""

import pytest
from picture import Picture
from textual.app import App, ComposeResult

from kiosk.widgets.choice_grid import Choice, ChoiceGrid

TWELVE = [Choice(f"c{number}", f"Service {number}") for number in range(1, 13)]


def turn(page: int, pages: int) -> Choice:
    return Choice("more", "More" if page < pages else "First", (f"page {page} of {pages}",))


class Menu(App[None]):
    """The work area of a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield ChoiceGrid()

    def on_mount(self) -> None:
        self.grid.show(TWELVE, turn)

    @property
    def grid(self) -> ChoiceGrid:
        return self.query_one(ChoiceGrid)

    def on_choice_grid_chosen(self, event: ChoiceGrid.Chosen) -> None:
        self.chosen.append(event.code)


@pytest.mark.parametrize("size", [(81, 19), (58, 16)])
async def test_the_digit_stands_beside_its_word_on_every_page(size: tuple[int, int]) -> None:
    """Every page counts from 1: 7, 8, 9 and 0 have their meaning on every screen."""
    app = Menu()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        first = Picture(app.screen)
        for number in range(1, 7):
            assert first.find(f"{number}  Service {number} ")
        assert first.find("7  More")
        assert "page 1 of 2" in first
        assert "Service 7" not in first

        app.grid.press_key("7")
        await pilot.pause()
        second = Picture(app.screen)
        for number in range(1, 7):
            assert second.find(f"{number}  Service {number + 6} ")
        assert second.find("7  First")
        assert "page 2 of 2" in second

        app.grid.press_key("2")
        await pilot.pause()
        assert app.chosen == ["c8"]
        app.grid.press_key("7")
        await pilot.pause()
        assert Picture(app.screen).text == first.text


async def test_a_page_that_is_gone_leaves_no_empty_screen() -> None:
    """In another language the labels are shorter, and fewer pages hold them."""
    app = Menu()
    async with app.run_test(size=(58, 8)) as pilot:
        few = TWELVE[:5]
        app.grid.show([Choice(each.code, each.label * 4) for each in few], turn)
        for _ in few[1:]:
            app.grid.press_key("7")
        app.grid.show(few, turn)
        await pilot.pause()
        assert app.grid.codes_on_page


class Cards(App[None]):
    """Two cards, one choice below them, and a button with a key of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield ChoiceGrid(cards=True)

    def on_mount(self) -> None:
        self.grid.show(
            [
                Choice("left", "Left"),
                Choice("right", "Right", key="6"),
                Choice("below", "Below", key="", below=True),
            ]
        )

    @property
    def grid(self) -> ChoiceGrid:
        return self.query_one(ChoiceGrid)

    def on_choice_grid_chosen(self, event: ChoiceGrid.Chosen) -> None:
        self.chosen.append(event.code)


async def test_below_two_cards_stands_what_is_no_card() -> None:
    app = Cards()
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        picture = Picture(app.screen)
        assert picture.find(" 1  Left")
        assert picture.find(" 6  Right")
        [(x, y)] = picture.find("Below")
        assert y == 10
        assert picture.lines[y].startswith(" │    Below")
        assert [line.count("┌") for line in picture.lines if "┌" in line] == [2, 1]
        await pilot.click(ChoiceGrid, offset=(x + 40, y))
        await pilot.click(ChoiceGrid, offset=(45, 8))
        assert app.chosen == ["below", "right"]


async def test_a_key_of_its_own_takes_the_place_of_the_digit() -> None:
    app = Cards()
    async with app.run_test(size=(60, 12)) as pilot:
        assert not any(app.grid.press_key(key) for key in ("2", "3"))
        assert app.grid.press_key("6")
        await pilot.pause()
        await pilot.press("down", "right", "down", "enter")
        assert app.chosen == ["right", "below"]
