"""A visit by mouse alone: real clicks on real pixels, and what is kept of it."""

from pathlib import Path

from support import rows
from way import ASSENT, BAND, MENU, MOBILE, SERVICE, said, stages, store
from xterm import Display, Xterm

from kiosk.i18n import NATIVE_NAMES

WAY = (NATIVE_NAMES["zh_CN"], MENU, SERVICE.name.zh_CN, BAND, ASSENT, MOBILE, said("Done"))
END = said("That is all")


def test_a_visit_by_clicks_alone(tmp_path: Path) -> None:
    with Display() as display, Xterm(display, tmp_path) as terminal:
        for label in (*WAY, END):
            terminal.touch(label)
        terminal.wait(lambda: "visit.ended" in stages(tmp_path), "end of the visit")
    assert stages(tmp_path) == [
        "visit.started", "intent.stated", "diversion.offered", "diversion.accepted",
        "diversion.completed", "visit.ended",
    ]  # fmt: skip
    assert rows(store(tmp_path), "SELECT channel FROM event WHERE stage = 'completed'") == [
        ("mobile",)
    ]
