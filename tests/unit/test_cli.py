"""The command line: what it finds, what it refuses, how it ends."""

import gc
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from kiosk import __version__, cli, exit_codes, start
from kiosk.cli import COMMANDS, app, load_command
from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.sentences import known_codes

runner = CliRunner()


def kiosk(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments],
        capture_output=True, text=True, env=os.environ | environment, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A command `kiosk db` that does what a test sets as `action`."""
    found = SimpleNamespace(action=lambda: None)
    module = ModuleType("kiosk.cli.db")
    app_of_db = typer.Typer()
    vars(module)["app"] = app_of_db

    @app_of_db.command()
    def db() -> None:
        found.action()

    monkeypatch.setitem(sys.modules, "kiosk.cli.db", module)
    yield found
    gc.enable()


# --- finding commands -------------------------------------------------------------------------


def test_help_names_every_command() -> None:
    shown = runner.invoke(app, ["--help"])
    assert shown.exit_code == 0
    for name, line in COMMANDS.items():
        assert f"  {name} " in shown.output
        assert line in shown.output


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_help_is_the_command_s_own(name: str) -> None:
    help_text = load_command(name).help or ""
    assert help_text.split("\n")[0] == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_without_rich(name: str) -> None:
    shown = kiosk(name, "--help")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(f"Usage: kiosk {name}")
    assert "╭" not in shown.stdout
    assert "--install-completion" not in shown.stdout


def test_no_command_shows_the_help() -> None:
    assert "Commands:" in runner.invoke(app, []).output


def test_a_wrong_command_is_refused_with_the_nearest() -> None:
    shown = kiosk("docter")
    assert shown.returncode == 2
    assert "Did you mean 'doctor'" in shown.stderr


def test_version() -> None:
    assert kiosk("--version").stdout == f"branch-kiosk {__version__}\n"


def test_config_holds_for_every_command(tmp_path: Path, command: SimpleNamespace) -> None:
    from kiosk import config

    file = tmp_path / "own.toml"
    file.write_text('[terminal]\ncode = "T8"')
    command.action = lambda: typer.echo(config.load().terminal.code)
    assert runner.invoke(app, ["--config", str(file), "db"]).output == "T8\n"


def test_garbage_is_collected_in_commands(command: SimpleNamespace) -> None:
    gc.disable()
    command.action = lambda: typer.echo(gc.isenabled())
    assert runner.invoke(app, ["db"]).output == "True\n"


# --- errors -----------------------------------------------------------------------------------


def test_an_error_is_a_sentence_and_a_code(command: SimpleNamespace) -> None:
    def fail() -> None:
        raise KioskError("database_busy", database="/x.db")

    command.action = fail
    shown = runner.invoke(app, ["db"])
    assert shown.exit_code == exit_codes.exit_code(KioskError("database_busy")) == 3
    assert shown.stdout == ""
    assert shown.stderr.startswith("The database /x.db is held by another program.")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh_CN.UTF-8", "没有配置文件"),
        ("zh_TW.UTF-8", "沒有設定檔"),
        ("en_US.UTF-8", "There is no"),
    ],
)
def test_errors_speak_the_language_of_the_locale(language: str, words: str) -> None:
    shown = kiosk("--config", "/none.toml", "doctor", LC_ALL="", LANG=language)
    assert words in shown.stdout


def test_a_wrong_configuration_ends_with_2() -> None:
    shown = kiosk("report", "today", KIOSK_TERMINAL_DIGIT="x")
    assert shown.returncode == 2
    assert shown.stderr.startswith("KIOSK_TERMINAL_DIGIT must be")
    assert shown.stderr.count("\n") == 1


def test_an_unforeseen_error_shows_no_values_of_variables(command: SimpleNamespace) -> None:
    code = (
        "import sys, types, typer, kiosk.cli\n"
        "module = sys.modules['kiosk.cli.db'] = types.ModuleType('kiosk.cli.db')\n"
        "module.app = typer.Typer()\n"
        "@module.app.command()\n"
        "def db():\n"
        "    pin = str(4000 + 321)\n"
        "    raise RuntimeError('broken')\n"
        "sys.argv = ['kiosk', 'db']\n"
        "kiosk.cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "RuntimeError: broken" in done.stderr
    assert "4321" not in done.stderr
    assert "─" not in done.stderr


def test_ctrl_c_ends_with_130(command: SimpleNamespace) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    command.action = interrupt
    assert runner.invoke(app, ["db"]).exit_code == 130


def test_a_reader_that_goes_away_is_no_error() -> None:
    shell = f"{sys.executable} -m kiosk catalog show | head -n 1; echo ${{PIPESTATUS[0]}} >&2"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True)
    assert "Traceback" not in done.stderr


def test_configuration_codes_are_wrong_use() -> None:
    wrong = [code for code in known_codes() if code.startswith("config_")]
    assert wrong
    for code in [*wrong, "debug_variable", "no_terminal", "terminal_too_small"]:
        assert exit_codes.exit_code(KioskError(code)) == 2, code


# --- kiosk run --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variable",
    [
        "TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_DEVTOOLS_HOST", "TEXTUAL_DEVTOOLS_PORT",
        "TEXTUAL_SCREENSHOT", "TEXTUAL_SCREENSHOT_LOCATION", "TEXTUAL_PRESS",
        "TEXTUAL_ALLOW_SIGNALS", "TEXTUAL_DRIVER", "TEXTUAL_THEME",
    ],
)  # fmt: skip
def test_debug_variables_are_refused_by_name(variable: str) -> None:
    shown = kiosk("run", **{variable: ""})
    assert shown.returncode == 2
    assert f" {variable} " in shown.stderr
    assert shown.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "variable", ["TEXTUAL_FPS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY", "MY_TEXTUAL"]
)
def test_harmless_variables_are_not(variable: str) -> None:
    start.refuse_debug_variables({variable: "1"})


def test_without_a_terminal_it_does_not_start() -> None:
    shown = kiosk("run")
    assert shown.returncode == 2
    assert shown.stderr.startswith("This program needs a terminal")


@pytest.mark.parametrize(("columns", "rows", "fits"), [(60, 20, 1), (59, 20, 0), (60, 19, 0)])
def test_a_small_terminal_is_refused_when_asked(columns: int, rows: int, fits: int) -> None:
    import fcntl
    import struct
    import termios

    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    code = (
        "from kiosk import start\n"
        "start.refuse_no_terminal()\n"
        "try: start.refuse_small_terminal()\n"
        "except Exception as error: print(error.params['columns'], error.params['rows'])\n"
        "else: print('fits')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], stdin=its, stderr=its, stdout=subprocess.PIPE, text=True
    )
    os.close(ours)
    os.close(its)
    assert done.stdout == ("fits\n" if fits else f"{columns} {rows}\n")


def test_the_app_is_given_the_configuration_and_gives_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[Config, bool]] = []

    def run_app(settings: Config, read_config: Callable[[], Config]) -> int:
        given.append((settings, gc.isenabled()))
        return 7

    module = ModuleType("kiosk.app")
    vars(module)["run"] = run_app
    monkeypatch.setitem(sys.modules, "kiosk.app", module)
    monkeypatch.setattr(start, "refuse_no_terminal", lambda: None)
    file = tmp_path / "own.toml"
    file.write_text('[terminal]\ncode = "T8"')
    try:
        shown = runner.invoke(app, ["run", "--config", str(file)])
    finally:
        gc.enable()
    assert shown.exit_code == 7
    [(settings, collects_garbage)] = given
    assert settings.terminal.code == "T8"
    assert not collects_garbage


def test_main_is_the_same_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["kiosk", "--version"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
