"""The counter's screen on a branch database of its own: what is pressed is what is kept there."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import argon2
import pytest
from counter_world import PIN, WANG, counter
from desk_world import BRANCH, Hall
from network import road_to
from postgres_server import PostgresServer
from support import FakeClock
from sync_world import PostgresBranch, branch_of
from textual.widgets import Input

from kiosk.bootstrap import build_counter
from kiosk.config import Config, from_tree
from kiosk.models.states import CounterState, TicketState
from kiosk.screens.counter import teller
from kiosk.screens.counter.work import WorkScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.services.journal import new_id
from kiosk.services.releases import Name, publish
from kiosk.services.workplace import CounterServices

HASH = argon2.PasswordHasher(1, 8, 1).hash(PIN)
ROSTER = "".join(
    f'[[staff]]\nnumber = "{number}"\nname = "{name}"\nroles = ["{role}"]\npin_hash = "{HASH}"\n'
    for number, name, role in (
        ("1001", "王芳", "teller"), ("1002", "李雷", "lobby_manager"), ("2001", "审计", "auditor"),
    )
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Hall]:
    made = Hall(tmp_path / "hall", branch_of(request.param, request)(tmp_path))
    made.enrol(3)
    made.enrol(5)
    publish(made.database, [BRANCH], Name.STAFF, ROSTER, made.clock.now())
    yield made
    made.close()


def services(hall: Hall, url: str = "") -> Callable[[FakeClock], CounterServices]:
    """As `kiosk counter --counter 3` builds them."""
    folder = hall.world.folder / "counter"

    def read_config(of_branch: str) -> Config:
        return from_tree(tomllib.loads(of_branch) | {"data_folder": str(folder)}, folder / "x")

    config = Config(data_folder=folder, branch_database=url or hall._counters[3])
    return lambda clock: build_counter(config, 3, read_config, clock)


async def test_a_day_at_the_counter(hall: Hall, tmp_path: Path) -> None:
    first, second, third = (hall.customer() for _ in range(3))
    async with counter(tmp_path, services=services(hall)) as here:
        here.expect("Counter 3 · 王芳 1001", "1  Next  A0001", "Waiting: 3")
        await here.drive("1", "2", "3", "4", "enter")  # served
        await here.drive("1", "5", "9", "enter")  # did not come, came late
        here.expect("1  Next  A0002")
        await here.drive("0", "3", "enter", "3", "6", "8", "enter")  # chosen, on hold, resumed
        await here.drive("7", "2", "5", "enter")  # passed on to counter 5
        here.expect("1 for other counters")
        await here.drive("*", "1", "5", "enter", "*")
        await here.drive("-")
        assert isinstance(here.screen, SignInScreen)
    assert hall.stages(first) == ["called", "recalled", "started", "finished"]
    assert hall.stages(second) == ["called", "no_show", "requeued"]
    assert hall.stages(third) == ["called", "started", "held", "resumed", "transferred"]
    # what the ticket is for is no service of the catalog: nothing was ticked
    assert hall.payload(first, "finished")["services"] == []
    assert hall.ticket(third).wanted_counter == 5
    assert hall.desk(3).view().state is CounterState.CLOSED
    assert hall.differing() == {}


async def test_who_may_not_work_at_a_counter_stays_out(hall: Hall, tmp_path: Path) -> None:
    async with counter(tmp_path, services=services(hall), sign_in=False) as here:
        for number, pin in (("2001", PIN), ("1001", "111222"), ("9999", PIN)):
            here.screen.query_one("#number", Input).value = number
            here.screen.query_one("#pin").focus()
            await here.type(pin)
            await here.drive("enter")
            here.expect("Nobody can sign in here with that number and PIN.")
        assert hall.desk(3).view().state is CounterState.CLOSED


async def test_what_the_branch_has_set_holds_at_the_counter(hall: Hall, tmp_path: Path) -> None:
    publish(hall.database, [BRANCH], Name.SETTINGS, "[queue]\ncall_limit = 2\n", hall.clock.now())
    hall.customer()
    async with counter(tmp_path, services=services(hall)) as here:
        await here.drive("1")
        here.expect("Call 1 of 2")
        await here.drive("2")
        here.expect("5  No-show")


async def test_what_the_customer_filled_in_is_there_until_the_finish(
    hall: Hall, tmp_path: Path
) -> None:
    ticket = hall.customer()
    known_as = ticket.hex if hall.database.is_sqlite else ticket
    day = hall.clock.now().date().isoformat()
    hall.world.change("UPDATE ticket SET service = 'cross_bank_transfer'")
    hall.world.change(
        "INSERT INTO ticket_entry (ticket, field, value, branch, business_date)"
        " VALUES (?, 'amount', '500000', '0001', ?)",
        known_as, day,
    )  # fmt: skip
    async with counter(tmp_path, services=services(hall)) as here:
        await here.drive("1")
        here.expect("Amount: 5,000 yuan")
        await here.drive("3", "4", "enter")
        here.expect_not("5,000")
    assert hall.payload(ticket, "finished")["services"] == ["cross_bank_transfer"]
    assert hall.world.rows("SELECT * FROM ticket_entry") == []


async def test_two_counters_see_each_other(hall: Hall, tmp_path: Path) -> None:
    ticket = hall.customer()
    other = hall.desk(5)
    other.open(new_id(), "1002")
    async with counter(tmp_path, services=services(hall)) as here:
        here.expect("1  Next  A0001")
        other.call_next(new_id())
        await here.drive("1")  # before the second is over
        here.expect("Nobody is waiting")
        assert hall.ticket(ticket).counter == 5


@pytest.mark.parametrize("way", ["there", "back"])
async def test_a_road_that_breaks_loses_nothing(
    way: str, tmp_path: Path, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teller, "RETRY_SECONDS", 0.05)
    hall = Hall(tmp_path / "hall", PostgresBranch(server, tmp_path))
    try:
        hall.enrol(3)
        publish(hall.database, [BRANCH], Name.STAFF, ROSTER, hall.clock.now())
        first, second = hall.customer(), hall.customer()
        with road_to(server.port) as road:
            url = hall._counters[3].replace(f":{server.port}/", f":{road.port}/")
            async with counter(tmp_path, services=services(hall, url)) as here:
                await here.drive("1", "3")
                road.break_after(way, 0)
                await here.drive("4", "enter")
                here.expect("“Finish” is kept")
                assert hall.state(first) is TicketState.SERVING
                road.mend()
                await here.until(lambda: hall.state(first) is TicketState.SERVED)
                await here.settle()
                here.expect("1  Next  A0002")
                assert isinstance(here.screen, WorkScreen)
                assert here.app.teller is not None
                assert here.app.teller.at.who.number == WANG.number
        assert hall.stages(first) == ["called", "started", "finished"]
        assert hall.stages(second) == []
    finally:
        hall.close()
