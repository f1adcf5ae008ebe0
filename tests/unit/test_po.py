"""Reading `.po` files: as Babel reads them, and what is no such file is refused."""

import gettext
import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from hypothesis import given
from hypothesis import strategies as st

from kiosk.i18n import SOURCE_LANGUAGE
from kiosk.languages import LANGUAGES
from kiosk.paths import resource
from kiosk.po import compile_catalog

HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


def compiled(content: str) -> gettext.NullTranslations:
    return compile_catalog(content.encode())


def by_babel(content: bytes) -> gettext.NullTranslations:
    machine_object = io.BytesIO()
    write_mo(machine_object, read_po(io.BytesIO(content)))
    machine_object.seek(0)
    return gettext.GNUTranslations(machine_object)


def test_what_is_not_translated_stays_in_the_source_language() -> None:
    catalog = compiled(
        HEADER
        + 'msgid "empty"\nmsgstr ""\n\n#, fuzzy\nmsgid "guessed"\nmsgstr "X"\n\n'
        + '#~ msgid "old"\n#~ msgstr "X"\n\nmsgid "good"\nmsgstr "gut"\n'
    )
    assert [catalog.gettext(word) for word in ("empty", "guessed", "old", "none", "good")] == [
        "empty", "guessed", "old", "none", "gut",
    ]  # fmt: skip


@pytest.mark.parametrize("between", ["", "\n", "\n\n", "\n#: kiosk/app.py\n"])
def test_a_fuzzy_entry_does_not_spoil_the_next(between: str) -> None:
    first = '#, fuzzy\nmsgid "a"\nmsgstr "A"\n'
    catalog = compiled(HEADER + first + between + 'msgid "b"\nmsgstr "B"\n')
    assert (catalog.gettext("a"), catalog.gettext("b")) == ("a", "B")


def test_plural_forms_follow_the_rule_of_the_catalog() -> None:
    entry = 'msgid "{n} dog"\nmsgid_plural "{n} dogs"\nmsgstr[0] "{n} Hund"\nmsgstr[1] "{n} Hunde"'
    catalog = compiled(HEADER + entry)
    assert [catalog.ngettext("{n} dog", "{n} dogs", n) for n in (0, 1, 2)] == [
        "{n} Hunde", "{n} Hund", "{n} Hunde",
    ]  # fmt: skip
    assert [catalog.ngettext("{n} cat", "{n} cats", n) for n in (1, 2)] == ["{n} cat", "{n} cats"]


@pytest.mark.parametrize(
    "line", ['msgctxt "menu"', "msgid open", 'msgid "open', '"beside nothing"', "hello"]
)
def test_a_line_of_another_kind_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 5 .*" + line):
        compiled(HEADER + line + "\n")


text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('"\\\n\t'), min_size=1
)
words = st.dictionaries(text, text, max_size=8)


@given(words, st.integers(10, 100))
def test_every_text_comes_through_as_it_was_written(words: dict[str, str], width: int) -> None:
    catalog = Catalog(locale="zh_CN", fuzzy=False)
    for message, translation in words.items():
        catalog.add(message, translation)
    written = io.BytesIO()
    write_po(written, catalog, width=width)
    compiled = compile_catalog(written.getvalue())
    assert {message: compiled.gettext(message) for message in words} == words


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {SOURCE_LANGUAGE}))
def test_our_own_catalogs_are_read_as_babel_reads_them(language: str) -> None:
    content = (resource("locales") / language / "LC_MESSAGES" / "kiosk.po").read_bytes()
    ours, theirs = compile_catalog(content), by_babel(content)
    messages = [message.id for message in read_po(io.BytesIO(content)) if message.id]
    assert len(messages) > 100
    for message in messages:
        if isinstance(message, str):
            assert ours.gettext(message) == theirs.gettext(message)
        else:
            one, many = message
            assert ours.ngettext(one, many, 2) == theirs.ngettext(one, many, 2)
