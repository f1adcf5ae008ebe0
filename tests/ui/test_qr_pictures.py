"""The QR code as a phone sees it: read back from a picture of the screen."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import zxingcpp
from lobby import lobby, shared_catalog
from picture import Picture
from stations import TRANSFER, go
from textual.app import App, ComposeResult

from kiosk.config import Appearance, Config
from kiosk.widgets.qr_code import QrCode

THEMES: tuple[Literal["light", "high-contrast"], ...] = ("light", "high-contrast")
LINK = "https://bank.example/k/TRF3"
LINKS = sorted({route.link for route in shared_catalog().routes if route.link})


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
        assert read(here.picture()) == [LINK]
        await here.drive("#")
        assert read(here.picture()) == [LINK]


async def test_in_large_type_it_has_a_page_of_its_own(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER)
        await here.drive("*")
        assert read(here.picture()) == []
        from lobby import Keys

        await Keys(here).choose("code")
        assert read(here.picture()) == [LINK]


class Codes(App[None]):
    """One code on a terminal of 60 columns."""

    CSS = "QrCode { width: auto; height: auto; }"

    def __init__(self, link: str) -> None:
        super().__init__()
        self.link = link

    def compose(self) -> ComposeResult:
        yield QrCode(self.link)


def test_the_catalog_has_links() -> None:
    assert len(LINKS) >= 20


@pytest.mark.parametrize("link", LINKS)
async def test_every_link_of_the_catalog_decodes(link: str) -> None:
    app = Codes(link)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        code = app.query_one(QrCode)
        assert code.region.bottom <= 20
        assert code.region.right <= 60
        assert read(Picture(app.screen)) == [link]
