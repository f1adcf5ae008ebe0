"""The packaged catalog: every figure it starts from, and every text on it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from pydantic import BaseModel
from rich.cells import cell_len

from kiosk import config
from kiosk.services.catalog import Catalog, Move, Route
from kiosk.services.catalog_file import load_catalog
from kiosk.services.catalog_parts import LANGUAGES, LocalizedText, Minutes


class Row(NamedTuple):
    """One line of the table of services in the norms."""

    number: int
    code: str
    move: str
    channels: str
    """Letters of the channels: M mobile, W net, A atm, S smart counter, H phone, T text."""
    counter: int
    alone: int
    helped: int
    counter_yuan: tuple[int, int] = (0, 0)
    best_yuan: tuple[int, int] = (0, 0)


ROWS = [
    Row(1, "balance", "yes", "MWASHT", 2, 1, 3),
    Row(2, "statement", "yes", "MWS", 5, 2, 4),
    Row(3, "same_bank_transfer", "yes", "MWAS", 5, 2, 6),
    Row(4, "cross_bank_transfer", "conditions", "MWAS", 6, 3, 7, (2, 50)),
    Row(5, "withdrawal", "yes", "A", 4, 2, 4),
    Row(6, "large_withdrawal", "no", "", 8, 0, 0),
    Row(7, "deposit", "yes", "A", 4, 2, 4),
    Row(8, "coins_and_damaged", "no", "", 6, 0, 0),
    Row(9, "passbook_update", "yes", "S", 3, 1, 2),
    Row(10, "utilities", "yes", "MWS", 5, 2, 5),
    Row(11, "phone_top_up", "yes", "MWS", 4, 1, 3),
    Row(12, "social_insurance", "conditions", "MS", 6, 3, 6),
    Row(13, "credit_card_repayment", "yes", "MWAS", 4, 1, 3),
    Row(14, "provisional_loss", "yes", "MWHS", 6, 2, 4),
    Row(15, "formal_loss", "conditions", "S", 12, 6, 9, (0, 15), (0, 15)),
    Row(16, "pin_change", "yes", "AS", 5, 2, 3),
    Row(17, "pin_reset", "no", "", 10, 0, 0),
    Row(18, "unlock", "conditions", "S", 6, 4, 6),
    Row(19, "open_account", "conditions", "SM", 20, 8, 12, (0, 5), (0, 5)),
    Row(20, "close_account", "no", "", 12, 0, 0),
    Row(21, "ebanking_signup", "conditions", "SM", 8, 5, 8),
    Row(22, "phone_number_change", "conditions", "S", 8, 5, 7),
    Row(23, "id_renewal", "yes", "MS", 7, 3, 6),
    Row(24, "time_deposit", "yes", "MWS", 6, 3, 6),
    Row(25, "savings_bonds", "conditions", "MW", 8, 4, 8),
    Row(26, "wealth", "conditions", "MWS", 20, 6, 15),
    Row(27, "funds", "conditions", "MW", 15, 5, 12),
    Row(28, "foreign_exchange", "conditions", "MWS", 15, 5, 10),
    Row(29, "deposit_certificate", "conditions", "MS", 12, 5, 8, (0, 20), (0, 20)),
    Row(30, "loan", "yes", "MW", 8, 3, 6),
    Row(31, "social_card_activation", "no", "", 8, 0, 0),
    Row(32, "agency", "no", "", 38, 0, 0),
]
LETTERS = {
    "M": "mobile",
    "W": "net",
    "A": "atm",
    "S": "smart_counter",
    "H": "phone",
    "T": "sms",
}
CROSS_BANK_YUAN = [
    ("upto_2k", 200_000, (2, 2), (0, 0)),
    ("upto_5k", 500_000, (5, 5), (0, 0)),
    ("upto_10k", 1_000_000, (10, 10), (4, 4)),
    ("upto_50k", 5_000_000, (15, 15), (6, 6)),
    ("over_50k", None, (15, 50), (6, 20)),
]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def texts_in(part: object, key: str = "") -> Iterator[tuple[str, LocalizedText]]:
    if isinstance(part, LocalizedText):
        yield key, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from texts_in(getattr(part, name), f"{key}.{name}")
    elif isinstance(part, tuple):
        for index, item in enumerate(part):
            yield from texts_in(item, f"{key}[{index}]")


def route(catalog: Catalog, service: str, channel: str) -> Route:
    return next(found for found in catalog.routes_of(service) if found.channel == channel)


def about(value: int) -> tuple[int, int]:
    """The documented range: 30 % less to 40 % more, in whole minutes, never a single one."""
    low = max(1, value * 7 // 10)
    return low, max(low + 1, -(-value * 14 // 10))


def test_it_has_the_32_services_in_32_places(catalog: Catalog) -> None:
    assert [row.number for row in ROWS] == list(range(1, 33))
    assert [(one.number, one.code) for one in catalog.services] == [row[:2] for row in ROWS]
    in_menus = [code for menu in catalog.menus for code in menu.services]
    assert sorted(in_menus) == sorted(row.code for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_a_service_is_as_the_norms_say(catalog: Catalog, row: Row) -> None:
    service = catalog.service(row.code)
    routes = catalog.routes_of(row.code)
    assert service.move == row.move
    assert {found.channel for found in routes} == {LETTERS[letter] for letter in row.channels}
    assert [found.rank for found in routes] == list(range(1, len(routes) + 1))
    fee = catalog.counter_fee(service)
    assert fee is not None
    assert (fee.low, fee.high) == tuple(100 * yuan for yuan in row.counter_yuan)
    expected = (30, 47) if row.code == "agency" else about(row.counter)
    assert (service.minutes.low, service.minutes.high) == expected
    assert service.minutes.low <= row.counter <= service.minutes.high
    for found in routes:
        assert minutes(found.minutes_alone) == about(row.alone)
        assert minutes(found.minutes_helped) == about(row.helped)
    if routes:
        best = catalog.route_fee(routes[0])
        assert (best.low, best.high) == tuple(100 * yuan for yuan in row.best_yuan)


def minutes(value: Minutes) -> tuple[int, int]:
    return value.low, value.high


@pytest.mark.parametrize(("code", "up_to", "counter", "net"), CROSS_BANK_YUAN)
def test_cross_bank_fees_by_band(
    catalog: Catalog,
    code: str,
    up_to: int | None,
    counter: tuple[int, int],
    net: tuple[int, int],
) -> None:
    service = catalog.service("cross_bank_transfer")
    band = next(band for band in service.amount_bands if band.code == code)
    assert band.up_to == up_to
    for fee, yuan, source in [
        (catalog.counter_fee(service, code), counter, "G"),
        (catalog.route_fee(route(catalog, service.code, "mobile"), code), (0, 0), "I"),
        (catalog.route_fee(route(catalog, service.code, "net"), code), net, "I"),
    ]:
        assert fee is not None
        assert (fee.low, fee.high, fee.source) == (100 * yuan[0], 100 * yuan[1], source)


def test_a_fee_without_a_known_amount_is_the_whole_range(catalog: Catalog) -> None:
    counter = catalog.counter_fee("cross_bank_transfer")
    assert counter is not None
    assert (counter.low, counter.high) == (200, 5000)
    atm = catalog.route_fee(route(catalog, "cross_bank_transfer", "atm"))
    assert (atm.low, atm.high) == (0, 1500), "amounts above the machine's limit do not count"


def test_limits_and_hours(catalog: Catalog) -> None:
    assert route(catalog, "withdrawal", "atm").max_amount == 20_000 * 100
    for service in ("same_bank_transfer", "cross_bank_transfer"):
        assert route(catalog, service, "atm").max_amount == 50_000 * 100
        assert route(catalog, service, "mobile").max_amount == 50_000 * 100
        assert route(catalog, service, "net").max_amount is None
    hours = route(catalog, "savings_bonds", "mobile").hours
    assert hours is not None
    assert (hours.opens.hour, hours.closes.hour) == (8, 16)


def test_the_sources_that_the_norms_name(catalog: Catalog) -> None:
    assert "268" in catalog.sources["G"].title
    assert catalog.sources["G"].effective.isoformat() == "2014-08-01"
    assert "grade C" in catalog.sources["C"].title
    assert "to be confirmed by the bank" in catalog.sources["C"].title
    for service in catalog.services:
        assert service.minutes.source == "C", "no public statistic of minutes was found"


def test_weak_sources_say_that_the_bank_must_confirm(catalog: Catalog) -> None:
    for code, source in catalog.sources.items():
        if code not in ("G", "A"):
            assert "to be confirmed by the bank" in source.title + source.note, code


def test_screens_can_number_their_choices(catalog: Catalog) -> None:
    assert len(catalog.menus) <= 7
    assert all(len(menu.services) <= 7 for menu in catalog.menus)
    assert 5 <= len(catalog.decline_reasons) <= 7
    assert 5 <= len(catalog.failure_reasons) <= 7


def test_labels_fit_their_places(catalog: Catalog) -> None:
    # measured by the library that draws the screens, not by our own count
    limits = [(menu.name, 16, 24) for menu in catalog.menus]
    limits += [(menu.hint, 32, 32) for menu in catalog.menus]
    limits += [(service.name, 18, 24) for service in catalog.services]
    limits += [(step, 48, 60) for one in catalog.routes for step in one.steps]
    limits += [(question.text, 48, 60) for question in catalog.questions]
    limits += [(reason.name, 24, 32) for reason in catalog.decline_reasons]
    limits += [(reason.name, 24, 32) for reason in catalog.failure_reasons]
    for text, chinese, english in limits:
        assert cell_len(text.zh_CN) <= chinese, text.zh_CN
        assert cell_len(text.zh_TW) <= chinese, text.zh_TW
        assert cell_len(text.en) <= english, text.en


def test_names_are_told_apart(catalog: Catalog) -> None:
    for language in LANGUAGES:
        for group in (catalog.services, catalog.menus, catalog.channels, catalog.needs):
            names = [one.name.in_language(language) for one in group]
            assert len(set(names)) == len(names)


def test_each_language_is_written_in_its_own_script(catalog: Catalog) -> None:
    # no simplified-only character exists in Big5, no traditional-only one in GB 2312
    for key, text in texts_in(catalog):
        assert text.zh_TW.encode("big5", "replace").decode("big5") == text.zh_TW, key
        assert text.zh_CN.encode("gb2312", "replace").decode("gb2312") == text.zh_CN, key
        assert cell_len(text.en) == len(text.en), f"wide characters in English: {key}"
        assert text.en != text.zh_CN or text.en == "U-Key", key


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh_CN", "柜面|电子渠道|队列|立即|仅需|推荐|大家都|提交|￥|¥|U盾"),
        ("zh_TW", "手機銀行|短信|网|二維碼|屏幕|身份證|信息|點擊|存折|余額|人工窗口|默認"),
        ("en", "(?i)recommend|only takes|hurry|please kindly|counter-top|e-channel"),
    ],
)
def test_words_that_customers_must_not_read(catalog: Catalog, language: str, words: str) -> None:
    for key, text in texts_in(catalog):
        assert not re.search(words, text.in_language(language)), (key, text)


def test_services_that_cannot_move_say_why_and_nothing_else(catalog: Catalog) -> None:
    for service in catalog.services:
        if service.move is Move.NO:
            assert service.why_counter is not None
            assert not service.questions
            assert not catalog.routes_of(service.code)
            talk = "".join(service.why_counter.in_language(language) for language in LANGUAGES)
            assert not re.search("手机银行|行動銀行|智能柜台|智慧櫃台|app|online|mobile", talk)


def test_links_name_only_the_example_host(catalog: Catalog) -> None:
    links = [found.link for found in catalog.routes if found.link is not None]
    assert len(set(links)) == len(links)
    form = re.compile(r"https://bank\.example/k/[A-Z]{3}[1-9]\?r=\{reference\}")
    assert all(map(form.fullmatch, links))
    on_a_phone = [found for found in catalog.routes if found.channel == "mobile"]
    assert all(found.link for found in on_a_phone)


def test_devices_in_the_branch_are_marked(catalog: Catalog) -> None:
    devices = {channel.code for channel in catalog.channels if channel.in_branch}
    assert devices == {"atm", "smart_counter"}
    # a code to scan beside a machine would lead away from it
    assert all(found.link is None for found in catalog.routes if found.channel in devices)


def test_look_ups(catalog: Catalog) -> None:
    assert catalog.channel("atm").in_branch
    assert catalog.need("app").name.zh_CN == "手机银行"
    assert catalog.question("amount").kind == "amount"
    assert catalog.queue("A").name.en == "Cash"
    for look_up in (
        catalog.service,
        catalog.channel,
        catalog.need,
        catalog.question,
        catalog.queue,
        catalog.routes_of,
    ):
        with pytest.raises(KeyError):
            look_up("nothing")
    with pytest.raises(KeyError):
        catalog.counter_fee("cross_bank_transfer", "nothing")


def test_the_catalog_speaks_the_languages_of_the_terminal() -> None:
    assert config.LANGUAGES == LANGUAGES
    assert tuple(LocalizedText.model_fields) == LANGUAGES


def test_a_text_in_each_language() -> None:
    text = LocalizedText(zh_CN="取款", en="Withdraw", zh_TW="提款")
    assert [text.in_language(language) for language in LANGUAGES] == ["取款", "Withdraw", "提款"]
    assert text.in_language("fr") == "取款", "a language that nobody wrote reads Chinese"


def test_the_release_names_the_content(catalog: Catalog) -> None:
    assert re.fullmatch("[0-9a-f]{16}", catalog.release)
    assert load_catalog().release == catalog.release
    other = catalog.model_copy(update={"version": "other"})
    assert other.release != catalog.release
    turned = dict(reversed(catalog.sources.items()))
    assert catalog.model_copy(update={"sources": turned}).release == catalog.release


def test_a_changed_copy_looks_up_its_own_content(catalog: Catalog) -> None:
    assert catalog.routes_of("balance")
    without = catalog.model_copy(update={"routes": ()})
    assert without.routes_of("balance") == ()
    assert catalog.routes_of("balance")


def test_the_release_does_not_depend_on_the_process(catalog: Catalog) -> None:
    code = "from kiosk.services.catalog_file import load_catalog; print(load_catalog().release)"
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == catalog.release


def test_it_survives_a_journey_as_json(catalog: Catalog) -> None:
    document = catalog.model_dump_json()
    assert json.loads(document)["currency"] == "CNY"
    again = Catalog.model_validate_json(document)
    assert again == catalog
    assert again.release == catalog.release


def test_reading_it_needs_no_screen_and_no_database() -> None:
    code = (
        "import sys; from kiosk.services.catalog_file import load_catalog; load_catalog();"
        "print([name for name in ('textual', 'rich', 'sqlmodel') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
