"""A complete demo for tests, short as a demo can be, and catalogs that hold it."""

import re
import tomllib
from functools import cache
from pathlib import Path

from kiosk.paths import resource
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import check_catalog

TRANSFER = """
[demos.sample_transfer]
number = 901
version = 1
group = "transfer"
channel = "mobile"
service = "same_bank_transfer"
emulator = "phone"
name = { zh_CN = "本行转账", en = "Transfer in this bank", zh_TW = "本行轉帳" }
learn = { zh_CN = "学会用手机给家人转账。", en = "How to send money to your family.", zh_TW = "學會用手機轉帳給家人。" }
story = { zh_CN = "您要给女儿李小梅转 {amount}。", en = "You send your daughter Li Xiaomei {amount}.", zh_TW = "您要轉 {amount} 給女兒李小梅。" }
benefits = [{ zh_CN = "在家就能办", en = "You can do it at home", zh_TW = "在家就能辦" }]
risks = [{ zh_CN = "转错人很难追回", en = "Money sent wrong is hard to get back", zh_TW = "轉錯人很難追回" }]
safety = "safe_transfer"
address = "bank.example/app"
amount = 50_000
amounts = { upto_50k = 300_000 }
first = "home"

[demos.sample_transfer.screens.home]
kind = "choose"
title = { zh_CN = "我的账户", en = "My accounts", zh_TW = "我的帳戶" }
lines = [{ zh_CN = "活期余额 8,000.00 元", en = "Current account: 8,000.00 yuan", zh_TW = "活存餘額 8,000.00 元" }]
task = { zh_CN = "点“转账”", en = "Touch “Transfer”", zh_TW = "點「轉帳」" }
hint = { zh_CN = "“转账”是第一个。", en = "“Transfer” is the first one.", zh_TW = "「轉帳」是第一個。" }
options = [
  { label = { zh_CN = "转账", en = "Transfer", zh_TW = "轉帳" }, next = "sum" },
  { label = { zh_CN = "缴费", en = "Bills", zh_TW = "繳費" }, wrong = { zh_CN = "这里是缴费，请点“转账”。", en = "Bills are paid here. Touch “Transfer”.", zh_TW = "這裡是繳費，請點「轉帳」。" } },
]

[demos.sample_transfer.screens.sum]
kind = "enter"
title = { zh_CN = "转账", en = "Transfer", zh_TW = "轉帳" }
task = { zh_CN = "输入金额", en = "Type the amount", zh_TW = "輸入金額" }
hint = { zh_CN = "故事里要转 {amount}。", en = "The story says {amount}.", zh_TW = "故事裡要轉 {amount}。" }
label = { zh_CN = "金额（元）", en = "Amount in yuan", zh_TW = "金額（元）" }
expects = "amount"
next = "confirm"
wrong = { zh_CN = "请再看一下金额。", en = "Please look at the amount again.", zh_TW = "請再看一下金額。" }

[demos.sample_transfer.screens.confirm]
kind = "confirm"
title = { zh_CN = "请核对", en = "Please check", zh_TW = "請核對" }
task = { zh_CN = "一项一项核对", en = "Check one after the other", zh_TW = "一項一項核對" }
hint = { zh_CN = "和故事里的一样吗？", en = "Is it as in the story?", zh_TW = "和故事裡的一樣嗎？" }
items = [
  { what = "payee", value = { zh_CN = "李小梅", en = "Li Xiaomei", zh_TW = "李小梅" } },
  { what = "account", value = { zh_CN = "6688", en = "6688", zh_TW = "6688" } },
  { what = "amount" },
  { what = "capitals" },
  { what = "fee" },
]
next = "code"

[demos.sample_transfer.screens.code]
kind = "enter"
title = { zh_CN = "验证码", en = "Code", zh_TW = "驗證碼" }
task = { zh_CN = "输入任意六位数字", en = "Type any six digits", zh_TW = "輸入任意六位數字" }
hint = { zh_CN = "这里什么数字都可以。", en = "Any digits will do here.", zh_TW = "這裡什麼數字都可以。" }
label = { zh_CN = "短信验证码", en = "Code from the text", zh_TW = "簡訊驗證碼" }
expects = "secret"
length = 6
next = "done"
wrong = { zh_CN = "请输入数字。", en = "Please type digits.", zh_TW = "請輸入數字。" }

[demos.sample_transfer.screens.done]
kind = "result"
title = { zh_CN = "转账成功", en = "Sent", zh_TW = "轉帳成功" }
lines = [{ zh_CN = "已转给李小梅 {amount}", en = "{amount} was sent to Li Xiaomei", zh_TW = "已轉 {amount} 給李小梅" }]
task = { zh_CN = "您会转账了", en = "Now you can send money", zh_TW = "您會轉帳了" }
hint = { zh_CN = "按 1 结束。", en = "Press 1 to end.", zh_TW = "按 1 結束。" }

[[demos.sample_transfer.check]]
question = { zh_CN = "有人向您要验证码，怎么办？", en = "Somebody asks for your code. What now?", zh_TW = "有人向您要驗證碼，怎麼辦？" }
answers = [
  { label = { zh_CN = "不告诉任何人", en = "Tell nobody", zh_TW = "不告訴任何人" }, right = true },
  { label = { zh_CN = "告诉银行的人", en = "Tell the bank's people", zh_TW = "告訴銀行的人" } },
]
because = { zh_CN = "银行的人也不会向您要验证码。", en = "The bank never asks for it either.", zh_TW = "銀行的人也不會向您要驗證碼。" }

[[demos.sample_transfer.check]]
question = { zh_CN = "转账前要核对什么？", en = "What do you check before you send money?", zh_TW = "轉帳前要核對什麼？" }
answers = [
  { label = { zh_CN = "自己的余额", en = "Your own balance", zh_TW = "自己的餘額" } },
  { label = { zh_CN = "姓名、账号、金额", en = "Name, account and amount", zh_TW = "姓名、帳號、金額" }, right = true },
]
because = { zh_CN = "转错人很难追回。", en = "Money sent to the wrong person is hard to get back.", zh_TW = "轉錯人很難追回。" }
"""  # noqa: E501 (a text is one line in its file)
CODE = "sample_transfer"


def packaged_text() -> str:
    """The packaged catalog's own file, with the one group of demos that the sample is in."""
    text = (resource("catalog") / "default.toml").read_text(encoding="utf-8")
    return re.sub(r"(?ms)^\[demo_groups\.(?!transfer\]).*?(?=^\[|^#)", "", text)


@cache
def sample_catalog() -> Catalog:
    """The packaged catalog with the sample as its only demo."""
    return check_catalog(tomllib.loads(packaged_text() + TRANSFER), "default.toml")


def catalog_in(folder: Path, **demos: str) -> Path:
    """The packaged catalog in a folder, with demos by the name of their file."""
    (folder / "demos").mkdir()
    for name, text in demos.items():
        (folder / "demos" / f"{name}.toml").write_text(text, encoding="utf-8")
    file = folder / "bank.toml"
    file.write_text(packaged_text(), encoding="utf-8")
    return file
