"""A sentence for every error, in every language."""

import string

import pytest

from kiosk import sentences
from kiosk.errors import KioskError
from kiosk.i18n import use_language
from kiosk.languages import LANGUAGES
from kiosk.sentences import known_codes, sentence


def params_of(code: str) -> dict[str, object]:
    names = string.Formatter().parse(sentences._SENTENCES[code])
    return {name: f"<{name}>" for _, name, _, _ in names if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_says_what_its_error_knows(language: str) -> None:
    use_language(language)
    for code in known_codes():
        params = params_of(code)
        told = sentence(KioskError(code, **params))
        for value in params.values():
            assert str(value) in told, (code, told)
        assert not set(told) & set("{}"), told


def test_braces_in_what_is_told_do_no_harm() -> None:
    assert "{x}" in sentence(KioskError("config_no_file", path="/{x}/kiosk.toml"))


def test_an_error_reads_well_in_a_log() -> None:
    assert str(KioskError("disk_full", database="/a.db")) == "disk_full (database=/a.db)"
    assert str(KioskError("x")) == "x"


def test_a_code_without_a_sentence_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        sentence(KioskError("never_heard_of"))
