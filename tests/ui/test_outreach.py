"""A laptop out with people: the way to the branch and no number, and everything brought home."""

from dataclasses import replace
from pathlib import Path

from lobby import Keys, lobby
from stations import SIGN_UP, TRANSFER, WITHDRAWAL, go
from sync_world import World, open_terminal
from test_fits import cut, show_as

from kiosk.config import LANGUAGES, Branch, Config, Line, Terminal
from kiosk.screens.customer.after_failure import AfterFailureScreen
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.branch import BranchScreen
from kiosk.screens.customer.reason import ReasonScreen
from kiosk.services.branch import enrol

ADDRESS, HOURS = "示例市城南区解放路 18 号", "每天 9:00–17:00"
AWAY = Config(
    branch=Branch(
        address=Line(
            zh_CN=ADDRESS, en="18 Jiefang Road, Chengnan", zh_TW="範例市城南區解放路 18 號"
        ),
        hours=Line(zh_CN=HOURS, en="9:00–17:00 every day", zh_TW=HOURS),
    ),
    terminal=Terminal(code="M1", digit=9, outreach=True),
)
OFFLINE_DAYS = 4


async def test_where_the_branch_is_stands_in_the_place_of_a_number(tmp_path: Path) -> None:
    async with lobby(tmp_path, config=AWAY) as here:
        here.says("要到网点办的", "0 到网点办")
        await go(here, *TRANSFER[:4])
        here.says("到网点窗口", "另加等候")
        await Keys(here).choose("counter")
        here.expect(BranchScreen)
        here.says("欢迎您到网点办理", "城南支行", ADDRESS, HOURS, "办理需要：", "现在不用取号")
        await Keys(here).choose("why")
        here.expect(ReasonScreen)
        await here.drive("1")
        assert "why" not in here.choices()
        await Keys(here).choose("another")
        await here.drive("0")
        here.expect(BranchScreen)
        await Keys(here).choose("finish")
        here.expect(AttractScreen)
        assert here.stages() == [
            "visit.started", "intent.stated", "diversion.offered", "diversion.declined",
            "diversion.declined", "visit.ended",
        ]  # fmt: skip


async def test_what_stands_in_the_branch_is_not_offered_here_but_told(tmp_path: Path) -> None:
    async with lobby(tmp_path, config=AWAY) as here:
        await go(here, *WITHDRAWAL[:2])
        here.expect(BranchScreen)
        here.says("网点里的自助机也能办：ATM 存取款机")
        await Keys(here).choose("another")
        for code in (*TRANSFER, "failed"):
            await Keys(here).choose(code)
        await here.drive("1")
        here.expect(AfterFailureScreen)
        here.says("到网点，工作人员会帮您办", "看网点在哪儿")
        await Keys(here).choose("ticket")
        here.expect(BranchScreen)


async def test_it_fits(tmp_path: Path) -> None:
    faults = []
    async with lobby(tmp_path, config=AWAY) as here:
        for first in (True, False):
            for size in ((83, 24), (60, 20)):
                await here.resize(*size)
                for number, language in enumerate(LANGUAGES):
                    await show_as(here, language, large=not first and bool(number % 2))
                    faults += [f"{size} {language}: {fault}" for fault in cut(here)]
            if first:
                await show_as(here, "zh_CN", large=False)
                await go(here, *SIGN_UP, "-")
                await here.drive("0")
                here.expect(BranchScreen)
        await here.resize(40, 10)
        here.says("9:00–17:00")
    assert not faults, "\n".join(faults)


async def test_days_away_come_home_in_one_go(tmp_path: Path, world: World) -> None:
    url = world.here.url_for(enrol(world.branch, "0001", "M1", 9))
    config = replace(AWAY, branch_database=url)
    async with lobby(tmp_path, config=config) as here:
        for day in range(OFFLINE_DAYS):
            way = (*TRANSFER, "done") if day % 2 else (*TRANSFER[:4], "counter")
            await go(here, *way, "finish")
            here.clock.advance(hours=24)
        kept, config = here.stages(), here.config
    world.clock.advance(days=OFFLINE_DAYS)
    terminal = open_terminal(
        config, world.clock, url, lambda url: world.here.connect(url, world.clock)
    )
    done = terminal.sync()
    terminal.store.close()
    assert (done.batches, done.inserted) == (1, len(kept))
    [(events, days)] = world.rows(
        "SELECT count(*), count(DISTINCT business_date) FROM event WHERE terminal = 'M1'"
    )
    assert (events, days) == (len(kept), OFFLINE_DAYS)
    assert world.rows("SELECT count(*) FROM ticket") == [(0,)]
    outcomes = "SELECT count(completed_at), count(declined_at) FROM diversion"
    assert world.rows(outcomes) == [(2, 2)]
