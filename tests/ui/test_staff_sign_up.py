"""Signing a customer up, the day book, follow-ups: by keys, with mistakes, at every size."""

from contextlib import closing
from pathlib import Path
from typing import cast
from uuid import UUID

from lobby import Lobby, shared_catalog
from staff_here import MANAGER, sign_in, staff_machine
from staff_looks import cut_anywhere
from support import FakeClock, rows

from kiosk.db import Database
from kiosk.screens.pick import PickScreen
from kiosk.screens.staff_mode.places.follow_up import FollowUpScreen
from kiosk.screens.staff_mode.places.now import NowScreen
from kiosk.screens.staff_mode.places.sign_up import SignUpScreen
from kiosk.screens.staff_mode.read import ReadScreen
from kiosk.screens.write_in import WriteInScreen
from kiosk.services.desk_journal import DeskJournal
from kiosk.services.journal import new_id
from kiosk.services.staff.sign_ups import Opened, Signing, SignUps
from kiosk.staff_mode_app import StaffModeApp

PHONE = "13812341234"


async def open_place(here: Lobby, digit: str) -> None:
    await here.speak("en")
    await sign_in(here)
    await here.drive(digit)


async def read_on(here: Lobby) -> None:
    """Read every product to its end."""
    while isinstance(here.screen, ReadScreen):
        await here.drive("enter")


async def type_in(here: Lobby, text: str) -> None:
    here.expect(WriteInScreen)
    for each in text:
        here.strike(each)
    await here.drive("enter")


async def sign_up(here: Lobby, *products: str, receipt: str = "KH2026-000123") -> None:
    """The first bundle, these of its products, and the receipt; then it is signed."""
    await here.drive("1", *products, "enter")
    await read_on(here)
    await here.drive("1")
    await type_in(here, receipt)


def signed(here: Lobby) -> list[tuple[object, ...]]:
    return rows(
        here.config.store_path, "SELECT product, receipt, staff FROM sign_up ORDER BY product"
    )


async def test_a_bundle_with_a_phone_number(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here, "3")
        here.says("Who is the customer?", "Signed today: 0 products")
        await sign_up(here, "1", "3")
        here.says("Signed. May we call to ask whether it works?")
        assert [each[0] for each in signed(here)] == ["mobile", "net"]
        await here.drive("2")
        here.says("may we keep your phone number?", "[ ] I have read this and agree")
        await here.drive("enter")
        here.expect(ReadScreen)
        await here.drive("1", "enter")
        await type_in(here, PHONE)
        here.says("Signed up", "138****1234", "Withdrawal code for the customer:")
        assert PHONE not in here.picture().text
        await here.drive("enter")
        here.says("Signed today: 2 products", "signed")
        contacts = rows(here.config.store_path, "SELECT number_masked FROM contact")
        assert contacts == [("138****1234",)]
        [(code,)] = rows(here.config.store_path, "SELECT withdrawal_code FROM contact")
        await here.drive("*")
        await type_in(here, "00000000")
        here.says("Who is the customer?")
        assert "Deleted" not in here.picture()
        await here.drive("*")
        await type_in(here, str(code))
        here.says("Deleted: 138****1234")
        assert rows(here.config.store_path, "SELECT count(*) FROM contact") == [(0,)]


async def test_nothing_is_ticked_read_or_agreed_to_for_the_customer(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here, "3")
        await here.drive("1")
        assert "[x]" not in here.picture()
        assert "Go on" not in here.picture(), "without a product there is nothing to sign"
        await here.drive("enter")
        here.expect(PickScreen)
        await here.drive("2")
        here.says("Go on")
        await here.drive("enter", "-")
        here.expect(PickScreen)
        assert "[x]" in here.picture(), "whoever goes back finds what was ticked"
        await here.drive("enter")
        await read_on(here)
        await here.drive("0")
        await type_in(here, "KH-000001")
        await here.drive("2", "-")
        here.says("Receipt: KH-000001")
        assert rows(here.config.store_path, "SELECT count(*) FROM contact") == [(0,)]
        assert "visit.left_out" in here.stages()


async def test_the_kind_of_customer_comes_along_from_the_talk(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here, "2")
        catalog = shared_catalog()
        [named] = [each for each in catalog.segments if "same_bank_transfer" in each.services]
        behind = catalog.segments[catalog.segments.index(named) + 1]
        await here.drive("3", "4", "-", "3")
        here.says(f"7  Customer: {named.name.en}", "May help them:")
        await here.drive("7")
        here.says(f"7  Customer: {behind.name.en}")
        await here.drive("8")
        here.expect(ReadScreen)
        await read_on(here)
        here.expect(SignUpScreen)
        assert not await cut_anywhere(here)
        await here.drive("1", "1", "enter")
        await read_on(here)
        here.says("Which kind of customer?", f"► {catalog.segments.index(behind) + 1}")
        await here.drive("enter")
        await type_in(here, "KH-000001")
        [segment] = rows(here.config.store_path, "SELECT segment FROM sign_up")
        assert segment == (behind.code,)
        await here.drive("1", "enter")
        here.expect(SignUpScreen)
        here.says("7  Customer: not known")


async def test_a_wrong_receipt_says_why_and_loses_nothing(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here, "3")
        await here.drive("1", "1", "enter")
        await read_on(here)
        await here.drive("escape")
        here.expect(ReadScreen)
        await read_on(here)
        await here.drive("1")
        for wrong in ("12", "4111111111111111", PHONE):
            await type_in(here, wrong)
            here.expect(WriteInScreen)
            assert here.screen.query_one("#note").region.height
            await here.drive(*["backspace"] * len(wrong))
        await type_in(here, "kh2026-000123")
        await here.drive("1", "enter")
        assert [each[1] for each in signed(here)] == ["KH2026-000123"]


async def test_what_became_of_it_is_found_by_the_end_of_its_number(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here, "3")
        await sign_up(here, "1", receipt="KH2026-000123")
        await here.drive("1", "enter")
        await here.drive(".", "1", "2", "3", "enter", "1")
        here.says("Noted: KH2026-000123, Online banking", "taught")
        await here.drive(".", "enter", "2")
        here.says("used")


async def test_what_became_of_an_older_one_is_found_by_its_whole_number(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        elsewhere = signed_at_another_terminal(here, "mobile", "gone-since")
        await open_place(here, "3")
        await here.drive(".")
        await type_in(here, "KH-999999")
        here.expect(SignUpScreen)
        here.says("No sign-up with the receipt KH-999999 is found.")
        await here.drive(".")
        await type_in(here, "kh2026-000777")
        here.says("Receipt KH2026-000777: which product?", "gone-since", "signed", "2026-11-20")
        assert not await cut_anywhere(here)
        await here.drive("-")
        here.expect(SignUpScreen)
        assert "sign_up.taught" not in here.stages()
        await sign_up(here, "1", receipt="KH2026-000123")
        await here.drive("1", "enter", ".")
        assert not await cut_anywhere(here)
        await here.drive("0", "enter")
        await type_in(here, "KH2026-000777")
        assert not await cut_anywhere(here)
        await here.drive("1", "1")
        here.expect(SignUpScreen)
        here.says("Noted: KH2026-000777,")
        noted = "SELECT subject, staff FROM event WHERE kind = 'sign_up' AND stage = 'taught'"
        assert rows(here.config.store_path, noted) == [(elsewhere.hex, MANAGER)]
        await here.drive(".", "0", "enter")
        await type_in(here, "KH2026-000777")
        here.says("taught")  # though the branch has not heard of it


def signed_at_another_terminal(here: Lobby, *products: str) -> UUID:
    """On Friday, as the branch has it; the id of the first product."""
    opened = [Opened(new_id(), product, 1) for product in products]
    clock = FakeClock()
    clock.advance(-3 * 86_400)
    with closing(Database(here.config.branch_database_url)) as branch:
        journal = DeskJournal(branch, "0001", None, clock, here.config.zone, "release-1")
        SignUps(journal).sign(Signing(new_id(), opened, "young", "KH2026-000777"), "1001")
    return opened[0].id


async def test_the_day_book(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here, "5")
        here.says("Round 1  not yet")
        await here.drive("1", "2", "enter")
        here.says("not in order:")
        await here.drive("2", "enter")
        here.says("09:30 王芳: all in order")
        await here.drive("4")
        await type_in(here, "call 13812341234")
        here.expect(WriteInScreen)
        await here.drive(*["backspace"] * 16)
        await type_in(here, "Waited long")
        here.says("09:30 Complaint  Waited long")
        assert not await cut_anywhere(here)


async def test_a_follow_up_with_two_digits(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here, "3")
        # what was signed up here has not come to the branch yet
        (here.config.data_folder / "branch.db").rename(tmp_path / "away.db")
        await sign_up(here, "1", receipt="KH2026-000123")
        await here.drive("2", "1", "enter")
        await type_in(here, PHONE)
        await here.drive("enter", "-", "4")
        here.says("Nobody is due today.")
        here.clock.advance(days=9)
        await sign_in_again(here)
        await here.drive("4")
        here.expect(FollowUpScreen)
        here.says("Due: 1", "overdue: 1", "000123", "2 d late")
        await here.drive("1")
        here.says("138****1234", "What came of it?")
        assert not await cut_anywhere(here)
        await here.drive(".")
        here.says(PHONE)
        await here.drive("-")
        assert PHONE not in here.picture()
        await here.drive("1", "3")
        here.says("Noted: Not reached", "Nobody is due today.")
        assert "follow_up.done" in here.stages()
        await here.drive("-")
        here.expect(NowScreen)


async def sign_in_again(here: Lobby) -> None:
    """Nine days later nobody is signed in any more."""
    app = cast("object", here.app)
    assert isinstance(app, StaffModeApp)
    app._tick()
    await here.settle()
    await sign_in(here)


async def test_signing_up_is_whole_at_every_size(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here, "3")
        for keys in ((), ("1",), ("1", "2", "3", "enter")):
            await here.drive(*keys)
            assert not await cut_anywhere(here)
        await read_on(here)
        assert not await cut_anywhere(here)
        await here.drive("1")
        assert not await cut_anywhere(here)
        await type_in(here, "KH2026-000123")
        assert not await cut_anywhere(here)
        await here.drive("2")
        assert not await cut_anywhere(here)
        await here.drive("enter", "1", "enter")
        await type_in(here, PHONE)
        assert not await cut_anywhere(here)
        await here.drive("enter")
        assert not await cut_anywhere(here)
