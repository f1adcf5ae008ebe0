"""Products with what is read before, posters, objections: the packaged ones, and refusals."""

import pytest
from support import default_catalog
from test_catalog_refusals import FILE, GOOD

from kiosk.errors import KioskError
from kiosk.sentences import known_codes
from kiosk.services.catalog_file import read_catalog
from kiosk.services.catalog_parts import LANGUAGES, CatalogError
from kiosk.services.product import PAGES

TEXT = '{ zh_CN = "字", en = "Word", zh_TW = "字" }'
ASKED = '{ zh_CN = "吗？", en = "Is it?", zh_TW = "嗎？" }'
MORE = f"""
[products.app]
channel = "mobile"
name = {TEXT}

[products.app.disclosure]
version = 1
what = [{TEXT}]
benefits = [{TEXT}]
risks = [{TEXT}]
fees = [{TEXT}]
fee_source = "C"
address = [{TEXT}]
web = "bank.example/app"
hotline = "90000"

[posters.one]
kind = "product"
title = {TEXT}
lines = [{TEXT}]
art = [
  " ▛▀▜ ",
  " ▙▄▟ ",
]

[posters.two]
kind = "safety"
title = {TEXT}
lines = [{TEXT}, {TEXT}]

[poster_sets.all]
name = {TEXT}
posters = ["one", "two"]

[objections.no_time]
channel = "mobile"
reason = {TEXT}
answer = {TEXT}
follow_up = {ASKED}
"""
WHOLE = GOOD.replace('questions = ["amount"', 'opens = ["app"]\nquestions = ["amount"', 1) + MORE
DISCLOSURE = "products.app.disclosure"
ART = "posters.one.art"


def problems_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(CatalogError) as refused:
        read_catalog(text.encode(), FILE)
    assert {problem.file for problem in refused.value.problems} == {FILE}
    return [(problem.key, problem.reason) for problem in refused.value.problems]


def test_what_the_refusals_begin_with_is_good() -> None:
    catalog = read_catalog(WHOLE.encode(), FILE)
    assert [product.code for product in catalog.products] == ["app"]
    assert catalog.service("transfer").opens == ("app",)
    assert catalog.product("app").disclosure.page("risks", "en") == ("Word",)
    assert [poster.code for poster in catalog.posters_of("all")] == ["one", "two"]


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        *(
            (f"\n{name} = [{TEXT}]", "", f"{DISCLOSURE}.{name}", "missing: this key must be given")
            for name in PAGES
        ),
        *(
            (f'\n{name} = "{value}"', "", f"{DISCLOSURE}.{name}", "missing: this key must be given")
            for name, value in (("web", "bank.example/app"), ("hotline", "90000"))
        ),
        ('fee_source = "C"\n', "", f"{DISCLOSURE}.fee_source", "missing: this key must be given"),
        ('fee_source = "C"', 'fee_source = "X"', f"{DISCLOSURE}.fee_source", "unknown source"),
        (f"risks = [{TEXT}]", "risks = []", f"{DISCLOSURE}.risks", "0 entries; at least 1"),
        (
            f"risks = [{TEXT}]",
            f"risks = [{', '.join([TEXT] * 11)}]",
            f"{DISCLOSURE}.risks",
            "11 entries; at most 10",
        ),
        ("version = 1\nwhat", "version = 0\nwhat", f"{DISCLOSURE}.version", "greater than"),
        (
            '"bank.example/app"',
            '"https://bank.example/app"',
            f"{DISCLOSURE}.web",
            "as customers type it",
        ),
        ('"bank.example/app"', f'"bank.example/{"a" * 40}"', f"{DISCLOSURE}.web", "too long"),
        ('"90000"', '"call us"', f"{DISCLOSURE}.hotline", "3 to 16 digits"),
        ('"90000"', '"12"', f"{DISCLOSURE}.hotline", "3 to 16 digits"),
        ('opens = ["app"]', 'opens = ["ap"]', "services.transfer.opens[0]", 'did you mean "app"?'),
        ('opens = ["app"]', 'opens = ["app", "app"]', "services.transfer.opens", "more than once"),
        (
            'channel = "mobile"\nname',
            'channel = "mobil"\nname',
            "products.app.channel",
            'did you mean "mobile"?',
        ),
        ('kind = "safety"', 'kind = "other"', "posters.two.kind", "'other' is not one of"),
        ('" ▙▄▟ "', '" ▙▄▟"', f"{ART}[1]", "4 cells wide, but the first row has 5"),
        ('" ▙▄▟ "', '" ▙銀▟"', f"{ART}[1]", "U+9280: only spaces, box drawing"),
        ('" ▙▄▟ "', '" \\u001b▙ "', f"{ART}[1]", "U+001B: only spaces, box drawing"),
        ('" ▛▀▜ "', f'"{"▀" * 31}"', f"{ART}[0]", "31 cells wide; there is room for 30"),
        ('  " ▙▄▟ ",', '  "     ",\n' * 8, ART, "9 rows; there is room for 8"),
        (
            f"lines = [{TEXT}]",
            f"lines = [{', '.join([TEXT] * 4)}]",
            "posters.one.lines",
            "4 entries; at most 3",
        ),
        (
            f'kind = "product"\ntitle = {TEXT}',
            'kind = "product"\ntitle = { zh_CN = "字", en = "%s", zh_TW = "字" }' % ("w" * 31),
            "posters.one.title.en",
            "31 cells, 30 fit",
        ),
        ('posters = ["one"', 'posters = ["won"', "poster_sets.all.posters[0]", "unknown poster"),
        ('"one", "two"]', '"one", "one"]', "poster_sets.all.posters", "more than once"),
        ('["one", "two"]', "[]", "poster_sets.all.posters", "at least 1"),
        ('en = "Is it?"', 'en = "It is."', "objections.no_time.follow_up.en", "no question"),
        (
            f"answer = {TEXT}",
            'answer = { zh_CN = "立即办", en = "Word", zh_TW = "字" }',
            "objections.no_time.answer.zh_CN",
            "presses the customer",
        ),
        ("[objections.no_time]", "[objection.no_time]", "objection", 'did you mean "objections"?'),
    ],
)
def test_a_single_fault(old: str, new: str, key: str, reason: str) -> None:
    assert old in WHOLE
    assert any(
        found == key and reason in told for found, told in problems_of(WHOLE.replace(old, new, 1))
    )


def test_a_product_without_its_disclosure() -> None:
    start, end = WHOLE.index("[products.app.disclosure]"), WHOLE.index("[posters.one]")
    reasons = problems_of(WHOLE[:start] + WHOLE[end:])
    assert (DISCLOSURE, "missing: this key must be given") in reasons


def test_a_set_that_does_not_exist_is_named_and_the_default_one_need_not() -> None:
    catalog = read_catalog(WHOLE.encode(), FILE)
    assert catalog.posters_of("") == catalog.posters_of("default") == ()
    with pytest.raises(KioskError) as refused:
        catalog.posters_of("al")
    assert refused.value.code in known_codes()
    assert refused.value.params == {"set": "al", "known": "all"}


def test_the_packaged_catalog_has_enough_of_each() -> None:
    catalog = default_catalog()
    opens = catalog.service("ebanking_signup").opens
    assert opens == ("mobile", "net", "phone", "sms", "collection_code")
    assert len(catalog.posters) >= 8
    assert {poster.kind for poster in catalog.posters_of("default")} == {"product", "safety"}
    assert {poster.kind for poster in catalog.posters_of("safety")} == {"safety"}
    assert all(len(poster.art) <= 7 for poster in catalog.posters), "higher than there is room for"
    assert len(catalog.objections) >= 10
    for product in catalog.products:
        assert product.disclosure.hotline == "90000", "an invented one"
        assert product.disclosure.web.startswith("bank.example/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_something_of_its_own(language: str) -> None:
    pages = [
        (product.code, page, product.disclosure.page(page, language))
        for product in default_catalog().products
        for page in PAGES
    ]
    assert len({text for _, _, text in pages}) == len(pages) == 5 * 7
