"""The bar of long runs, as it stands in a real terminal."""

import subprocess
import sys
from pathlib import Path

import pytest
from terminal import Terminal

PROGRAM = """
import sys
from kiosk import i18n
from kiosk.cli import progress
progress._PATIENCE_SECONDS = float(sys.argv[2])
i18n.use_language(sys.argv[1])
with progress.progress_bar(i18n._("Events to the branch")) as draw:
    for done in (1_000, 200_000, 999_999):
        draw(done, 1_000_000)
    sys.stdin.readline()
print("done")
"""


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Events to the branch ━", "999,999 of 1,000,000", "/s", "0:00:01 left")),
        ("zh_CN", ("向网点传送事件 ━", "999,999 / 1,000,000", "/秒", "剩余 0:00:01")),
    ],
)
def test_rate_and_time_left_stand_on_one_line(
    language: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    with Terminal(tmp_path, [sys.executable, "-c", PROGRAM, language, "0"]) as terminal:
        terminal.wait_for(*words)
        [line] = [line for line in terminal.text.splitlines() if "1,000,000" in line]
        assert all(word in line for word in words)
        assert "…" not in line
        terminal.send(b"\x04")  # end of input: the terminal itself writes nothing for it
        terminal.wait_for("done")
        assert "1,000,000" not in terminal.text


def test_what_is_quick_and_what_nobody_watches_has_no_bar(tmp_path: Path) -> None:
    with Terminal(tmp_path, [sys.executable, "-c", PROGRAM, "en", "3600"]) as terminal:
        terminal.send(b"\n")
        assert terminal.exit_status() == 0
        assert "1,000,000" not in terminal.text
    unwatched = [sys.executable, "-c", PROGRAM, "en", "0"]
    done = subprocess.run(unwatched, input="\n", capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("done\n", "")
