"""What may be read before an e-product is opened: all of it, none of it, and what is recorded."""

import json
from collections.abc import Iterator
from hashlib import sha256
from itertools import cycle
from pathlib import Path

import pytest
from lobby import HANDS, Hand, Keys, Lobby, label_position, lobby, shared_catalog
from stations import SIGN_UP, go, read

from kiosk.config import LANGUAGES
from kiosk.screens.customer.disclosure import (
    NOT_NOW,
    READ,
    READ_ON,
    DisclosureScreen,
    ProductScreen,
)
from kiosk.screens.customer.question import QuestionScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.product import PAGES

SIZES = ((60, 20), (83, 24))
PRODUCTS = shared_catalog().service("ebanking_signup").opens


def every_way() -> Iterator[tuple[str, str, tuple[int, int], str]]:
    """Each hand in each language and size, with one of the products after the other."""
    products = cycle(PRODUCTS)
    for hand in HANDS:
        for language in LANGUAGES:
            for size in SIZES:
                yield hand, language, size, next(products)


async def to_the_products(hand: Hand, language: str = "zh_CN") -> None:
    for code in (language, *SIGN_UP):
        await hand.choose(code)


def page_events(here: Lobby) -> list[dict[str, object]]:
    """What was recorded of the pages: two columns and the payload."""
    return [
        {
            "language": event["language"],
            "product": event["product"],
            **json.loads(str(event["payload"])),
        }
        for event in here.events()
        if (event["kind"], event["stage"]) == ("disclosure", "read")
    ]


def shown(here: Lobby) -> str:
    """The words of the page that can be seen, without blanks."""
    screen = here.expect(DisclosureScreen)
    return here.picture().crop(screen.query_one("#page").region)


@pytest.mark.parametrize(("hand_name", "language", "size", "product"), list(every_way()))
async def test_all_of_it_is_shown_and_recorded(
    hand_name: str, language: str, size: tuple[int, int], product: str, tmp_path: Path
) -> None:
    disclosure = shared_catalog().product(product).disclosure
    async with lobby(tmp_path, size=size) as here:
        hand = HANDS[hand_name](here)
        await to_the_products(hand, language)
        here.expect(ProductScreen)
        await hand.choose(product)
        for number, page in enumerate(PAGES, 1):
            title = here.expect(DisclosureScreen).title_text()
            assert f"{number}" in title
            assert title in here.picture()
            seen = shown(here)
            while READ_ON in here.choices():
                assert READ not in here.choices()
                await hand.choose(READ_ON)
                seen += shown(here)
            whole = "".join("".join(disclosure.page(page, language)).split())
            assert seen.startswith(whole)
            if page == "address":
                assert disclosure.web in seen
                assert disclosure.hotline in seen
            elif page == "fees":
                source = shared_catalog().sources[disclosure.fee_source]
                assert source.effective.isoformat() in seen
            else:
                assert seen == whole
            await hand.choose(READ)
        here.expect(QuestionScreen)

        def digest(page: str) -> str:
            lines = list(disclosure.page(page, language))  # type: ignore[arg-type]
            lines += [disclosure.web, disclosure.hotline] if page == "address" else []
            return sha256("\n".join(lines).encode()).hexdigest()

        assert page_events(here) == [
            {
                "language": language,
                "product": product,
                "page": page,
                "version": disclosure.version,
                "digest": digest(page),
            }
            for page in PAGES
        ]
        assert here.stages()[:2] == ["visit.started", "intent.stated"]
        assert len(here.stages()) == 2 + len(PAGES)


async def test_a_key_and_a_touch_at_once_turn_no_further_than_the_end(tmp_path: Path) -> None:
    """Both are meant for what stands there when they come, and the first one changes that."""
    async with lobby(tmp_path, size=(60, 20)) as here:
        hand = Keys(here)
        await to_the_products(hand)
        await hand.choose(PRODUCTS[0])
        await hand.foot("*")
        while READ_ON not in here.choices():
            await hand.choose(READ)
        button = label_position(here, here.choices()[READ_ON].label)
        for _ in range(3):
            here.clock.advance(1)
            here.strike("1")
            here.clock.advance(1)
            here.tap(*button)
        await here.settle()
        assert here.app.is_running
        here.expect(DisclosureScreen)


@pytest.mark.parametrize("hand_name", HANDS)
async def test_refusing_leads_to_the_same_step_without_a_remark(
    hand_name: str, tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        hand = HANDS[hand_name](here)
        await to_the_products(hand)
        await hand.choose("sms")
        await read(hand, here, len(PAGES))
        after_reading = here.expect(QuestionScreen).title_text(), here.picture().rows[3:]
        for pages in range(len(PAGES)):
            while not isinstance(here.screen, ProductScreen):
                await hand.foot("9")
            await hand.choose("sms")
            await read(hand, here, pages)
            before = here.stages()
            await hand.choose(NOT_NOW)
            assert here.stages() == before
            question = here.expect(QuestionScreen)
            assert (question.title_text(), here.picture().rows[3:]) == after_reading


async def test_who_is_not_sure_goes_on(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *SIGN_UP, "-")
        here.expect(QuestionScreen)
        assert here.stages() == ["visit.started", "intent.stated"]


async def test_nobody_can_confirm_what_was_not_shown(tmp_path: Path) -> None:
    """The key of the confirmation reads on until then, and so does Enter."""
    async with lobby(tmp_path, size=(60, 20)) as here:
        await go(here, *SIGN_UP, "net")
        await here.drive("*")
        screen = here.expect(DisclosureScreen)
        assert list(here.choices()) == [READ_ON, NOT_NOW]
        first = shown(here)
        await here.drive("down", "enter")
        assert here.screen is screen
        assert shown(here) != first
        assert not page_events(here)
        await here.drive("9")
        assert here.screen is screen, "back is one portion back"
        assert shown(here) == first
        await here.drive("1", "1")
        assert [event["page"] for event in page_events(here)] == ["what"]
        assert here.expect(DisclosureScreen) is not screen
        await here.drive("9")
        assert here.screen is screen
        await here.drive("9", "9")
        here.expect(ProductScreen)


async def test_another_language_shows_the_page_anew(tmp_path: Path) -> None:
    async with lobby(tmp_path, size=(60, 20)) as here:
        await go(here, *SIGN_UP, "net")
        await here.drive("*")
        await here.drive("1")
        assert READ in here.choices()
        await here.drive("#")
        disclosure = shared_catalog().product("net").disclosure
        assert shown(here).startswith("".join(disclosure.what[0].en.split()))
        assert READ_ON in here.choices(), "its end was not shown in this language"
        await read(Keys(here), here, 1)
        (event,) = page_events(here)
        assert event["language"] == "en"
        assert event["digest"] == disclosure.digest("what", "en")


async def test_the_page_stays_while_the_clock_goes_on(tmp_path: Path) -> None:
    async with lobby(tmp_path, size=(60, 20)) as here:
        await go(here, *SIGN_UP, "net")
        await here.drive("*")
        await here.drive("1")
        before = shown(here)
        here.clock.advance(90)
        here.app.refresh_screens()
        await here.settle()
        assert shown(here) == before


async def test_large_type_has_more_pages_and_leads_to_a_ticket(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *SIGN_UP, "mobile")
        assert READ in here.choices()
        await here.drive("*")
        assert READ_ON in here.choices()
        await read(Keys(here), here, len(PAGES))
        here.expect(TicketScreen)
        assert "diversion.offered" not in here.stages()


async def test_the_counter_is_open_on_every_page(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *SIGN_UP, "phone")
        await here.drive("0")
        assert here.expect(TicketScreen).service == "ebanking_signup"
        assert not page_events(here)
