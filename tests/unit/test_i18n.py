"""The language in use, its messages and its formats."""

import gettext
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kiosk import i18n
from kiosk.i18n import _, compile_catalog, use_language
from kiosk.languages import LANGUAGES

HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


# --- which language ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "zh_CN"),
        ({"LANG": "C.UTF-8"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_SG.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_TW.UTF-8"}, "zh_TW"),
        ({"LANG": "zh_HK"}, "zh_TW"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "zh_TW.UTF-8", "LANG": "en_US.UTF-8"}, "zh_TW"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LANG": "zh_TW.UTF-8"}, "en"),
    ],
)
def test_commands_speak_the_language_of_the_locale(
    environment: dict[str, str], language: str
) -> None:
    assert i18n.language_of_environment(environment) == language


def test_the_switch_goes_round() -> None:
    seen = [LANGUAGES[0]]
    while (following := i18n.language_after(seen[-1])) != LANGUAGES[0]:
        seen.append(following)
    assert tuple(seen) == LANGUAGES


def test_every_language_has_a_name_of_its_own() -> None:
    assert set(i18n.NATIVE_NAMES) == set(LANGUAGES)
    assert len(set(i18n.NATIVE_NAMES.values())) == len(LANGUAGES)


def test_an_unknown_language_is_refused_and_changes_nothing() -> None:
    use_language("zh_TW")
    with pytest.raises(ValueError, match="xx"):
        use_language("xx")
    assert i18n.language() == "zh_TW"


def test_messages_follow_the_language() -> None:
    told = set()
    for language in LANGUAGES:
        use_language(language)
        told.add(_("no data"))
    assert len(told) == len(LANGUAGES)
    assert "no data" in told


def compiled(content: str) -> gettext.NullTranslations:
    return compile_catalog(content.encode(), "en")


# --- reading catalogs -------------------------------------------------------------------------


def test_what_is_not_translated_stays_in_the_source_language() -> None:
    catalog = compiled(
        HEADER
        + 'msgid "empty"\nmsgstr ""\n\n#, fuzzy\nmsgid "guessed"\nmsgstr "X"\n\n'
        + '#~ msgid "old"\n#~ msgstr "X"\n\nmsgid "good"\nmsgstr "gut"\n'
    )
    assert [catalog.gettext(word) for word in ("empty", "guessed", "old", "none", "good")] == [
        "empty", "guessed", "old", "none", "gut",
    ]  # fmt: skip


def test_a_fuzzy_entry_does_not_spoil_the_next() -> None:
    catalog = compiled(HEADER + '#, fuzzy\nmsgid "a"\nmsgstr "A"\n\nmsgid "b"\nmsgstr "B"\n')
    assert catalog.gettext("b") == "B"


def test_plural_forms_follow_the_rule_of_the_catalog() -> None:
    entry = 'msgid "{n} dog"\nmsgid_plural "{n} dogs"\nmsgstr[0] "{n} Hund"\nmsgstr[1] "{n} Hunde"'
    catalog = compiled(HEADER + entry)
    assert [catalog.ngettext("{n} dog", "{n} dogs", n) for n in (0, 1, 2)] == [
        "{n} Hunde", "{n} Hund", "{n} Hunde",
    ]  # fmt: skip
    assert [catalog.ngettext("{n} cat", "{n} cats", n) for n in (1, 2)] == ["{n} cat", "{n} cats"]


# --- keeping what was compiled -----------------------------------------------------------------


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    i18n._catalog.cache_clear()
    yield tmp_path / "branch-kiosk"
    i18n._catalog.cache_clear()


def no_data_in_chinese() -> str:
    i18n._catalog.cache_clear()
    use_language("zh_CN")
    return _("no data")


def test_a_later_start_has_nothing_to_compile(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir()
    (cache / "zh_CN-of_an_older_program.mo").write_bytes(b"")
    told = no_data_in_chinese()
    [kept] = cache.iterdir()
    monkeypatch.setattr(i18n, "_compiled", lambda *of: pytest.fail("compiled anew"))
    assert no_data_in_chinese() == told != "no data"
    assert kept.exists()


@pytest.mark.parametrize(
    "damage", [lambda b: b"", lambda b: b[:-9], lambda b: b[:-9] + b"damaged!!"]
)
def test_what_was_kept_and_is_damaged_is_compiled_anew(
    cache: Path, damage: Callable[[bytes], bytes]
) -> None:
    told = no_data_in_chinese()
    [kept] = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert no_data_in_chinese() == told
    assert kept.read_bytes() == whole


def test_where_nothing_can_be_kept_it_is_compiled_at_each_start(cache: Path) -> None:
    cache.write_text("no folder")
    assert no_data_in_chinese() == no_data_in_chinese() != "no data"


# --- formats ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0"), (200, "2"), (1550, "15.50"), (5, "0.05"), (300_000_00, "300,000"), (-150, "-1.50")],
)
def test_yuan(fen: int, text: str) -> None:
    assert i18n.format_yuan(fen) == text


def test_shares_show_both_counts() -> None:
    assert i18n.format_share(1, 3) == "33.3 % (1/3)"
    assert i18n.format_share(0, 5) == "0.0 % (0/5)"
    assert i18n.format_share(3, 2) == "150.0 % (3/2)"
    assert i18n.format_share(0, 0) == "no data"


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh_CN", "2026年3月5日"), ("zh_TW", "2026年3月5日"), ("en", "March 5, 2026")],
)
def test_days(language: str, text: str) -> None:
    use_language(language)
    assert i18n.format_day(date(2026, 3, 5)) == text


def test_times() -> None:
    assert i18n.format_time(datetime(2026, 3, 5, 9, 7, tzinfo=UTC)) == "09:07"
