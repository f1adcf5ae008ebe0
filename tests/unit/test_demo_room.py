"""The room that a script's check keeps for the terminal's own words is enough for them."""

import pytest

from kiosk.i18n import translated
from kiosk.languages import LANGUAGES, Language
from kiosk.services.catalog_parts import cells
from kiosk.services.demo.room import CAPITALS_LABEL_COLUMNS, LABEL_COLUMNS, OPTION_COLUMNS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_usual_labels_are_no_wider_than_is_counted(language: Language) -> None:
    labels = ("Payee", "Account ending", "Amount", "Fee")
    assert max(cells(translated(label, language)) for label in labels) <= LABEL_COLUMNS[language]
    capitals = cells(translated("In Chinese capitals", language))
    assert capitals <= CAPITALS_LABEL_COLUMNS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_usual_options_are_no_wider_than_is_counted(language: Language) -> None:
    for option in ("Right", "Not right: stop", "End the demo"):
        assert cells(translated(option, language)) <= OPTION_COLUMNS
