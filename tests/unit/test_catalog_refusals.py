"""What a catalog is refused for: always with file, key and reason, all at once."""

import copy
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import KioskError
from kiosk.services.catalog_file import check_catalog, load_catalog, read_catalog
from kiosk.services.catalog_parts import CatalogError, CatalogProblem

GOOD = """
name = "small"
version = "1"

[sources.C]
title = "default"
effective = 2026-01-31

[texts]
sign_in = { zh_CN = "登录", en = "Sign in", zh_TW = "登入" }

[channels.mobile]
name = { zh_CN = "手机银行", en = "Mobile banking", zh_TW = "行動銀行" }
where = { zh_CN = "在手机上", en = "On your phone", zh_TW = "在手機上" }
in_branch = false

[channels.atm]
name = { zh_CN = "存取款机", en = "Cash machine", zh_TW = "存提款機" }
where = { zh_CN = "在大厅", en = "In this hall", zh_TW = "在大廳" }
in_branch = true

[needs]
app = { name = { zh_CN = "手机银行", en = "App", zh_TW = "行動銀行" } }
card = { name = { zh_CN = "银行卡", en = "Bank card", zh_TW = "銀行卡" } }

[questions.amount]
kind = "amount"
text = { zh_CN = "多少钱？", en = "How much?", zh_TW = "多少錢？" }

[questions.app]
kind = "yes_no"
text = { zh_CN = "有手机银行吗？", en = "Do you have the app?", zh_TW = "有行動銀行嗎？" }
yes = { zh_CN = "有", en = "Yes", zh_TW = "有" }
no = { zh_CN = "没有", en = "No", zh_TW = "沒有" }

[questions.stamp]
kind = "yes_no"
text = { zh_CN = "要盖章吗？", en = "With a stamp?", zh_TW = "要蓋章嗎？" }
yes = { zh_CN = "有", en = "Yes", zh_TW = "有" }
no = { zh_CN = "没有", en = "No", zh_TW = "沒有" }

[queues]
A = { name = { zh_CN = "现金", en = "Cash", zh_TW = "現金" } }

[menus.all]
name = { zh_CN = "全部", en = "All", zh_TW = "全部" }
hint = { zh_CN = "全部业务", en = "All services", zh_TW = "全部業務" }
services = ["transfer", "coins"]

[services.transfer]
number = 1
name = { zh_CN = "转账", en = "Transfer", zh_TW = "轉帳" }
spoken = { zh_CN = "转账", en = "Send money", zh_TW = "轉帳" }
move = "yes"
minutes = { low = 4, high = 8, source = "C" }
queue = "A"
bring = ["card"]
fees = [
  { up_to = 200_000, fee = { low = 200, high = 200, unit = "CNY_fen", source = "C" } },
  { fee = { low = 500, high = 900, unit = "CNY_fen", source = "C" } },
]
amount_bands = [
  { code = "small", up_to = 200_000, label = { zh_CN = "少", en = "Little", zh_TW = "少" } },
  { code = "large", label = { zh_CN = "多", en = "Much", zh_TW = "多" } },
]
questions = ["amount", "app", "stamp"]
source = "C"

[services.coins]
number = 2
name = { zh_CN = "零钞", en = "Coins", zh_TW = "零鈔" }
spoken = { zh_CN = "零钞", en = "Coins", zh_TW = "零鈔" }
move = "no"
minutes = { low = 4, high = 8, source = "C" }
queue = "A"
fees = [{ fee = { low = 0, high = 0, unit = "CNY_fen", source = "C" } }]
why_counter = { zh_CN = "要当面清点。", en = "A teller counts them.", zh_TW = "須當面清點。" }
source = "C"

[[routes]]
service = "transfer"
channel = "mobile"
rank = 1
needs = ["app"]
not_for = ["stamp"]
max_amount = 200_000
hours = { opens = 08:30:00, closes = 16:30:00 }
minutes_alone = { low = 1, high = 3, source = "C" }
minutes_helped = { low = 2, high = 6, source = "C" }
fees = [{ fee = { low = 0, high = 0, unit = "CNY_fen", source = "C" } }]
steps = [
  "sign_in",
  { zh_CN = "选转账", en = "Choose transfer", zh_TW = "選轉帳" },
  { zh_CN = "核对金额", en = "Check the amount", zh_TW = "核對金額" },
]
link = "https://bank.example/k/TRF1"
safety = { zh_CN = "不要告诉别人。", en = "Tell nobody.", zh_TW = "不要告訴別人。" }
source = "C"

[decline_reasons]
no_phone = { name = { zh_CN = "没有手机", en = "No phone", zh_TW = "沒有手機" } }

[failure_reasons]
limit = { name = { zh_CN = "超过限额", en = "Above the limit", zh_TW = "超過限額" } }
"""
FILE = "bank.toml"
ROUTE = GOOD[GOOD.index("[[routes]]") : GOOD.index("[decline_reasons]")]
LONG_LINK = "https://bank.example/k/" + "x" * 20


def problems_of(text: str) -> list[CatalogProblem]:
    with pytest.raises(CatalogError) as refused:
        read_catalog(text.encode(), FILE)
    return list(refused.value.problems)


def changed(old: str, new: str) -> str:
    """`GOOD` with the first `old` replaced."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_the_small_catalog_is_good() -> None:
    catalog = read_catalog(GOOD.encode(), FILE)
    assert catalog.routes[0].steps[0].en == "Sign in", "a shared text is put in its place"


# what is changed into what; the key; words of the reason
REFUSALS = [
    ("name =", "naame =", "naame", 'unknown key "naame"; did you mean "name"?'),
    ("[needs]", "[needz]", "needz", 'unknown key "needz"; did you mean "needs"?'),
    ("queue =", "queuee =", "services.transfer.queuee", 'did you mean "queue"?'),
    ("low = 4", "lo = 4", "services.transfer.minutes.lo", 'did you mean "low"?'),
    ('channel = "mobile"', 'channel = "mobil"', "routes[0].channel", 'unknown channel "mobil"'),
    (
        'service = "transfer"',
        'service = "transfers"',
        "routes[0].service",
        'unknown service "transfers"; did you mean "transfer"?',
    ),
    ('"coins"]', '"coin"]', "menus.all.services[1]", 'did you mean "coins"?'),
    ('needs = ["app"]', 'needs = ["app", "apq"]', "routes[0].needs[1]", 'unknown need "apq"'),
    ('bring = ["card"]', 'bring = ["cart"]', "services.transfer.bring[0]", 'mean "card"?'),
    (
        'not_for = ["stamp"]',
        'not_for = ["stamp", "stamps"]',
        "routes[0].not_for[1]",
        'unknown question "stamps"; did you mean "stamp"?',
    ),
    (
        'yes = { zh_CN = "有", en = "Yes", zh_TW = "有" }\n',
        "",
        "questions.app.yes",
        "missing: what the button says",
    ),
    (
        'kind = "amount"',
        'kind = "amount"\nno = { zh_CN = "不", en = "No", zh_TW = "不" }',
        "questions.amount.no",
        "leave it out: the amount bands are the answers",
    ),
    ('queue = "A"', 'queue = "B"', "services.transfer.queue", 'unknown queue "B"'),
    ('queue = "A"', 'queue = "Z"', "services.transfer.queue", "'Z' is not one of"),
    (
        'high = 8, source = "C"',
        'high = 8, source = "G"',
        "services.transfer.minutes.source",
        'unknown source "G"',
    ),
    ('"sign_in",', '"sign_on",', "routes[0].steps[0]", 'unknown text "sign_on" in [texts]'),
    (
        'en = "Sign in", ',
        "",
        "texts.sign_in.en",
        "missing translation: the text in English (en)",
    ),
    (
        ', zh_TW = "轉帳"',
        "",
        "services.transfer.name.zh_TW",
        "missing translation: the text in Traditional Chinese (zh_TW)",
    ),
    ('en = "Sign in"', 'en = ""', "texts.sign_in.en", "the text is empty"),
    ('en = "Sign in"', 'en = " Sign in"', "texts.sign_in.en", "begins or ends with a space"),
    ('en = "Sign in"', "en = 3", "texts.sign_in.en", "must be a text in quotes"),
    ('"登录"', '"登\\u0007录"', "texts.sign_in.zh_CN", "control character U+0007"),
    ('"登录"', '"登\\n录"', "texts.sign_in.zh_CN", "control character U+000A"),
    ('"登录"', '"登\\u202e录"', "texts.sign_in.zh_CN", "control character U+202E"),
    ('"登录"', '"①登录"', "texts.sign_in.zh_CN", "overlaps its neighbour"),
    ('"登录"', '"登录 ¥5"', "texts.sign_in.zh_CN", 'write "元"'),
    ('"选转账"', '"立即转账"', "routes[0].steps[1].zh_CN", '"立即" presses the customer'),
    ('"选转账"', '"仅需两步"', "routes[0].steps[1].zh_CN", '"仅需" presses the customer'),
    ('"转账"', '"推荐您转账"', "services.transfer.name.zh_CN", '"推荐您" presses'),
    ('"選轉帳"', '"僅需兩步"', "routes[0].steps[1].zh_TW", '"僅需" presses'),
    ('"全部业务"', '"大家都在用"', "menus.all.hint.zh_CN", '"大家都在用" presses'),
    (
        '"Choose transfer"',
        '"It Only Takes a minute"',
        "routes[0].steps[1].en",
        '"Only Takes" presses',
    ),
    ('"Transfer"', '"Recommended"', "services.transfer.name.en", '"Recommended" presses'),
    (
        '"Transfer"',
        '"A transfer of some of your money"',
        "services.transfer.name.en",
        "too long for its place: 32 cells, 24 fit",
    ),
    (
        '"全部"',
        '"全部业务都在这里呀"',
        "menus.all.name.zh_CN",
        "too long for its place: 18 cells, 16 fit (8 Chinese characters)",
    ),
    (', unit = "CNY_fen"', "", "services.transfer.fees[0].fee.unit", "a fee needs its unit"),
    ('"CNY_fen"', '"CNY"', "services.transfer.fees[0].fee.unit", "'CNY' is not one of"),
    ("low = 200,", "low = 2.0,", "services.transfer.fees[0].fee.low", "2.0 is not a whole"),
    ("low = 200,", 'low = "2",', "services.transfer.fees[0].fee.low", "'2' is not a whole"),
    ("low = 200,", "low = true,", "services.transfer.fees[0].fee.low", "True is not a whole"),
    ("low = 200,", "low = -1,", "services.transfer.fees[0].fee.low", "cannot be negative"),
    ("low = 200,", "low = 201,", "services.transfer.fees[0].fee", "low 201 is above high 200"),
    (
        "max_amount = 200_000",
        "max_amount = 2e5",
        "routes[0].max_amount",
        "200000.0 is not a whole number of fen",
    ),
    (
        "max_amount = 200_000",
        "max_amount = 150_000",
        "routes[0].max_amount",
        "150000 fen is not the end of an amount band",
    ),
    ("low = 4, high = 8", "low = 9, high = 8", "services.transfer.minutes", "low 9 is above"),
    ("low = 4", "low = 4.5", "services.transfer.minutes.low", "must be a whole number"),
    ("in_branch = true", "in_branch = 1", "channels.atm.in_branch", "must be true or false"),
    ("2026-01-31", '"2026-01-31"', "sources.C.effective", "must be a date"),
    ("08:30:00", "17:30:00", "routes[0].hours", "not before 16:30"),
    ('link = "https', 'link = "http', "routes[0].link", "begins with https://"),
    ('"https://bank.example/k/TRF1"', f'"{LONG_LINK}"', "routes[0].link", "43 bytes need a QR"),
    ('/k/TRF1"', '/k/T F1"', "routes[0].link", "holds no space"),
    ('/k/TRF1"', '/k/{customer}"', "routes[0].link", "only {reference}"),
    ("//bank", "//{reference}.bank", "routes[0].link", "behind the domain"),
    ('/k/TRF1"', '/k/a-longer-name/T?r={reference}"', "routes[0].link", "too long: 49 bytes"),
    (
        "rank = 1",
        "rank = 0",
        "routes[0].rank",
        "greater than or equal to 1",
    ),
    ('move = "yes"', 'move = "maybe"', "services.transfer.move", "'maybe' is not one of"),
    (
        "number = 2",
        "number = 1",
        "services.coins.number",
        "1 is already the number of transfer",
    ),
    ('"coins"]', '"coins", "coins"]', "services.coins", "in more than one menu: all, all"),
    (', "coins"]', "]", "services.coins", "in no menu"),
    ("why_counter =", "fee_note =", "services.coins.why_counter", "cannot move says why"),
    (
        'questions = ["amount", "app", "stamp"]',
        'questions = ["amount", "app"]',
        "routes[0].not_for[0]",
        'the service never asks "stamp"',
    ),
    (
        'needs = ["app"]',
        "needs = []",
        "services.transfer.questions[1]",
        '"app" decides nothing',
    ),
    (
        'questions = ["amount", ',
        "questions = [",
        "services.transfer.questions",
        "amount_bands are given, but nobody asks",
    ),
    (
        "number = 1",
        'number = 1\ncode = "transfer"',
        "services.transfer.code",
        "leave it out",
    ),
    ("[services.coins]", "[services.Coin-s]", "services.Coin-s.code", "letters, digits and _"),
    ("[[routes]]", "[routes]", "routes", "must be a list"),
    (
        "[failure_reasons]\nlimit",
        "[[failure_reasons]]\nlimit",
        "failure_reasons",
        "must be a table",
    ),
]


# what a fault cannot but cause elsewhere
CONSEQUENCES = {
    "naame": {"name"},
    "needz": {"needs", "services.transfer.bring[0]", "routes[0].needs[0]"},
    "services.transfer.queuee": {"services.transfer.queue"},
    "services.transfer.minutes.lo": {"services.transfer.minutes.low"},
    "routes[0].service": {"services.transfer"},
    "menus.all.services[1]": {"services.coins"},
    "services.Coin-s.code": {"services.Coin-s", "menus.all.services[1]"},
    "routes": {"services.transfer"},
}


@pytest.mark.parametrize(("old", "new", "key", "reason"), REFUSALS)
def test_a_single_fault(old: str, new: str, key: str, reason: str) -> None:
    found = problems_of(changed(old, new))
    assert {problem.key for problem in found} == {key} | CONSEQUENCES.get(key, set())
    assert [problem for problem in found if problem.key == key and reason in problem.reason]
    assert {problem.file for problem in found} == {FILE}


SECOND_ROUTE = ROUTE.replace('channel = "mobile"', 'channel = "atm"').replace(
    "rank = 1", "rank = 2"
)
NO_BANDS = GOOD[GOOD.index("amount_bands = [") : GOOD.index("questions = [")]
ADDITIONS = [
    # a good second route, so that the faults below are the only ones
    (SECOND_ROUTE, "", ""),
    (ROUTE.replace("rank = 1", "rank = 2"), "routes[1]", "the same pair as routes[0]"),
    (SECOND_ROUTE.replace("rank = 2", "rank = 1"), "routes[1].rank", "has the rank 1 already"),
    (
        SECOND_ROUTE.replace('"transfer"', '"coins"')
        .replace('not_for = ["stamp"]\n', "")
        .replace("max_amount", "# max_amount"),
        "routes[1]",
        "a route for a service that cannot move (route: coins by atm)",
    ),
    (
        SECOND_ROUTE.replace('not_for = ["stamp"]', 'not_for = ["amount"]'),
        "routes[1].not_for[0]",
        '"amount" is no yes/no question',
    ),
    (
        SECOND_ROUTE.replace('"sign_in",', ""),
        "routes[1].steps",
        "has 2 entries; at least 3",
    ),
    (
        SECOND_ROUTE.replace('"sign_in",', '"sign_in",' * 5),
        "routes[1].steps",
        "has 7 entries; at most 6",
    ),
]


@pytest.mark.parametrize(("route", "key", "reason"), ADDITIONS)
def test_a_second_route(route: str, key: str, reason: str) -> None:
    text = GOOD.replace("[decline_reasons]", route + "[decline_reasons]")
    if not reason:
        assert len(read_catalog(text.encode(), FILE).routes) == 2
        return
    (problem,) = problems_of(text)
    assert problem.key == key
    assert reason in problem.reason


def test_a_service_that_can_move_needs_a_route() -> None:
    (problem,) = problems_of(GOOD.replace(ROUTE, "[[routes]]\n").replace("[[routes]]", ""))[-1:]
    assert (problem.key, problem.reason) == (
        "services.transfer",
        'move is "yes", but it has no route',
    )


def test_a_route_states_its_fee_even_if_it_is_zero() -> None:
    fees = 'fees = [{ fee = { low = 0, high = 0, unit = "CNY_fen", source = "C" } }]\nsteps'
    (problem,) = problems_of(changed(fees, "fees = []\nsteps"))
    assert (problem.key, problem.reason[:13]) == ("routes[0].fees", "has 0 entries")


def test_an_amount_that_is_asked_needs_bands() -> None:
    (problem,) = problems_of(GOOD.replace(NO_BANDS, ""))
    assert problem.key == "services.transfer.amount_bands"
    assert problem.reason == "missing: the service asks for the amount"


@pytest.mark.parametrize(
    ("limits", "key", "reason"),
    [
        ([200, 500], "", "gap: no band for amounts above 500 fen"),
        ([500, 200, None], "[1].up_to", "out of order: 200 is below 500"),
        ([200, 200, None], "[1].up_to", "overlaps: no amount lies between 200 and 200"),
        ([None, None], "[1]", "overlaps the band before it, which has no upper limit"),
        ([None, 500], "[1]", "overlaps the band before it"),
        ([0, None], "[0].up_to", "overlaps: no amount lies between 0 and 0"),
    ],
)
@pytest.mark.parametrize("table", ["fees", "amount_bands"])
def test_bands_that_do_not_cover_every_amount_once(
    table: str, limits: list[int | None], key: str, reason: str
) -> None:
    raw = tomllib.loads(GOOD)
    model = raw["services"]["transfer"][table][-1]
    raw["routes"][0].pop("max_amount")
    raw["services"]["transfer"][table] = [
        {**copy.deepcopy(model), **({} if limit is None else {"up_to": limit})}
        | ({"code": f"band{index}"} if table == "amount_bands" else {})
        for index, limit in enumerate(limits)
    ]
    with pytest.raises(CatalogError) as refused:
        check_catalog(raw, FILE)
    found = {(problem.key, problem.reason) for problem in refused.value.problems}
    place = f"services.transfer.{table}{key}"
    assert any(at == place and reason in said for at, said in found), found


def test_amount_bands_are_told_apart() -> None:
    (problem,) = problems_of(changed('code = "large"', 'code = "small"'))
    assert problem.reason == '2 amount bands have the code "small"'


def test_a_menu_is_read_only_up_to_twelve_choices() -> None:
    raw = tomllib.loads(GOOD)
    coins = raw["services"]["coins"]
    more = {f"coins{number}": {**coins, "number": number} for number in range(3, 14)}
    raw["services"] |= more
    raw["menus"]["all"]["services"] = ["transfer", *more]
    raw["menus"]["rest"] = {**raw["menus"]["all"], "services": ["coins"]}
    check_catalog(raw, FILE)
    raw["menus"]["all"]["services"].append("coins")
    raw["menus"].pop("rest")
    with pytest.raises(CatalogError) as refused:
        check_catalog(raw, FILE)
    (problem,) = refused.value.problems
    assert str(problem) == "bank.toml: menus.all.services: 13 choices; a menu shows at most 12"


def test_there_are_at_most_twelve_menus() -> None:
    raw = tomllib.loads(GOOD)
    raw["menus"] |= {f"menu{number}": raw["menus"]["all"] for number in range(12)}
    with pytest.raises(CatalogError) as refused:
        check_catalog(raw, FILE)
    assert ("menus", "13 menus; at most 12 can be chosen from") in {
        (problem.key, problem.reason) for problem in refused.value.problems
    }


@pytest.mark.parametrize("section", ["decline_reasons", "failure_reasons"])
def test_reasons_stand_on_six_digits_and_none_on_the_seventh(section: str) -> None:
    raw = tomllib.loads(GOOD)
    (reason,) = raw[section].values()
    raw[section] = {f"reason{number}": reason for number in range(6)}
    check_catalog(raw, FILE)
    raw[section]["one_more"] = reason
    with pytest.raises(CatalogError) as refused:
        check_catalog(raw, FILE)
    (problem,) = refused.value.problems
    assert (problem.key, problem.reason) == (section, "7 reasons; a screen shows at most 6")


def test_faults_in_different_places_are_reported_together() -> None:
    text = GOOD
    expected = set()
    for old, new, key, _ in [
        ('"登录"', '"立即登录"', "texts.sign_in.zh_CN", ""),
        ("in_branch = true", 'in_branch = "yes"', "channels.atm.in_branch", ""),
        ('"Cash"', '"Cash\\u0000"', "queues.A.name.en", ""),
        (', "coins"]', "]", "services.coins", ""),
        ("low = 4, high = 8", "low = 9, high = 8", "services.transfer.minutes", ""),
        (', unit = "CNY_fen"', "", "services.transfer.fees[0].fee.unit", ""),
        ('channel = "mobile"', 'channel = "fax"', "routes[0].channel", ""),
        ('link = "https', 'link = "ftp', "routes[0].link", ""),
        ("why_counter =", "why =", "services.coins.why", ""),
        ("max_amount = 200_000", "max_amount = 3", "routes[0].max_amount", ""),
    ]:
        assert old in text
        text = text.replace(old, new, 1)
        expected.add(key)
    assert expected | {"services.coins.why_counter"} == {
        problem.key for problem in problems_of(text)
    }


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (b'name = "a"\nversion = \n', "line 2", "not TOML: Invalid value"),
        (b'name = "a"\nname = "b"\n', "line 2", "not TOML: Cannot overwrite a value"),
        (b"name", "end of file", "not TOML: Expected '=' after a key"),
        (b'name = "a"\nversion = "\xb2\xe2"\n', "line 2", "not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_file_that_is_no_toml(text: bytes, key: str, reason: str) -> None:
    with pytest.raises(CatalogError) as refused:
        read_catalog(text, FILE)
    (problem,) = refused.value.problems
    assert (problem.file, problem.key) == (FILE, key)
    assert problem.reason.startswith(reason)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text(GOOD, encoding="utf-8-sig")
    assert load_catalog(file).name == "small"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as refused:
        load_catalog(tmp_path / FILE)
    (problem,) = refused.value.problems
    assert (problem.key, problem.reason) == ("file", "cannot be read: No such file or directory")


def test_an_empty_file_names_everything_that_is_missing() -> None:
    keys = {problem.key for problem in problems_of("")}
    assert {"name", "services", "routes", "menus", "sources"} <= keys


def test_the_error_is_one_that_screens_know() -> None:
    with pytest.raises(KioskError) as refused:
        read_catalog(changed("low = 4", "low = 9").encode(), FILE)
    assert refused.value.code == "catalog_invalid"
    assert refused.value.params == {
        "file": FILE,
        "key": "services.transfer.minutes",
        "reason": "low 9 is above high 8",
        "count": 1,
    }


SMALL = st.text("abcdefghijklmnopqrstuvwxyz0123456789/-", min_size=1, max_size=60)
CAPITAL = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-", min_size=1, max_size=60)


@settings(deadline=None)
@given(st.one_of(SMALL.map("https://h/".__add__), CAPITAL.map("HTTPS://H/".__add__)))
def test_a_link_fits_the_code_beside_the_text(link: str) -> None:
    room = 61 if link.startswith("HTTPS") else 42
    raw = tomllib.loads(GOOD)
    raw["routes"][0]["link"] = link
    if len(link) <= room:
        assert check_catalog(raw, FILE).routes[0].link == link
    else:
        with pytest.raises(CatalogError, match=r"version [4-9]"):
            check_catalog(raw, FILE)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(),
    st.text(max_size=3),
    st.lists(st.one_of(st.text(max_size=3), st.integers(), st.just({})), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@settings(deadline=None)
@given(st.data())
def test_whatever_the_file_holds_the_answer_is_a_catalog_or_its_problems(
    data: st.DataObject,
) -> None:
    raw: dict[str, object] = tomllib.loads(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        _spoil(data, raw)
    problems: tuple[CatalogProblem, ...] = ()
    try:
        check_catalog(raw, FILE)
    except CatalogError as refused:
        problems = refused.problems
        if not problems:
            pytest.fail("refused without a reason")
    assert all(problem.key and problem.reason for problem in problems)


def _spoil(data: st.DataObject, table: dict[str, object] | list[object]) -> None:
    """Put junk somewhere below `table`, or take something away."""
    if not table:
        return
    if isinstance(table, dict):
        key = data.draw(st.sampled_from(sorted(table)))
        below = table[key]
    else:
        place = data.draw(st.integers(0, len(table) - 1))
        below = table[place]
    if isinstance(below, (dict, list)) and data.draw(st.integers(0, 3)):
        _spoil(data, below)
    elif isinstance(table, dict) and data.draw(st.booleans()):
        del table[key]
    elif isinstance(table, dict):
        table[key] = data.draw(JUNK)
    else:
        table[place] = data.draw(JUNK)
