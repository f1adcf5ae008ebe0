"""A talk in the lobby is noted with two keys, and counts as what came of it."""

from pathlib import Path
from typing import Any

from lobby import Lobby, shared_catalog
from staff_here import MANAGER, sign_in, staff_machine
from staff_looks import cut_anywhere
from support import rows

from kiosk.screens.pick import PickScreen
from kiosk.screens.staff_mode.places.assist import AssistScreen
from kiosk.screens.staff_mode.places.now import NowScreen
from kiosk.screens.staff_mode.read import ReadScreen
from kiosk.services.reference import shown


def last_talk(here: Lobby) -> dict[str, Any]:
    """The last one that ended."""
    return next(each for each in here.events()[::-1] if each["kind"] == "assist")


async def open_place(here: Lobby) -> None:
    await here.speak("en")
    await sign_in(here)
    await here.drive("2")
    here.expect(AssistScreen)


async def test_two_digits_note_a_talk(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here)
        here.says("What was it about?", "What came of it?", "4  Transfer to another bank")
        await here.drive("4", "5")
        talk = last_talk(here)
        assert (talk["outcome"], talk["staff"]) == ("done", MANAGER)
        assert here.stages() == [
            "assist.started", "assist.ended",
            "diversion.offered", "diversion.accepted", "diversion.completed",
        ]  # fmt: skip
        here.says("Noted:", "Done there, and I saw it", "What was it about?")
        await here.drive("x")
        assert "Noted:" not in here.picture()
        await here.drive("4", "1")
        assert last_talk(here)["outcome"] == "nothing_offered"
        assert last_talk(here)["channel"] is None


async def test_what_the_customer_is_to_do_has_a_reference(tmp_path: Path) -> None:
    async with staff_machine(tmp_path, size=(60, 20)) as here:
        await open_place(here)
        await here.drive("4", "3")
        [(reference,)] = rows(here.config.store_path, "SELECT reference FROM diversion")
        here.says("Noted:", f"Reference {shown(str(reference))}")
        assert not await cut_anywhere(here)


async def test_who_would_rather_not_may_say_why(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here)
        await here.drive("4", "2")
        here.expect(PickScreen)
        here.says("What did they say?", "They gave no reason")
        await here.drive("1", "enter")
        talk = last_talk(here)
        assert (talk["outcome"], talk["reason"]) == ("declined", "no_time")
        await here.drive("4", "2", "0", "enter")
        assert last_talk(here)["reason"] is None
        noted = len(here.events())
        await here.drive("4", "2", "escape", "-", "-")
        here.expect(NowScreen)
        assert len(here.events()) == noted, "whoever goes back has noted nothing"


async def test_who_comes_for_a_service_is_taken_for_a_kind_of_customer(tmp_path: Path) -> None:
    async with staff_machine(tmp_path, size=(120, 40)) as here:
        await open_place(here)
        catalog = shared_catalog()
        [named] = [each for each in catalog.segments if "same_bank_transfer" in each.services]
        await here.drive("3")
        here.says("Transfer in this bank", f"7  Customer: {named.name.en}")
        for code in named.products:
            here.says(catalog.product(code).name.en)
        for code in named.objections:
            here.says(f"“{catalog.objection(code).reason.en}”", catalog.objection(code).answer.en)
        await here.drive("8")
        here.expect(ReadScreen)
        here.says(*(catalog.objection(code).follow_up.en for code in named.objections))
        await here.drive("enter", "2")
        listed = [each for each in here.picture().lines if " 1  " in each or " 2  " in each]
        assert catalog.objection(named.objections[0]).reason.en in "".join(listed)
        await here.drive("0", "enter")
        assert last_talk(here)["segment"] == named.code


async def test_one_key_says_that_it_is_another_kind_and_goes_round(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here)
        segments = shared_catalog().segments
        await here.drive("1")
        here.says("7  Customer: not known")
        for each in segments:
            await here.drive("7")
            here.says(f"Customer: {each.name.en}")
        await here.touch(*here.picture().find("Customer:")[0])
        here.says("Customer: not known")
        await here.drive("8")
        here.expect(AssistScreen)
        await here.drive("7", "4")
        assert last_talk(here)["segment"] == segments[0].code
        await here.drive("1")
        here.says("Customer: not known")
        await here.drive("4")
        assert last_talk(here)["segment"] is None, "the next customer is somebody else"


async def test_another_channel_and_a_customer_who_counts_nowhere(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here)
        await here.drive("4")
        first = here.picture().text
        await here.drive("+", ".")
        here.says("60+ or large type: stays out")
        assert here.picture().text != first
        await here.drive("4")
        assert "visit.left_out" in here.stages()
        await here.drive("4")
        assert "stays out" not in here.picture(), "the next customer counts again"


async def test_a_talk_that_is_timed_goes_on_in_other_places(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here)
        await here.drive("enter", "-")
        here.clock.advance(minutes=4)
        await here.drive("2")
        here.says("This talk: 4 minutes")
        await here.drive("enter")
        await here.drive("4", "4")
        assert here.stages().count("assist.started") == 1
        assert '"seconds": 24' in str(last_talk(here)["payload"])
        assert "This talk" not in here.picture()


async def test_by_mouse_alone(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here)

        async def touch(words: str) -> None:
            await here.touch(*here.picture().find(words)[0])

        await touch("More (1 of")
        here.says("More (2 of")
        await touch(" 3  ")
        await touch("Shown how to do it")
        assert last_talk(here)["outcome"] == "taught"
        await touch(" 1 Now")
        here.expect(NowScreen)


async def test_it_is_whole_at_every_size(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await open_place(here)
        assert not await cut_anywhere(here)
        await here.drive("enter", "4", ".", "7")
        assert not await cut_anywhere(here)
        await here.drive("8")
        assert not await cut_anywhere(here)
        await here.drive("-")
        here.expect(AssistScreen)
        await here.drive("2")
        assert not await cut_anywhere(here)
