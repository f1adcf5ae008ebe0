"""The customer's way as the pty tests type it, in the terminal's first language."""

from pathlib import Path

from support import default_catalog, rows
from terminal import Terminal

from kiosk import i18n
from kiosk.config import Config
from kiosk.i18n import NATIVE_NAMES

CATALOG = default_catalog()
MENU = CATALOG.menus[0].name.zh_CN
SERVICE = CATALOG.service("cross_bank_transfer")
BAND = next(band for band in SERVICE.amount_bands if band.code == "upto_5k").label.zh_CN
QUESTION = CATALOG.question("app").text.zh_CN
ASSENT = next(filter(None, [CATALOG.question("app").yes])).zh_CN
MOBILE = CATALOG.channel("mobile").name.zh_CN


def said(message: str) -> str:
    """A message as the terminal shows it."""
    before = i18n.language()
    i18n.use_language("zh_CN")
    try:
        return i18n._(message)
    finally:
        i18n.use_language(before)


def reach_attract(terminal: Terminal) -> None:
    """The screen that waits for somebody: every language in its own script."""
    terminal.wait_for(*NATIVE_NAMES.values())


def reach_home(terminal: Terminal) -> None:
    reach_attract(terminal)
    terminal.send(b"\r")
    terminal.wait_for(f"1  {MENU}")


def store(data: Path) -> Path:
    return Config(data_folder=data).store_path


def has_schema(path: Path) -> bool:
    """Whether the first start came so far."""
    return rows(path, "SELECT count(*) FROM sqlite_master WHERE name = 'event'") == [(1,)]


def stages(data: Path) -> list[str]:
    """Kind and stage of every event; none if the store was not made yet."""
    if not has_schema(store(data)):
        return []
    found = rows(store(data), "SELECT kind || '.' || stage FROM event ORDER BY epoch, seq")
    return [str(stage) for (stage,) in found]
