"""What a demo is refused for: always with its file, the step and the reason."""

import tomllib

import pytest
from demo_scripts import CODE, TRANSFER, packaged_text

from kiosk.services.catalog_file import check_catalog
from kiosk.services.catalog_parts import CatalogError, CatalogProblem

FILE = f"demos/{CODE}.toml"
PACKAGED = tomllib.loads(packaged_text())
NO_SERVICE = """
fee = { low = 0, high = 0, unit = "CNY_fen", source = "C" }
minutes = { low = 1, high = 2, source = "C" }
"""
LONG = "{ zh_CN = '一', en = 'a line that is longer than the box is wide', zh_TW = '一' }"


def problems_of(text: str) -> list[CatalogProblem]:
    with pytest.raises(CatalogError) as refused:
        check_demos(text)
    return list(refused.value.problems)


def check_demos(text: str) -> None:
    demos = tomllib.loads(text)["demos"]
    check_catalog({**PACKAGED, "demos": demos}, "default.toml", {CODE: FILE})


def changed(old: str, new: str, text: str = TRANSFER) -> str:
    """The sample with the first `old` replaced."""
    assert old in text
    return text.replace(old, new, 1)


def without_service(text: str = TRANSFER) -> str:
    text = changed('service = "same_bank_transfer"\n', NO_SERVICE, text)
    return changed("amounts = { upto_50k = 300_000 }\n", "", text)


def test_the_sample_is_good() -> None:
    check_demos(TRANSFER)
    check_demos(without_service())


# what is changed into what; the key below the demo; words of the reason
REFUSALS = [
    # screens that are not there
    ('first = "home"', 'first = "hone"', "first", 'unknown screen "hone"; did you mean "home"?'),
    ('next = "sum"', 'next = "sun"', "screens.home.options[0].next", 'did you mean "sum"?'),
    ('next = "confirm"', 'next = "x"', "screens.sum.next", 'unknown screen "x"'),
    ('next = "code"', 'next = "codes"', "screens.confirm.next", 'did you mean "code"?'),
    ('group = "transfer"', 'group = "transfers"', "group", 'unknown group of demos "transfers"'),
    ('channel = "mobile"', 'channel = "mobil"', "channel", 'unknown channel "mobil"'),
    (
        'service = "same_bank_transfer"',
        'service = "same_bank"',
        "service",
        'unknown service "same_bank"',
    ),
    # dead ends and what nobody reaches
    (
        'next = "done"',
        'next = "sum"',
        "screens.sum",
        "dead end: no result can be reached from sum, confirm, code",
    ),
    (
        'next = "done"',
        'next = "code"',
        "screens.code",
        "dead end: no result can be reached from code",
    ),
    (
        'next = "confirm"',
        'next = "done"',
        "screens.confirm",
        'unreachable: nothing leads from "home" to here',
    ),
    (
        'next = "sum"',
        'wrong = "safe_code"',
        "screens.home.options",
        "no right option: one of them needs next",
    ),
    # texts
    (
        ', zh_TW = "點「轉帳」" }',
        "}",
        "screens.home.task.zh_TW",
        "missing translation: the text in Traditional Chinese (zh_TW)",
    ),
    (
        '"转账成功"',
        '"这一笔转账已经成功了呀"',
        "screens.done.title.zh_CN",
        "too long for its place: 22 cells, 20 fit",
    ),
    (
        'en = "Sent"',
        'en = "{amount} is on its way"',
        "screens.done.title",
        "too long for its line in English: 27 cells, 26 fit, with the amount of upto_50k",
    ),
    (
        "lines = [{ zh_CN",
        f"lines = [{LONG}, {LONG}, {LONG}, {LONG}, {{ zh_CN",
        "screens.home",
        "too long for its box in English: 14 rows of 28 columns, 12 fit",
    ),
    (
        'task = { zh_CN = "输入任意六位数字"',
        f"lines = [{LONG}, {LONG}]\ntask = {{ zh_CN = '输入任意六位数字'",
        "screens.code",
        "too long for its box in English: 14 rows of 28 columns, 12 fit",
    ),
    (
        '"转账成功"',
        '"转账成功 {sum}"',
        "screens.done.title.zh_CN",
        "unknown placeholder {sum}; there are {amount}, {capitals}, {fee}, {limit}",
    ),
    ('"Sent"', '"Sent {"', "screens.done.title.en", "unknown placeholder {;"),
    (
        '"Transfer in this bank"',
        '"Send {amount}"',
        "name.en",
        "{amount} in a name: menus show it, where no amount is known",
    ),
    (
        '"Tell nobody"',
        '"Call 138 0013 8000"',
        "check[0].answers[0].label.en",
        "13800138000 looks like a real card or phone number",
    ),
    ('en = "6688"', 'en = "62220212-3456"', "screens.confirm.items[1].value.en", "622202123456"),
    ('"bank.example/app"', '"95588 00 1234"', "address", "95588001234 looks like a real"),
    ('"bank.example/app"', '"银行"', "address", '"银行" must be at most 42 plain characters'),
    # what is typed
    ('expects = "amount"', 'expects = "digits"', "screens.sum.value", "missing: expects is"),
    (
        'expects = "amount"',
        'expects = "digits"\nvalue = "12345678901"',
        "screens.sum.value",
        '"12345678901" must be 1 to 10 digits',
    ),
    ("length = 6", "", "screens.code.length", 'missing: expects is "secret"'),
    (
        "length = 6",
        'length = 6\nvalue = "1"',
        "screens.code.value",
        'leave it out: expects is "secret"',
    ),
    # what is confirmed
    (
        '{ what = "capitals" },',
        "",
        "screens.confirm.items",
        "payee, account, amount, fee without capitals: confirm all five",
    ),
    (
        '{ what = "fee" },',
        '{ what = "fee" }, { what = "fee" },',
        "screens.confirm.items",
        '2 items are "fee"; it is confirmed once',
    ),
    (
        '{ what = "amount" }',
        '{ what = "amount", value = "safe_code" }',
        "screens.confirm.items[2].value",
        "too long for its place",
    ),
    (
        '{ what = "amount" }',
        '{ what = "amount", value = { zh_CN = "一", en = "1", zh_TW = "一" } }',
        "screens.confirm.items[2].value",
        'leave it out: "amount" is worked out',
    ),
    (
        '{ what = "payee", value = { zh_CN = "李小梅", en = "Li Xiaomei", zh_TW = "李小梅" } }',
        '{ what = "payee" }',
        "screens.confirm.items[0].value",
        'missing: only the script can say the value of "payee"',
    ),
    (
        '{ what = "fee" },',
        '{ what = "fee" }, { what = "other", value = { zh_CN = "一", en = "1", zh_TW = "一" } },',
        "screens.confirm.items[5].label",
        'missing: "other" has no usual word',
    ),
    # amounts and costs
    ("amount = 50_000", "amount = 50_050", "amount", "50050 fen is not whole yuan"),
    ("amount = 50_000", "amount = 0", "amount", "0 fen cannot be typed"),
    ("amount = 50_000\n", "", "screens.sum.expects", '"amount", but the demo has no amount'),
    (
        "upto_50k =",
        "upto_5k =",
        "amounts.upto_5k",
        'unknown amount band "upto_5k"; did you mean "upto_50k"?',
    ),
    (
        "upto_50k = 300_000",
        "upto_50k = 300_000, over_50k = 6_000_000",
        "amounts.over_50k",
        "6000000 fen is above 5000000, the most that the route takes",
    ),
    (
        "upto_50k = 300_000",
        "upto_50k = 300_000, over_50k = 3_000_000",
        "amounts.over_50k",
        "3000000 fen is not an amount of this band",
    ),
    (
        'service = "same_bank_transfer"',
        'service = "cross_bank_transfer"',
        "amounts",
        'missing: what is moved in the amount band "upto_10k"',
    ),
    (
        'channel = "mobile"',
        'channel = "sms"',
        "channel",
        'no route for same_bank_transfer by "sms"; it goes by mobile, ',
    ),
    (
        'service = "same_bank_transfer"',
        'service = "agency"',
        "channel",
        'no route for agency by "mobile"; it has no route',
    ),
    ('service = "same_bank_transfer"\n', "", "fee", "missing: a demo without a service says it"),
    (
        'emulator = "phone"',
        f'emulator = "phone"{NO_SERVICE}',
        "minutes",
        "leave it out: the route of same_bank_transfer says it",
    ),
    # the channel
    (
        'label = { zh_CN = "转账"',
        'part = "card_slot", label = { zh_CN = "转账"',
        "screens.home.options[0].part",
        '"card_slot" is a part of a machine',
    ),
    (
        'emulator = "phone"\n',
        'emulator = "computer"\nXXX',
        "address",
        "too long for a browser's line: 31, 24 fit",
    ),
    # the questions at the end
    (", right = true", "", "check[0].answers", "0 are right; exactly one has right = true"),
    (
        'zh_TW = "自己的餘額" }',
        'zh_TW = "自己的餘額" }, right = true',
        "check[1].answers",
        "2 are right; exactly one has right = true",
    ),
]


@pytest.mark.parametrize(("old", "new", "key", "reason"), REFUSALS)
def test_a_single_fault(old: str, new: str, key: str, reason: str) -> None:
    text = changed(old, new)
    if "XXX" in text:
        text = text.replace("XXX", "").replace("example/app", "example/business/companies")
    found = problems_of(text)
    where = f"demos.{CODE}.{key}"
    assert [each for each in found if each.key.startswith(where) and reason in each.reason], found
    assert {problem.file for problem in found} == {FILE}


def words(count: int) -> str:
    """As few of them stand on a line as can be."""
    return " ".join(["responsible"] * count)


def test_what_the_coach_says_has_room_beside_the_emulator() -> None:
    text = changed('"Type the amount"', f'"{words(5)}"')
    text = changed('"Please look at the amount again."', f'"{words(10)}"', text)
    text = changed('emulator = "phone"', 'emulator = "atm"', text)
    (problem,) = problems_of(text)
    assert problem.key == f"demos.{CODE}.screens.sum.wrong"
    assert problem.reason == (
        "too long for the coach in English: 15 rows with the task of sum, 12 fit"
    )


def test_a_question_has_room_with_its_answers() -> None:
    answer = f'{{ label = {{ zh_CN = "一", en = "{words(5)}", zh_TW = "一" }} }},'
    text = changed("answers = [", f"answers = [{answer}{answer}")
    (problem,) = problems_of(text)
    assert problem.key == f"demos.{CODE}.check[0]"
    assert problem.reason == "too long for the screen in English: 20 rows with its answers, 16 fit"


TRAP = 'trap = { what = "payee", next = "done", wrong = "safe_code" }'


def test_a_trap_leads_to_where_who_stops_comes() -> None:
    """What would come after going on is out of reach then."""
    (problem,) = problems_of(changed('next = "code"', f'next = "code"\n{TRAP}'))
    assert str(problem) == (
        f'{FILE}: demos.{CODE}.screens.code: unreachable: nothing leads from "home" to here'
    )
    text = changed('next = "code"', f'next = "code"\n{TRAP.replace("done", "code")}')
    check_demos(text)
    (problem,) = problems_of(text.replace('next = "code", wrong', 'next = "cod", wrong'))
    assert problem.key == f"demos.{CODE}.screens.confirm.trap.next"


def test_a_trap_is_an_item_that_is_shown() -> None:
    item = (
        '  { what = "payee", value = { zh_CN = "李小梅", en = "Li Xiaomei", zh_TW = "李小梅" } },\n'
    )
    text = changed('next = "code"', f'next = "code"\n{TRAP}', changed(item, ""))
    (problem,) = problems_of(text)
    assert problem.key == f"demos.{CODE}.screens.confirm.trap.what"
    assert problem.reason == 'no item is "payee"'


def test_one_fault_is_told_once() -> None:
    """What is missed by others too is told where it is wrong."""
    for old, new in (
        ('next = "confirm"', 'next = "confrm"'),
        ('next = "confirm"', 'next = "done"'),
        ("length = 6", "length = 9"),
    ):
        (problem,) = problems_of(changed(old, new))
        assert problem.file == FILE


def test_a_limit_is_told_only_where_the_route_has_one() -> None:
    text = changed('"Now you can send money"', '"Up to {limit} goes by phone"')
    check_demos(text)
    (problem,) = problems_of(without_service(text))
    assert problem.key == f"demos.{CODE}.screens.done.task"
    assert problem.reason == "{limit} is used, but the route has no max_amount"


# --- among demos ------------------------------------------------------------------------------


def another(code: str, number: int) -> str:
    return without_service(TRANSFER.replace(CODE, code)).replace(
        "number = 901", f"number = {number}"
    )


def test_a_number_is_taken() -> None:
    (problem,) = problems_of(TRANSFER + another("other", 901))
    assert (problem.key, problem.reason) == (
        "demos.other.number",
        f"901 is already the number of {CODE}",
    )


def test_a_service_by_a_channel_is_shown_once() -> None:
    other = TRANSFER.replace(CODE, "other").replace("number = 901", "number = 902")
    (problem,) = problems_of(TRANSFER + other)
    assert (problem.file, problem.key, problem.reason) == (
        "default.toml",
        "demos.other.service",
        f"same_bank_transfer by mobile is shown by {CODE} already",
    )


def test_a_group_has_as_many_demos_as_a_screen_has_digits() -> None:
    seven = "".join(another(f"d{number}", number) for number in range(1, 8))
    check_demos(seven)
    (problem,) = problems_of(seven + another("d8", 8))
    assert str(problem) == ("default.toml: demo_groups.transfer: 8 demos; a screen shows at most 7")


def check_groups(*codes: str, text: str = "[demos]") -> list[CatalogProblem]:
    raw = {**PACKAGED, "demos": tomllib.loads(text)["demos"]}
    raw["demo_groups"] = dict.fromkeys(codes, PACKAGED["demo_groups"]["transfer"])
    with pytest.raises(CatalogError) as refused:
        check_catalog(raw, "default.toml")
    return list(refused.value.problems)


def test_there_are_as_many_groups_as_a_screen_has_digits() -> None:
    (problem,) = check_groups(*"abcdefgh")
    assert (problem.key, problem.reason) == ("demo_groups", "has 8 entries; at most 7")


def test_a_group_that_would_open_an_empty_page() -> None:
    (problem,) = check_groups("transfer", "cash", text=TRANSFER)
    assert (problem.key, problem.reason) == (
        "demo_groups.cash",
        "no demo is in this group; leave it out, or add one to the folder demos",
    )


def test_groups_may_wait_for_their_demos() -> None:
    """Who puts the packaged catalog on a terminal alone gets one without an experience zone."""
    catalog = check_catalog({**PACKAGED, "demos": {}}, "default.toml")
    assert len(catalog.demo_groups) == 1
    assert catalog.demos == ()
