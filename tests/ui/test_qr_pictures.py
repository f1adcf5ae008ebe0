"""The QR code as a phone sees it: read back from a picture of the screen."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import zxingcpp
from lobby import Keys, lobby, shared_catalog
from picture import Picture
from stations import TRANSFER, go
from test_fits import cut, show_as
from textual.app import App

from kiosk.config import LANGUAGES, Appearance, Config
from kiosk.screens.customer.phrases import address_of
from kiosk.screens.customer.route import RouteScreen
from kiosk.services.diversion import OfferMade
from kiosk.services.journal import new_id
from kiosk.services.reference import read_reference
from kiosk.services.triage import Offer
from kiosk.widgets.qr_code import QrCode
from kiosk.widgets.words import Words

THEMES: tuple[Literal["light", "high-contrast"], ...] = ("light", "high-contrast")
LINK, ADDRESS = r"https://bank\.example/k/TRF3\?r=(\w{8})", "bank.example/k/TRF3"
NO_FEE = shared_catalog().routes[0].fees[0].fee
ROUTES = [route for route in shared_catalog().routes if route.link]
LINKS = sorted({route.link_for("7K3M9QZT") or "" for route in ROUTES})
SIZES = ((83, 24), (80, 24), (60, 20), (60, 60))


def read(picture: Picture) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture.image())]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("size", "way"), [((83, 24), TRANSFER), ((80, 24), TRANSFER), ((60, 60), TRANSFER),
                      ((60, 20), (*TRANSFER, "code"))],
)  # fmt: skip
async def test_it_decodes_from_the_screen(
    size: tuple[int, int],
    way: tuple[str, ...],
    theme: Literal["light", "high-contrast"],
    tmp_path: Path,
) -> None:
    config = replace(Config(), appearance=Appearance(theme=theme))
    async with lobby(tmp_path, size=size, config=config) as here:
        await go(here, *way)
        for _ in LANGUAGES:
            [link] = read(here.picture())
            assert (carried := re.fullmatch(LINK, link))
            assert read_reference(carried[1]) == carried[1]
            assert ADDRESS in here.picture()
            assert not cut(here)
            await here.drive("#")


@pytest.mark.parametrize("size", SIZES)
async def test_the_address_and_the_safety_line_stand_beside_every_code(
    size: tuple[int, int], is_long: bool, tmp_path: Path
) -> None:
    """The code may have a page of its own; whoever sees a code can compare what the phone shows.

    Every route meets every size and every language; at night each of both together.
    """
    async with lobby(tmp_path, size=size) as here:
        await go(here)
        flow = here.customer_screen.flow
        for number, route in enumerate(ROUTES, SIZES.index(size)):
            made = OfferMade(new_id(), flow.session.visit, route.service, route.channel)
            flow._references[made.id] = "7K3M9QZT"
            await here.app.show_screen(RouteScreen(flow, made, Offer(route, NO_FEE, None), None))
            for language in LANGUAGES if is_long else (LANGUAGES[number % len(LANGUAGES)],):
                await show_as(here, language, large=False)
                assert not cut(here)
                assert "7K3M-9QZT" in here.picture()
                safety, reference = here.screen.query("#safety, #reference").results(Words)
                has_room = not here.screen.has_class("-full")
                assert reference.region.y - safety.region.bottom == has_room, here.picture().text
                if own_page := "code" in here.choices():
                    await Keys(here).choose("code")
                assert address_of(route.plain_link or "") in here.picture()
                assert route.link_for("7K3M9QZT") in read(here.picture())
                assert not cut(here)
                if own_page:
                    await here.drive("9")
            await here.drive("9")


async def test_in_large_type_it_has_a_page_of_its_own(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER)
        await here.drive("*")
        assert read(here.picture()) == []
        await Keys(here).choose("code")
        [link] = read(here.picture())
        assert re.fullmatch(LINK, link)


class Codes(App[None]):
    """A terminal of 60 columns for one code after the other."""

    CSS = "QrCode { width: auto; height: auto; }"


def test_the_catalog_has_links() -> None:
    assert len(LINKS) >= 20


async def test_every_link_of_the_catalog_decodes() -> None:
    app = Codes()
    async with app.run_test(size=(60, 20)) as pilot:
        for link in LINKS:
            code = QrCode(link)
            await app.screen.mount(code)
            await pilot.pause()
            assert code.region.bottom <= 20
            assert code.region.right <= 60
            assert read(Picture(app.screen)) == [link]
            await code.remove()
