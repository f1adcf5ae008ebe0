"""What the branch publishes is on the screen after a synchronisation, and never within a visit."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from lobby import Keys, lobby
from stations import TRANSFER

from kiosk.app import KioskApp
from kiosk.clock import SystemClock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.screens.customer.attract import FACE_SECONDS
from kiosk.services.journal import Origin
from kiosk.services.releases import Name, publish
from kiosk.services.sync.push import synchronise
from kiosk.services.sync.reach import reach

CATALOG = files("kiosk.catalog").joinpath("default.toml").read_text(encoding="utf-8")
SETTINGS = """
[branch.name]
zh_CN = "城北支行"
en = "North Branch"
zh_TW = "城北分行"

[appearance]
accent = "#5a0010"
posters = "safety"
"""


def say(config: Config, name: Name, body: str) -> None:
    branch = Database(config.branch_database_url)
    try:
        publish(branch, None, name, body, datetime.now(UTC))
    finally:
        branch.close()


def sync(config: Config) -> None:
    """As `kiosk sync` does, which is another process."""
    store, clock = Database(f"sqlite:///{config.store_path}"), SystemClock()
    try:
        synchronise(
            store, Origin("0001", "T1", 1), lambda: reach(config.branch_database_url, clock), clock
        )
    finally:
        store.close()


def accent(app: KioskApp) -> str:
    return app.get_css_variables()["band"].lower()


async def test_settings_and_catalog_are_taken_up_between_visits(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        hand = Keys(here)
        await hand.start()
        say(here.config, Name.SETTINGS, SETTINGS)
        say(here.config, Name.CATALOG, CATALOG.replace('zh_CN = "转账缴费"', 'zh_CN = "缴费转账"'))
        sync(here.config)
        for code in TRANSFER[:1]:
            await hand.choose(code)
        assert "城南支行" in here.picture().text
        await here.drive("9")
        await here.drive("9")
        await here.until(lambda: len(here.builds) == 2)
        await here.until(lambda: "城北支行" in here.picture().text)
        assert accent(here.app) == "#5a0010"
        first = here.services.catalog.posters_of("safety")[0]
        ticks = here.app._ticks
        await here.until(lambda: here.app._ticks > ticks + 1)
        here.clock.advance(FACE_SECONDS)
        await here.until(lambda: first.title.zh_CN in here.picture())
        await hand.start()
        assert "缴费转账" in here.picture().text
        await here.drive("0")
        assert here.stages()[-1] == "ticket.issued"
        assert here.events()[-1]["release"] == here.services.catalog.release


async def test_nothing_is_taken_up_while_somebody_stands_there(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await Keys(here).start()
        say(here.config, Name.SETTINGS, SETTINGS)
        sync(here.config)
        looks = here.app._ticks + 40  # more than two rounds of the watch
        await here.until(lambda: here.app._ticks > looks)
        assert len(here.builds) == 1
        assert "城南支行" in here.picture().text
