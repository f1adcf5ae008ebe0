"""The configuration: strict, the environment over the file, and refusals that say what to do."""

import os
import subprocess
import sys
import tomllib
from dataclasses import FrozenInstanceError, asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import config
from kiosk.config import Config, keys
from kiosk.errors import KioskError
from kiosk.paths import resource
from kiosk.sentences import sentence

DOCS = resource("docs") / "branch-it.md"


def load(folder: Path, content: str = "", **environment: str) -> Config:
    file = folder / "kiosk.toml"
    file.write_text(content, encoding="utf-8")
    return config.load(file, environment)


def refusal(folder: Path, content: str = "", **environment: str) -> KioskError:
    with pytest.raises(KioskError) as caught:
        load(folder, content, **environment)
    return caught.value


# --- where it comes from ----------------------------------------------------------------------


def test_without_a_file_the_defaults_run() -> None:
    assert config.load(None, {}) == Config()


def test_the_default_file_is_read_where_it_exists() -> None:
    path = config.default_path()
    assert path.is_relative_to(os.environ["XDG_CONFIG_HOME"])
    path.parent.mkdir(parents=True)
    path.write_text('[terminal]\ncode = "T7"')
    assert config.load(None, {}).terminal.code == "T7"


def test_a_home_that_nobody_has_is_a_sentence(tmp_path: Path) -> None:
    for key in ("data_folder", "catalog"):
        error = refusal(tmp_path, f'{key} = "~no-such-user/data"')
        assert error.code == "config_unknown_home"
        assert "~no-such-user/data" in sentence(error)
    error = refusal(tmp_path, KIOSK_DATA_FOLDER="~no-such-user/data")
    assert sentence(error).startswith("KIOSK_DATA_FOLDER: ~no-such-user/data begins with")


def test_a_folder_that_can_t_be_looked_into_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ("x" * 300)))
    with pytest.raises(KioskError) as caught:
        config.load(None, {})
    assert caught.value.code == "config_unreadable"
    assert "File name too long" in sentence(caught.value)


def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable)
    monkeypatch.setattr("os.getuid", lambda: 54321)  # in no list of users
    with pytest.raises(KioskError) as caught:
        config.load(None, {})
    assert "XDG_CONFIG_HOME" in sentence(caught.value)


@pytest.mark.parametrize("named", ["", "folder", "./folder"])
def test_a_relative_xdg_folder_is_no_answer(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/kiosk")
    monkeypatch.setenv("XDG_CONFIG_HOME", named)
    monkeypatch.setenv("XDG_DATA_HOME", named)
    assert config.default_path() == Path("/home/kiosk/.config/branch-kiosk/kiosk.toml")
    assert Config().data_folder == Path("/home/kiosk/.local/share/branch-kiosk")


def test_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    for path, environment in [(tmp_path / "a", {}), (None, {"KIOSK_CONFIG": str(tmp_path / "a")})]:
        with pytest.raises(KioskError) as caught:
            config.load(path, environment)
        assert caught.value.code == "config_no_file"
        assert str(tmp_path / "a") in sentence(caught.value)


def test_a_path_given_stands_over_the_variable(tmp_path: Path) -> None:
    assert load(tmp_path, '[terminal]\ncode = "T3"', KIOSK_CONFIG="/none").terminal.code == "T3"


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    content = '[idle]\nwarn_after = 90\ncountdown = 45\n[branch]\ncode = "B"'
    settings = load(tmp_path, content, KIOSK_IDLE_WARN_AFTER="120", HOME="/root")
    assert settings.idle.warn_after == 120
    assert settings.idle.countdown == 45
    assert settings.branch.code == "B"


def test_every_key_can_be_set_by_the_environment(tmp_path: Path) -> None:
    values = {
        "bank.name.zh_CN": "甲银行", "bank.name.en": "A Bank", "bank.name.zh_TW": "甲銀行",
        "branch.code": "B-9", "branch.name.zh_CN": "乙", "branch.name.en": "B",
        "branch.name.zh_TW": "乙", "branch.time_zone": "Asia/Urumqi", "branch.counters": "7",
        "branch.open_days": "mon sat", "branch.closed_on": "2026-10-01 2027-01-01",
        "branch.machines": "atm=2 smart_counter=1",
        "branch.address.zh_CN": "路", "branch.address.en": "Road", "branch.address.zh_TW": "路",
        "branch.hours.zh_CN": "九点", "branch.hours.en": "nine", "branch.hours.zh_TW": "九點",
        "terminal.outreach": "true", "terminal.code": "T9", "terminal.digit": "0",
        "appearance.accent": "#112233",
        "appearance.theme": "high-contrast", "appearance.large_type": "true",
        "appearance.posters": "safety",
        "idle.warn_after": "31", "idle.warn_after_large_type": "32", "idle.countdown": "33",
        "printer.kind": "network", "printer.device": "/dev/lp9", "printer.host": "10.0.0.9",
        "printer.port": "9101", "printer.vendor": "04b8", "printer.product": "0e15",
        "printer.queue": "slips", "printer.paper": "58",
        "data_folder": "/srv/kiosk", "branch_database": "postgresql://b/c", "catalog": "/c.toml",
        "queue.breaks": "3=11:30-12:30 12=12:30-13:15",
        "queue.peak_days": "10 20", "queue.call_limit": "4", "queue.head_start.senior": "10",
        "queue.head_start.disabled": "11", "queue.head_start.appointment": "12",
        "queue.head_start.returned": "13", "queue.waiting_norm": "21", "queue.service_norm": "16",
        "sync.every": "45", "sync.in_background": "false", "sync.textfile": "/m/kiosk.prom",
        "board.languages": "en zh_TW", "board.line.zh_CN": "甲", "board.line.en": "A",
        "board.line.zh_TW": "乙", "voice.player": "play {files} -q", "voice.clips": "/clips",
        "voice.terminal": "true", "voice.headphones": "plugged --in",
        "keys.folder": "/keys", "privacy.keep_days": "14", "reconcile.days": "5",
        "reconcile.folder": "/in", "reconcile.layouts": "/layouts",
        "devices.status_file": "/m/atms.json", "devices.scanner": "true",
    }  # fmt: skip
    assert set(values) == set(keys()), "a key is missing here"
    environment = {f"KIOSK_{key.replace('.', '_').upper()}": text for key, text in values.items()}
    settings = load(tmp_path, **environment)
    for key, text in values.items():
        value = _at(settings, key)
        shown = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        assert shown.lower() == text.lower(), key
        assert type(value) in {str, int, bool, tuple, type(Path())}, key


def _at(settings: object, key: str) -> object:
    for part in key.split("."):
        settings = getattr(settings, part)
    return settings


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, '\ufeff[terminal]\ncode = "T2"').terminal.code == "T2"


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, 'data_folder = "data"\ncatalog = "our.toml"')
    assert settings.data_folder == tmp_path / "data"
    assert settings.catalog == tmp_path / "our.toml"


def test_paths_know_the_home_folder(tmp_path: Path) -> None:
    assert load(tmp_path, 'data_folder = "~/data"').data_folder == Path.home() / "data"


def test_empty_means_none_where_none_is_possible(tmp_path: Path) -> None:
    settings = load(tmp_path, 'catalog = ""\nbranch_database = ""')
    assert settings.catalog is None
    assert settings.branch_database_url == f"sqlite:///{settings.data_folder}/branch.db"


def test_what_follows_from_it(tmp_path: Path) -> None:
    settings = load(tmp_path, 'data_folder = "/d"\n[terminal]\ncode = "T4"')
    assert settings.store_path == Path("/d/terminal-T4.db")
    assert settings.zone.key == "Asia/Shanghai"
    assert settings.bank.name.in_language("zh_TW") == "範例銀行"
    with pytest.raises(FrozenInstanceError):
        settings.terminal.code = "T5"  # type: ignore[misc]  # that is what is tested


# --- what is refused, and in which words ------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[sync]\nevery = 4", "sync.every must be a whole number from 5 to 3600"),
        ('[sync]\ntextfile = "kiosk.txt"', "sync.textfile must end with .prom"),
        ("[idle]\nwarn_after = 5", "idle.warn_after must be a whole number from 30 to 600"),
        ("[idle]\nwarn_after = 601", "it is 601"),
        ("[idle]\nwarn_after = 60.5", "it is 60.5"),
        ('[idle]\nwarn_after = "60"', "without quotes"),
        ("[idle]\nwarn_after = true", "it is true"),
        ("[idle]\ncountdown = 29", "from 30 to 120"),
        ("[terminal]\ndigit = 10", "from 0 to 9"),
        ("[terminal]\ndigit = -1", "it is -1"),
        ("[branch]\ncounters = 0", "from 1 to 99"),
        ("[branch]\ncode = 1", "branch.code must be a text in quotes"),
        ('[branch]\ncode = "a b"', "branch.code must be 1 to 32 letters"),
        ('[branch]\ncode = "支行"', "letters A–Z"),
        ('[branch]\ncode = ""', "branch.code is empty"),
        ('[branch]\ntime_zone = "Asia/Shanghia"', "Did you mean Asia/Shanghai?"),
        ('[branch]\ntime_zone = "../../etc/passwd"', "there is no time zone ../../etc/passwd"),
        ('[branch.name]\nen = "South"', "branch.name.zh_CN is missing"),
        ('[bank.name]\nen = "B"\nzh_CN = " "\nzh_TW = "B"', "bank.name.zh_CN is empty"),
        ('[printer]\nkind = "lpt"', "must be one of: none, file, network, usb, cups. It is lpt."),
        ('[printer]\nkind = "network"', "printer.host is missing. A printer of the kind network"),
        ('[printer]\nkind = "usb"\nvendor = "04b8"', "printer.product is missing"),
        ('[printer]\nkind = "cups"', "printer.queue is missing"),
        ('[printer]\nvendor = "4b8"', "printer.vendor must be four digits"),
        ("[printer]\npaper = 57", "must be one of: 58, 80. It is 57."),
        ("[printer]\nport = 0", "from 1 to 65535"),
        ("[appearance]\nlarge_type = 1", "large_type must be true or false, without quotes"),
        ('[appearance]\nlarge_type = "true"', "true or false, without quotes"),
        ('[appearance]\ntheme = "dark"', "must be one of: light, high-contrast. It is dark."),
        ('[appearance]\naccent = "blue"', 'a colour such as "#0b3d7a"; it is blue'),
        ('[appearance]\naccent = "#1e90ff"', "has a contrast of 3.2; it must reach 7"),
        ("[appearance]\naccent = 0", "must be a text in quotes"),
        ('[appearance]\nposters = "a b"', "must be 1 to 32 letters A–Z, digits, - or _"),
        ("terminal = 3", "Write it as [terminal]"),
        ("data_folder = 3", "data_folder must be a text"),
        ('data_folder = ""', "data_folder is empty"),
        ("catalog = false", "it is false"),
        ("[idle]\nwarn_afer = 60", "unknown key: idle.warn_afer. Did you mean idle.warn_after?"),
        ("[termnal]\ncode = 'T1'", "Did you mean terminal?"),
        ("counters = 3", "Did you mean branch.counters?"),
        ("[idle]\nwarn_after = 60\nwarn_after = 70", "not TOML at line 3"),
        ("[idle]\nwarn_after = sixty", "not TOML at line 2"),
        ("[idle]\nwarn_after =", "not TOML at line 2"),
    ],
)
def test_refusals_name_the_key_and_say_what_is_right(
    tmp_path: Path, content: str, words: str
) -> None:
    told = sentence(refusal(tmp_path, content))
    assert words in told
    assert str(tmp_path / "kiosk.toml") in told


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("KIOSK_IDLE_COUNTDOWN", "5", "KIOSK_IDLE_COUNTDOWN must be a whole number from 30"),
        ("KIOSK_IDLE_COUNTDOWN", "３０", "it is ３０"),
        ("KIOSK_IDLE_COUNTDOWN", " 30", "must be a whole number"),
        ("KIOSK_APPEARANCE_LARGE_TYPE", "yes", "must be true or false"),
        ("KIOSK_TERMINAL_DIGITS", "1", "Did you mean KIOSK_TERMINAL_DIGIT?"),
        ("KIOSK_CONFIGURATION", "x", "Did you mean KIOSK_CONFIG?"),
        ("KIOSK_BANK_NAME_EN", "B", "bank.name.zh_CN is missing"),
    ],
)
def test_refusals_name_the_variable(tmp_path: Path, variable: str, value: str, words: str) -> None:
    assert words in sentence(refusal(tmp_path, **{variable: value}))


def test_a_file_that_is_no_text_or_no_file(tmp_path: Path) -> None:
    (tmp_path / "gbk.toml").write_bytes("[branch]\ncode = '支行'".encode("gbk"))
    for name, code in [("gbk.toml", "config_not_utf8"), ("", "config_unreadable")]:
        with pytest.raises(KioskError) as caught:
            config.load(tmp_path / name, {})
        assert caught.value.code == code
        assert str(tmp_path) in sentence(caught.value)


# --- the board and the voice ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('[queue]\npeak_days = ["32"]', "config_not_days"),
        ('[queue]\npeak_days = ["0"]', "config_not_days"),
        ("[queue]\npeak_days = 10", "config_not_words"),
        ('[branch]\nopen_days = ["monday"]', "config_not_weekdays"),
        ("[branch]\nopen_days = []", "config_not_weekdays"),
        ('[branch]\nclosed_on = ["2026-02-30"]', "config_not_dates"),
        ('[branch]\nmachines = ["atm"]', "config_not_machines"),
        ('[branch]\nmachines = ["atm=0"]', "config_not_machines"),
        ('[queue]\nbreaks = ["11:30-12:30"]', "config_not_breaks"),
        ('[queue]\nbreaks = ["3=12:30-11:30"]', "config_not_breaks"),
        ('[queue]\nbreaks = ["3=11:30-24:00"]', "config_not_breaks"),
        ("[board]\nlanguages = []", "config_not_languages"),
        ('[board]\nlanguages = ["de"]', "config_not_languages"),
        ('[board]\nlanguages = ["en", "en"]', "config_not_languages"),
        ('[board]\nlanguages = "en"', "config_not_words"),
        ("[board]\nlanguages = [1]", "config_not_words"),
        ('[board.line]\nen = "' + "x" * 59 + '"', "config_not_one_line"),
        ('[board.line]\nzh_CN = "' + "转" * 30 + '"', "config_not_one_line"),
        ('[board.line]\nen = "two\\nlines"', "config_not_one_line"),
        ('[voice]\nplayer = ["aplay"]\nclips = "c"', "config_not_player"),
        ('[voice]\nplayer = ["{files}"]\nclips = "c"', "config_not_player"),
        ('[voice]\nplayer = ["a", "{files}", "{files}"]\nclips = "c"', "config_not_player"),
        ('[voice]\nplayer = ["aplay", "{files}"]', "config_voice_incomplete"),
    ],
)
def test_what_a_board_can_not_use_is_refused(content: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(KioskError, match=code) as refused:
        load(tmp_path, content)
    assert str(tmp_path / "kiosk.toml") in sentence(refused.value)


@pytest.mark.parametrize("part", range(2))
def test_the_samples_of_the_board_can_be_used(part: int, tmp_path: Path) -> None:
    text = (resource("docs") / "board.md").read_text(encoding="utf-8")
    assert load(tmp_path, text.split("```toml\n")[1 + part].split("```")[0]) != Config()


def test_a_quote_that_is_not_closed_in_a_variable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="config_not_words"):
        load(tmp_path, KIOSK_VOICE_PLAYER="aplay '{files}")


def test_what_the_branch_set_may_come_from_the_branch_itself(tmp_path: Path) -> None:
    of_branch = '[board]\nlanguages = ["zh_TW"]\n[board.line]\nzh_TW = "丙"'
    file = tmp_path / "kiosk.toml"
    file.write_text('[board]\nlanguages = ["en"]', encoding="utf-8")
    settings = config.load(file, {}, of_branch)
    assert settings.board.languages == ("en",)  # its own file stands over it
    assert settings.board.line.zh_TW == "丙"


# --- whatever is in it ------------------------------------------------------------------------

KEY_PARTS = sorted({part for key in keys() for part in key.split(".")})
plain = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(), st.datetimes(),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip
trees: st.SearchStrategy[Any] = st.recursive(
    plain,
    lambda inner: st.dictionaries(
        st.sampled_from(KEY_PARTS) | st.text(),
        inner,
        max_size=4,
    ),
)


@given(st.dictionaries(st.sampled_from(["bank", "branch", "idle", "catalog", "x"]), trees))
def test_any_tree_is_read_or_refused_in_a_sentence(tree: dict[str, Any]) -> None:
    refused = None
    try:
        settings = config.from_tree(tree, Path("/etc/kiosk.toml"))
    except KioskError as error:
        refused = error
    if refused:
        assert "/etc/kiosk.toml" in sentence(refused)
    else:
        assert 30 <= settings.idle.warn_after <= 600


@given(st.integers(30, 600), st.integers(30, 120), st.integers(0, 9))
def test_what_is_within_bounds_arrives(warn: int, countdown: int, digit: int) -> None:
    tree = {"idle": {"warn_after": warn, "countdown": countdown}, "terminal": {"digit": digit}}
    settings = config.from_tree(tree, Path("/etc/kiosk.toml"))
    assert (settings.idle.warn_after, settings.idle.countdown) == (warn, countdown)
    assert settings.terminal.digit == digit


# --- its documentation ------------------------------------------------------------------------


def documented() -> dict[str, Any]:
    sample = DOCS.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    return tomllib.loads(sample)


def test_the_sample_is_the_defaults(tmp_path: Path) -> None:
    tree = documented()
    # these two depend on the machine; the sample shows what they would be on a terminal
    assert tree.pop("data_folder") == "/var/lib/branch-kiosk"
    assert config.from_tree(tree, tmp_path / "kiosk.toml") == Config()


def test_the_sample_has_every_key() -> None:
    def flat(tree: dict[str, Any], prefix: str = "") -> list[str]:
        return [
            key
            for name, value in tree.items()
            for key in (
                flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + name]
            )
        ]

    assert sorted(flat(documented())) == sorted(keys())


def test_reading_it_imports_nothing_slow() -> None:
    code = "import sys, kiosk.config; kiosk.config.load(None, {}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "kiosk.config" in loaded
    assert not loaded & {"pydantic", "textual", "rich", "sqlalchemy", "difflib"}


def test_it_can_be_shown_as_a_dictionary() -> None:
    assert asdict(Config())["idle"] == {
        "warn_after": 60,
        "warn_after_large_type": 180,
        "countdown": 30,
    }
