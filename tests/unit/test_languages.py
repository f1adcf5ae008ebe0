"""What a language needs beside its messages, and what Babel would get wrong without a word."""

import ast
import dataclasses
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import kiosk.services
from kiosk import i18n
from kiosk.config import Line, Names
from kiosk.languages import LANGUAGES
from kiosk.services import catalog_file
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.demo import money, room
from kiosk.services.staff import consent

PACKAGE = Path(next(iter(kiosk.services.__path__))).parent
TABLES: Mapping[str, Iterable[str]] = {
    "i18n.NATIVE_NAMES": i18n.NATIVE_NAMES,
    "i18n.SHORT_NAMES": i18n.SHORT_NAMES,
    "catalog_file._LANGUAGE_NAMES": catalog_file._LANGUAGE_NAMES,
    "demo.room._LANGUAGE_NAMES": room._LANGUAGE_NAMES,
    "demo.room.LABEL_COLUMNS": room.LABEL_COLUMNS,
    "demo.room.CAPITALS_LABEL_COLUMNS": room.CAPITALS_LABEL_COLUMNS,
    "staff.consent._COMMON": consent._COMMON,
    **{f"staff.consent._USES {each}": table for each, table in consent._USES.items()},
    "config.Names": {each.name: each for each in dataclasses.fields(Names)},
    "config.Line": {each.name: each for each in dataclasses.fields(Line)},
    "catalog_parts.LocalizedText": LocalizedText.model_fields,
}


@pytest.mark.parametrize("name", TABLES)
def test_each_language_has_its_place_and_no_other(name: str) -> None:
    assert list(TABLES[name]) == list(LANGUAGES)


def test_the_guide_names_each_of_these_places() -> None:
    guide = (PACKAGE.parent / "docs" / "languages.md").read_text(encoding="utf-8")
    assert [name for name in TABLES if name.split()[0].split(".")[-1] not in guide] == []


# --- the traps ----------------------------------------------------------------------------------


def test_of_babels_formats_only_those_of_days_are_used() -> None:
    """Others say CN¥ in Taiwan, round a share to whole percents, take naive times as UTC."""
    used = {
        f"{node.module}.{each.name}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("babel")
        for each in node.names
    }
    assert used == {
        "babel.dates.format_date",
        "babel.dates.get_day_names",
        "babel.messages.mofile.write_mo",
        "babel.messages.pofile.read_po",
    }


def test_a_moment_without_a_zone_is_refused() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    moment = datetime(2026, 3, 5, 1, 7, tzinfo=UTC)
    assert i18n.format_moment(moment, shanghai) == "2026-03-05 09:07:00"
    with pytest.raises(ValueError, match="2026"):
        i18n.format_moment(moment.replace(tzinfo=None), shanghai)


@pytest.mark.parametrize("language", LANGUAGES)
def test_amounts_and_shares_are_the_same_in_every_language(language: str) -> None:
    i18n.use_language(language)
    assert i18n.format_yuan(123_450) == "1,234.50"
    assert i18n.format_share(1234, 10_000) == "12.3 % (1234/10000)"


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh_CN", "壹亿贰仟叁佰肆拾伍万元整"), ("zh_TW", "壹億貳仟參佰肆拾伍萬元整")],
)
def test_ten_thousands_and_hundred_millions_have_their_own_characters(
    language: str, text: str
) -> None:
    assert money.capitals(123_450_000_00, language) == text
