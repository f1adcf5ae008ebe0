"""`kiosk doctor`: what it finds, and the words for it."""

import ast
import os
import shutil
import string
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from clips import record
from sqlalchemy import text
from support import FakeClock
from typer.testing import CliRunner

from kiosk.announcing import recorded_words
from kiosk.cli import app
from kiosk.cli import doctor as words
from kiosk.clock import SystemClock
from kiosk.config import Appearance, Config, Sync, Terminal, Voice
from kiosk.db import Database
from kiosk.i18n import use_language
from kiosk.languages import LANGUAGES
from kiosk.models.payloads import VisitStarted
from kiosk.paths import resource
from kiosk.sentences import known_codes
from kiosk.services import branch, doctor
from kiosk.services.doctor import Finding, Screen, State
from kiosk.services.journal import Fact, Journal, Origin, new_id
from kiosk.services.voice.clips import MAP

NOW = datetime(2026, 3, 5, 9, 7, tzinfo=UTC)


def runs(**outputs: str | None) -> Callable[[list[str]], str | None]:
    """A machine whose commands say what is given; keys are a command's last or only argument."""

    def run(command: list[str]) -> str | None:
        return next((out for name, out in outputs.items() if name in " ".join(command)), None)

    return run


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    return Config(data_folder=tmp_path)


def make_store(settings: Config) -> None:
    with closing(Database(f"sqlite:///{settings.store_path}", create=True)) as store:
        store.migrate()


CLOCK = SystemClock()


def make_branch(settings: Config, digit: int = 1) -> None:
    with closing(Database(settings.branch_database_url, create=True)) as database:
        branch.initialise(database, settings)
        branch.enrol(database, settings.branch.code, settings.terminal.code, digit)


# --- configuration and catalog ----------------------------------------------------------------


def test_configuration(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text("")
    found, settings = doctor.check_configuration(file, {})
    assert (found.state, found.code) == (State.OK, "configuration_read")
    assert settings == Config()
    found, settings = doctor.check_configuration(None, {})
    assert (found.state, found.code) == (State.OK, "configuration_defaults")
    found, settings = doctor.check_configuration(file, {"KIOSK_X": "1"})
    assert (found.state, found.code) == (State.FAULT, "config_unknown_variable")
    assert settings is None


def test_a_wrong_configuration_leaves_out_what_needs_it() -> None:
    screen = Screen(is_terminal=True, columns=80, rows=24)
    found = list(doctor.examine(None, {"KIOSK_X": "1"}, screen, SystemClock(), {}))
    assert found[0].state is State.FAULT
    assert {each.subject for each in found} == {
        "configuration", "sqlite", "size", "colours", "encoding", "fonts", "clock", "time",
    }  # fmt: skip


def test_catalog(tmp_path: Path) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text("version = 1")
    found = doctor.check_catalog(file)
    assert (found.state, found.code) == (State.FAULT, "catalog_invalid")
    assert found.params["file"] == str(file)


@pytest.mark.parametrize(
    ("domain", "is_sample"),
    [
        ("bank.example", True), ("www.bank.example", True), ("example.com", True),
        ("e.example.org", True), ("EXAMPLE.net", True), ("a.test", True), ("b.invalid", True),
        ("bank.cn", False), ("myexample.com", False), ("example.com.cn", False),
        ("test.cn", False),
    ],
)  # fmt: skip
def test_links_that_nobody_can_have(tmp_path: Path, domain: str, is_sample: bool) -> None:
    packaged = resource("catalog/default.toml").read_text(encoding="utf-8")
    assert "https://bank.example/" in packaged
    file = tmp_path / "bank.toml"
    file.write_text(packaged.replace("https://bank.example/", f"https://{domain}/"))
    found = doctor.check_catalog(file)
    if is_sample:
        assert (found.state, found.code) == (State.WARNING, "catalog_sample_links")
        assert str(found.params["link"]).startswith(f"https://{domain}/")
        assert int(str(found.params["count"])) > 1
    else:
        assert (found.state, found.code) == (State.OK, "catalog_good")


def test_the_packaged_catalog_is_a_sample() -> None:
    assert doctor.check_catalog(None).code == "catalog_sample_links"


@pytest.mark.parametrize(("posters", "is_told"), [("safety", False), ("", False), ("nosuch", True)])
def test_posters_that_do_not_exist(posters: str, is_told: bool, settings: Config) -> None:
    chosen = replace(settings, appearance=Appearance(posters=posters))
    found = doctor.check_posters(chosen)
    assert (found is not None) == is_told
    if found is not None:
        assert (found.state, found.params["set"]) == (State.WARNING, "nosuch")
        assert "nosuch" in words._sentence(found)
        assert "safety" in words._sentence(found)


# --- store ------------------------------------------------------------------------------------


def test_no_store_yet(settings: Config) -> None:
    found = doctor.check_store(settings.store_path)
    assert (found.state, found.code) == (State.WARNING, "store_none")
    assert not settings.store_path.exists(), "doctor makes nothing"


def test_a_good_store(settings: Config) -> None:
    make_store(settings)
    found = doctor.check_store(settings.store_path)
    assert (found.state, found.code, found.params["count"]) == (State.OK, "store_good", 0)


def test_an_empty_store_is_an_older_one(settings: Config) -> None:
    settings.store_path.touch()
    assert doctor.check_store(settings.store_path).code == "store_outdated"


def test_a_newer_store(settings: Config) -> None:
    make_store(settings)
    with closing(Database(f"sqlite:///{settings.store_path}")) as store, store.write() as writing:
        writing.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    found = doctor.check_store(settings.store_path)
    assert (found.state, found.code) == (State.FAULT, "schema_newer")


def test_a_damaged_store(settings: Config) -> None:
    make_store(settings)
    content = bytearray(settings.store_path.read_bytes())
    content[8192:20480] = os.urandom(12288)
    settings.store_path.write_bytes(content)
    found = doctor.check_store(settings.store_path)
    assert (found.state, found.code) == (State.FAULT, "database_damaged")


def test_a_store_that_is_no_database(settings: Config) -> None:
    settings.store_path.write_text("hello, I am no database, and long enough to be read as one")
    assert doctor.check_store(settings.store_path).code == "database_damaged"


def test_a_read_only_store(settings: Config) -> None:
    make_store(settings)
    with mock.patch("os.access", return_value=False):  # root may write everything
        found = doctor.check_store(settings.store_path)
    assert (found.state, found.code) == (State.FAULT, "database_read_only")


@pytest.mark.parametrize(
    ("free", "state", "code"),
    [
        (99_999_999, State.FAULT, "disk_nearly_full"),
        (100_000_000, State.WARNING, "disk_low"),
        (999_999_999, State.WARNING, "disk_low"),
        (1_000_000_000, State.OK, "disk_free"),
    ],
)
def test_free_space(tmp_path: Path, free: int, state: State, code: str) -> None:
    usage = shutil._ntuple_diskusage(10**10, 10**10 - free, free)
    with mock.patch("shutil.disk_usage", return_value=usage):
        found = doctor.check_free_space(tmp_path / "not" / "yet")
    assert (found.state, found.code) == (state, code)


@pytest.mark.parametrize(
    ("milliseconds", "code"),
    [(0.001, "flush_suspect"), (0.05, "flush_good"), (50, "flush_good"), (50.1, "flush_slow")],
)
def test_flush_times(milliseconds: float, code: str) -> None:
    assert doctor.judge_flush(milliseconds, Path("/d")).code == code


def test_the_flush_is_timed_for_real_and_leaves_nothing(tmp_path: Path) -> None:
    found = doctor.check_flush(tmp_path / "not" / "yet")
    assert found.code in {"flush_good", "flush_suspect", "flush_slow"}
    assert float(str(found.params["milliseconds"])) >= 0
    assert not list(tmp_path.iterdir())


def test_a_folder_that_can_t_be_written(tmp_path: Path) -> None:
    refused = PermissionError(13, "Permission denied")
    with mock.patch("tempfile.TemporaryFile", side_effect=refused):
        found = doctor.check_flush(tmp_path)
    assert (found.state, found.code) == (State.FAULT, "folder_not_writable")


@pytest.mark.parametrize(("is_safe", "state"), [(True, State.OK), (False, State.WARNING)])
def test_sqlite(is_safe: bool, state: State) -> None:
    assert doctor.check_sqlite("3.40.1", is_safe=is_safe).state is state


# --- branch -----------------------------------------------------------------------------------


def test_no_branch_database_yet(settings: Config) -> None:
    assert doctor.check_branch_database(settings, CLOCK).code == "branch_none"
    named = Config(branch_database=f"sqlite:///{settings.data_folder}/b.db")
    found = doctor.check_branch_database(named, CLOCK)
    assert (found.state, found.code) == (State.FAULT, "database_missing")


def test_a_wrong_address() -> None:
    found = doctor.check_branch_database(Config(branch_database="ftp://b"), CLOCK)
    assert (found.state, found.code) == (State.FAULT, "database_url_invalid")


def test_enrolled(settings: Config) -> None:
    make_branch(settings)
    found = doctor.check_branch_database(settings, CLOCK)
    assert (found.state, found.code) == (State.OK, "branch_good")


def test_not_enrolled(settings: Config) -> None:
    make_branch(settings)
    other = Config(data_folder=settings.data_folder, terminal=Terminal(code="T2", digit=2))
    found = doctor.check_branch_database(other, CLOCK)
    assert (found.state, found.code) == (State.FAULT, "branch_not_enrolled")


def test_enrolled_with_another_digit(settings: Config) -> None:
    make_branch(settings, digit=4)
    found = doctor.check_branch_database(settings, CLOCK)
    assert (found.state, found.code) == (State.FAULT, "branch_other_digit")
    assert (found.params["here"], found.params["there"]) == (1, 4)


def test_events_in_quarantine(settings: Config) -> None:
    make_branch(settings)
    waiting = [branch.TerminalState("0001", "T1", 1, 1, 3, 900, NOW, "0.1.0", 0, 0, None, 2)]
    with mock.patch.object(branch, "terminals", return_value=waiting):
        found = doctor.check_branch_database(settings, CLOCK)
    assert (found.state, found.code, found.params["count"]) == (
        State.WARNING, "branch_quarantine", 2,
    )  # fmt: skip


# --- synchronisation --------------------------------------------------------------------------


def test_no_word_of_a_store_that_is_not_there(settings: Config) -> None:
    assert doctor.check_sync(settings, NOW) is None


@pytest.mark.parametrize(
    ("minutes", "in_background", "expected"),
    [
        (119, True, (State.OK, "sync_in_background")),
        (119, False, (State.OK, "sync_elsewhere")),
        (121, True, (State.WARNING, "sync_late")),
        (121, False, (State.WARNING, "sync_late")),
    ],
)
def test_events_that_wait_too_long(
    minutes: int, in_background: bool, expected: tuple[State, str], settings: Config
) -> None:
    clock = FakeClock(NOW)
    with closing(Database(f"sqlite:///{settings.store_path}", create=True)) as store:
        origin = branch.prepare_store(store, settings)
        journal = Journal(store, origin, clock, settings.zone, "release")
        journal.record(Fact(VisitStarted(), visit=new_id(), language="en"))
    clock.advance(minutes=minutes)
    own = replace(settings, sync=Sync(in_background=in_background))
    found = doctor.check_sync(own, clock.now())
    assert found is not None
    assert (found.state, found.code) == expected
    assert found.params["count"] == 1
    assert ("2026-03-05 17:07" in words._sentence(found)) is (found.code == "sync_late")


# --- voice ------------------------------------------------------------------------------------


def with_voice(settings: Config, folder: Path, player: str = "sh") -> Config:
    return replace(settings, voice=Voice(player=(player, "{files}"), clips=folder))


def test_a_voice_that_can_say_everything(settings: Config, tmp_path: Path) -> None:
    folder = record(tmp_path / "clips", "en", "zh_TW")
    found = doctor.check_voice(with_voice(settings, folder), recorded_words())
    assert (found.state, found.code) == (State.OK, "voice_good")
    assert found.params["languages"] == "en"


def test_a_voice_that_can_not_say_everything(settings: Config, tmp_path: Path) -> None:
    folder = record(tmp_path / "clips", "zh_TW")
    voice = with_voice(settings, folder)
    assert doctor.check_voice(voice, recorded_words()).code == "voice_no_language"
    for name in ("zh_CN-0.wav", "zh_CN-17.wav"):
        (record(folder, "zh_CN") / name).unlink()
    found = doctor.check_voice(voice, recorded_words())
    assert (found.state, found.code) == (State.WARNING, "voice_clips_missing")
    assert (found.params["count"], found.params["words"]) == (1, "号到 (zh_CN)")
    (folder / MAP).unlink()
    found = doctor.check_voice(voice, recorded_words())
    assert (found.state, found.code) == (State.FAULT, "clips_unreadable")
    found = doctor.check_voice(with_voice(settings, folder, "no-such-player"), recorded_words())
    assert (found.state, found.code) == (State.WARNING, "voice_no_player")


# --- screen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("screen", "state"),
    [
        (Screen(is_terminal=True, columns=60, rows=20), State.OK),
        (Screen(is_terminal=True, columns=59, rows=20), State.FAULT),
        (Screen(is_terminal=True, columns=60, rows=19), State.FAULT),
        (Screen(is_terminal=False, columns=80, rows=24), State.WARNING),
    ],
)
def test_size(screen: Screen, state: State) -> None:
    assert doctor.check_size(screen).state is state


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"COLORTERM": "truecolor"}, "colours_good"),
        ({"COLORTERM": "24bit"}, "colours_good"),
        ({"COLORTERM": "truecolor", "NO_COLOR": "1"}, "colours_off"),
        ({}, "colours_few"),
    ],
)
def test_colours(environment: dict[str, str], code: str) -> None:
    assert doctor.check_colours(environment).code == code


@pytest.mark.parametrize(
    ("environment", "state"),
    [
        ({"LANG": "zh_CN.UTF-8"}, State.OK),
        ({"LANG": "C.utf8"}, State.OK),
        ({"LANG": "zh_CN.GB18030"}, State.FAULT),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, State.FAULT),
        ({"LC_CTYPE": "C.UTF-8"}, State.FAULT),
        ({}, State.FAULT),
    ],
)
def test_encoding(environment: dict[str, str], state: State) -> None:
    assert doctor.check_encoding(environment).state is state


@pytest.mark.parametrize(
    ("outputs", "code"),
    [
        (
            {"zh-cn": "Noto Sans CJK SC,x\nWenQuanYi\n", "DejaVu": "DejaVu Sans Mono\n"},
            "fonts_good",
        ),
        ({"zh-cn": "Noto Sans CJK SC\n", "DejaVu": ""}, "fonts_no_blocks"),
        ({"zh-cn": "\n", "DejaVu": "DejaVu Sans Mono\n"}, "fonts_no_chinese"),
        ({}, "fonts_unknown"),
    ],
)
def test_fonts(outputs: dict[str, str], code: str) -> None:
    found = doctor.check_fonts(runs(**outputs))
    assert found.code == code
    assert found.params.get("chinese") in {None, "Noto Sans CJK SC"}


# --- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "last", "code"),
    [
        (NOW, None, "clock_good"),
        (NOW, NOW - timedelta(days=3), "clock_good"),
        (NOW, NOW + timedelta(minutes=5), "clock_good"),
        (NOW, NOW + timedelta(minutes=6), "clock_went_back"),
        (NOW.replace(year=1970), None, "clock_wrong_year"),
        (NOW.replace(year=2100), None, "clock_wrong_year"),
    ],
)
def test_clock(now: datetime, last: datetime | None, code: str) -> None:
    assert doctor.check_clock(now, last, UTC).code == code


def test_the_clock_is_told_as_the_branch_reads_it() -> None:
    zone = Config().zone
    good = doctor.check_clock(NOW, None, zone)
    assert words._line(good).endswith(" 2026-03-05 17:07:00 (Asia/Shanghai).")
    went_back = doctor.check_clock(NOW, NOW + timedelta(hours=8), zone)
    assert "the last event was at 2026-03-06 01:07:00." in words._line(went_back)


class Tomorrow(SystemClock):
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=1)


def test_the_last_event_comes_from_the_store(settings: Config) -> None:
    make_store(settings)
    assert doctor._last_event(settings) is None
    with closing(Database(f"sqlite:///{settings.store_path}")) as store:
        origin = Origin(settings.branch.code, settings.terminal.code, 1)
        journal = Journal(store, origin, Tomorrow(), settings.zone, "r")
        journal.record(Fact(VisitStarted(), visit=new_id(), language="en"))
    last = doctor._last_event(settings)
    assert last is not None
    assert doctor.check_clock(datetime.now(UTC), last, UTC).code == "clock_went_back"


@pytest.mark.parametrize(
    ("output", "code"),
    [("yes\n", "time_kept"), ("no\n", "time_not_kept"), (None, "time_unknown")],
)
def test_time_service(output: str | None, code: str) -> None:
    assert doctor.check_time_service(runs(timedatectl=output)).code == code


def test_commands_that_are_not_there_fail_or_hang() -> None:
    assert doctor.run_command(["sh", "-c", "echo good"]) == "good\n"
    assert doctor.run_command(["no-such-command-here"]) is None
    assert doctor.run_command(["sh", "-c", "echo bad; exit 1"]) is None
    with mock.patch("subprocess.run", side_effect=subprocess.TimeoutExpired("sh", 10)):
        assert doctor.run_command(["sh"]) is None


# --- words ------------------------------------------------------------------------------------


def findings() -> list[Finding]:
    """One of every code, with what its sentence mentions."""
    found = []
    for code, sentence in words._SENTENCES.items():
        names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
        found.append(Finding("store", State.OK, code, {name: f"<{name}>" for name in names}))
    return found


def test_no_code_has_two_sentences() -> None:
    assert not set(words._SENTENCES) & known_codes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_can_be_told(language: str) -> None:
    use_language(language)
    for finding in findings():
        told = words._line(finding)
        assert "\n" not in told
        assert not set(told) & set("{}")
        assert all(str(value) in told for value in finding.params.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_columns_stand_under_each_other(language: str) -> None:
    use_language(language)
    for table in (words._STATES, words._SUBJECTS):
        assert len({words._cells(words._padded(table, key)) for key in table}) == 1


def codes_of_the_checks() -> set[str]:
    """Every code that `kiosk.services.doctor` writes into a finding."""
    tree = ast.parse(Path(doctor.__file__).read_text(encoding="utf-8"))
    names = {part.value for part in ast.walk(tree) if isinstance(part, ast.Constant)}
    return {str(name) for name in names} & (set(words._SENTENCES) | known_codes()) | {
        str(call.args[2].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Finding"
        if len(call.args) > 2 and isinstance(call.args[2], ast.Constant)
    }


def test_every_code_of_the_checks_has_a_sentence_and_every_sentence_a_check() -> None:
    found = codes_of_the_checks()
    assert len(found) > 30
    assert not found - set(words._SENTENCES) - known_codes()
    assert not set(words._SENTENCES) - found


def test_the_command_ends_with_1_only_for_a_fault(settings: Config) -> None:
    make_store(settings)
    make_branch(settings)
    environment = {
        "KIOSK_DATA_FOLDER": str(settings.data_folder), "COLORTERM": "truecolor",
        "LC_ALL": "en_US.UTF-8",
    }  # fmt: skip
    machine = runs(**{"zh-cn": "A\n", "DejaVu": "B\n", "timedatectl": "no"})
    with mock.patch.object(doctor, "run_command", machine):
        good = CliRunner().invoke(app, ["doctor"], env=environment)
        bad = CliRunner().invoke(app, ["doctor"], env=environment | {"KIOSK_CATALOG": "/none"})
    assert good.exit_code == 0, good.output
    assert bad.exit_code == 1
    assert [line.split()[0] for line in good.output.splitlines()].count("fault") == 0
    assert [line.split()[0] for line in bad.output.splitlines()].count("fault") == 1
