"""The files of a terminal's machine: letters that can be read, and what programs say of them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.paths import resource
from kiosk.services.deploy.font import Screen, font_for

SHOWN = {
    "foot": ["--profile", "foot", "--screen", "21.5in", "--distance", "55cm"],
    "xterm": ["--profile", "xterm", "--screen", "21.5in", "--distance", "55cm"],
}
"""How the files in deploy/ were made: the recipe that was photographed, 83×24 of 38 pixels."""


def told(folder: Path, *words: str) -> str:
    result = CliRunner().invoke(app, ["deploy", "render", *words, "--out", str(folder)])
    assert result.exit_code == 0, result.output
    return result.stdout


def rendered(tmp_path: Path, *words: str) -> Path:
    """A folder with the files."""
    folder = tmp_path / "files"
    told(folder, *words)
    return folder


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    assert found is not None, f"{name} is needed: on Debian, apt-get install {package}"
    return found


@pytest.mark.parametrize(
    ("screen", "width", "height", "distance_mm", "pixels", "columns", "rows"),
    [  # the sizes that 0.7° asks for by EN 301 549, unless larger letters leave room for 80×24
        ("21.5", 1920, 1080, 500, 38, 83, 24),
        ("21.5", 1920, 1080, 600, 41, 76, 22),
        ("27", 1920, 1080, 600, 38, 83, 24),
        ("32", 1080, 1920, 500, 23, 77, 68),
        ("32", 1080, 1920, 600, 28, 63, 58),
    ],
)
def test_letters_are_as_large_as_can_be(
    screen: str, width: int, height: int, distance_mm: int, pixels: int, columns: int, rows: int
) -> None:
    font = font_for(Screen(float(screen) * 25.4, width, height, distance_mm))
    assert (font.pixels, font.columns, font.rows) == (pixels, columns, rows)
    assert font.readable_mm >= distance_mm


SCREENS = st.builds(
    Screen,
    diagonal_mm=st.floats(200, 1500),
    width=st.integers(1024, 3840),
    height=st.integers(1024, 3840),
    distance_mm=st.floats(300, 1200),
)


@given(SCREENS)
def test_the_screens_always_fit_and_are_read_where_they_can_be(screen: Screen) -> None:
    font, large = font_for(screen), font_for(screen, large_type=True)
    for each in (font, large):
        assert each.columns >= 60
        assert each.rows >= 20
    assert large.pixels >= font.pixels
    # letters that can't be read are given only where none that can would fit
    if font.readable_mm < screen.distance_mm:
        assert font == large


def test_chinese_characters_fill_two_cells() -> None:
    font = font_for(Screen(21.5 * 25.4, 1920, 1080, 550))
    assert (font.pixels, font.chinese_pixels) == (38, 44)


@pytest.mark.parametrize("profile", SHOWN)
def test_the_files_in_the_source_tree_are_what_is_written(profile: str, tmp_path: Path) -> None:
    written = rendered(tmp_path, *SHOWN[profile])
    shown = resource("deploy") / profile
    assert {each.name for each in shown.iterdir()} == {each.name for each in written.iterdir()}
    for each in written.iterdir():
        assert each.read_text("utf-8") == (shown / each.name).read_text("utf-8"), each.name


def test_foot_takes_its_file(tmp_path: Path) -> None:
    file = rendered(tmp_path, *SHOWN["foot"]) / "foot.ini"
    done = subprocess.run(
        [program("foot", "foot"), "--check-config", "-c", file],
        capture_output=True, text=True, env={"LC_ALL": "C.UTF-8", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr + done.stdout


@pytest.mark.parametrize("profile", SHOWN)
@pytest.mark.parametrize("database", ["", "postgresql+psycopg://a@b.example:5432/c"])
def test_systemd_takes_the_unit(
    profile: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_BRANCH_DATABASE", database)
    unit = rendered(tmp_path, *SHOWN[profile]) / "branch-kiosk.service"
    text = unit.read_text("utf-8")
    assert ("LoadCredential=branch.pass" in text) is bool(database)
    # whether the programs are installed is not what is asked here
    text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text)
    unit.write_text(text, "utf-8")
    done = subprocess.run(
        [program("systemd-analyze", "systemd"), "verify", unit], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("profile", SHOWN)
def test_a_shell_takes_the_scripts(profile: str, tmp_path: Path) -> None:
    folder = rendered(tmp_path, *SHOWN[profile], "--time-server", "time.bank.example")
    scripts = [each for each in folder.iterdir() if each.read_text("utf-8").startswith("#!")]
    assert {"session", "install.sh"} <= {each.name for each in scripts}
    for each in scripts:
        subprocess.run(["sh", "-n", each], check=True)
    # and every file is put somewhere
    placed = re.findall(r"(?m)^install -D -m \d+ (\S+) /", (folder / "install.sh").read_text())
    assert {*placed, "install.sh"} == {each.name for each in folder.iterdir()}


def test_every_key_and_button_of_the_emulators_leads_nowhere(tmp_path: Path) -> None:
    """What was tried by hand stays closed: a shell, a menu, a link, another console."""
    wayland = rendered(tmp_path / "foot", *SHOWN["foot"])
    foot = (wayland / "foot.ini").read_text("utf-8")
    bindings = foot.partition("[key-bindings]")[2].splitlines()
    bound = [line for line in bindings if line and not line.startswith(("#", "["))]
    assert bound
    assert all(line.endswith("=none") for line in bound)
    assert "spawn-terminal=none" in bound
    assert "shell=/opt/branch-kiosk/session" in foot
    assert "cage -d --" in (wayland / "branch-kiosk.service").read_text("utf-8")  # no -s
    xorg = (rendered(tmp_path / "xterm", *SHOWN["xterm"]) / "xorg.conf").read_text("utf-8")
    assert 'Option "DontVTSwitch" "true"' in xorg


def test_a_screen_that_can_t_be_read_from_there_is_told(tmp_path: Path) -> None:
    said = told(
        tmp_path, "--profile", "foot", "--screen", "10.1in", "--resolution", "1280x800",
        "--distance", "60cm",
    )  # fmt: skip
    assert "They can be read from up to" in said
    assert "less than 60cm" in said


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("--screen", "21.5"), "21.5 is no length"),
        (("--distance", "far"), "far is no length"),
        (("--distance", "0cm"), "0cm is no length"),
        (("--resolution", "full"), "full is no number of pixels"),
        (("--resolution", "200x100"), "too few pixels"),
        (("--time-server", "a b; rm"), "is no name of a server"),
    ],
)
def test_wrong_words_are_refused(words: tuple[str, str], refusal: str, tmp_path: Path) -> None:
    given = [*SHOWN["foot"], *words, "--out", str(tmp_path / "new")]
    result = CliRunner().invoke(app, ["deploy", "render", *given])
    assert result.exit_code == 2
    assert refusal in result.output.replace("\n", " ")
    assert not (tmp_path / "new").exists()
