"""The translations: complete, certain, and with the same placeholders as the source."""

import re
import string

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from kiosk import i18n
from kiosk.languages import LANGUAGES
from kiosk.paths import resource

_A_PERSON_COMES = ("{name}马上过来", "{name}馬上過來")
"""Never said with a number: whoever has no name is a member of staff."""
TRANSLATED = [language for language in LANGUAGES if language != i18n.SOURCE_LANGUAGE]


def catalog(language: str) -> Catalog:
    with (resource("locales") / language / "LC_MESSAGES" / "kiosk.po").open("rb") as file:
        return read_po(file, locale=language)


def template() -> Catalog:
    with (resource("locales") / "kiosk.pot").open("rb") as file:
        return read_po(file)


def ids(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (str(message.id),)


def texts(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (str(message.string or ""),)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def messages(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


def test_there_is_a_catalog_for_every_language_and_no_other() -> None:
    found = {path.name for path in resource("locales").iterdir() if path.is_dir()}
    assert found == set(TRANSLATED)


@pytest.mark.parametrize("language", TRANSLATED)
def test_it_has_the_messages_of_the_code(language: str) -> None:
    wanted = {ids(message) for message in template() if message.id}
    assert len(wanted) > 20, "the template is nearly empty"
    assert {ids(message) for message in messages(language)} == wanted


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language: str) -> None:
    missing = [ids(each)[0] for each in messages(language) if not all(texts(each))]
    assert not missing


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_fuzzy_or_left_over(language: str) -> None:
    assert not [ids(each)[0] for each in messages(language) if each.fuzzy]
    assert not catalog(language).obsolete


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_agree(language: str) -> None:
    wrong = []
    for message in messages(language):
        wanted = set().union(*map(fields, ids(message)))
        wrong += [text for text in texts(message) if fields(text) != wanted]
    assert not wrong


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_that_may_be_in_latin_letters_touches_a_han_character(language: str) -> None:
    """A name of staff may be their number, a channel's may begin with ATM."""
    of_screens = [
        text
        for message in messages(language)
        if any(
            file.startswith(("kiosk/screens/", "kiosk/reporting/")) for file, _ in message.locations
        )
        for text in texts(message)
    ]
    assert len(of_screens) > 100
    touching = [
        text for text in of_screens if re.search(r"[\u4e00-\u9fff]\{|\}[\u4e00-\u9fff]", text)
    ]
    assert [text for text in touching if not text.startswith(_A_PERSON_COMES)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_plural_forms_are_those_of_the_language(language: str) -> None:
    found = catalog(language)
    for message in found:
        if isinstance(message.id, tuple):
            assert len(texts(message)) == found.num_plurals, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_indents_are_kept(language: str) -> None:
    for message in messages(language):
        for text in texts(message):
            assert _indent(text) == _indent(ids(message)[0]), text


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


SIMPLIFIED = set("们这为请时间现办业务员队号码说话开关见还对应该网络数据库设终软门问车银转账币证类")
TRADITIONAL = set(
    "們這為請時間現辦業務員隊號碼說話開關見還對應該網絡數據庫設終軟門問車銀轉帳幣證類"
)


@pytest.mark.parametrize(
    ("language", "foreign"),
    [("zh_TW", SIMPLIFIED - TRADITIONAL), ("zh_CN", TRADITIONAL - SIMPLIFIED)],
)
def test_scripts_are_not_mixed(language: str, foreign: set[str]) -> None:
    for message in messages(language):
        for text in texts(message):
            assert not set(text) & foreign, text
