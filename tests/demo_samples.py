"""Small demo scripts that hold one of everything, for the tests of the rules."""

import tomllib
from functools import cache

from kiosk.services.demo.script import Demo

_WORDS = '{ zh_CN = "请再看", en = "Please look again", zh_TW = "請再看" }'
_HEAD = f"""
number = 1
version = 1
group = "transfer"
name = {_WORDS}
learn = {_WORDS}
story = {{ zh_CN = "转{{amount}}", en = "Send {{amount}}", zh_TW = "轉{{amount}}" }}
benefits = [{_WORDS}]
risks = [{_WORDS}]
safety = {_WORDS}
address = "bank.example/app"
check = [
  {{ question = {_WORDS}, because = {_WORDS}, answers = [
    {{ label = {_WORDS}, right = true }}, {{ label = {_WORDS} }} ] }},
  {{ question = {_WORDS}, because = {_WORDS}, answers = [
    {{ label = {_WORDS} }}, {{ label = {_WORDS}, right = true }} ] }},
]
"""
_SCREEN = f"title = {_WORDS}\nlines = [{_WORDS}]\ntask = {_WORDS}\nhint = {_WORDS}"
_CONFIRM = f"""
{_SCREEN}
kind = "confirm"
items = [
  {{ what = "payee", value = {_WORDS} }},
  {{ what = "account", value = {_WORDS} }},
  {{ what = "amount" }}, {{ what = "capitals" }}, {{ what = "fee" }},
]
"""

TRANSFER = f"""
{_HEAD}
emulator = "phone"
channel = "mobile"
service = "cross_bank_transfer"
amount = 50_000
amounts = {{ upto_5k = 300_000 }}
first = "home"
[screens.home]
{_SCREEN}
kind = "choose"
options = [
  {{ label = {_WORDS}, next = "help" }},
  {{ label = {_WORDS}, next = "account" }},
  {{ label = {_WORDS}, wrong = {_WORDS} }},
]
[screens.help]
{_SCREEN}
kind = "choose"
options = [{{ label = {_WORDS}, next = "home" }}]
[screens.account]
{_SCREEN}
kind = "enter"
label = {_WORDS}
expects = "digits"
value = "6688"
next = "sum"
wrong = {_WORDS}
[screens.sum]
{_SCREEN}
kind = "enter"
label = {_WORDS}
expects = "amount"
next = "confirm"
wrong = {_WORDS}
[screens.confirm]
{_CONFIRM}
next = "code"
[screens.code]
{_SCREEN}
kind = "enter"
label = {_WORDS}
expects = "secret"
length = 6
next = "done"
wrong = {_WORDS}
[screens.done]
{_SCREEN}
kind = "result"
"""
"""Everything right; the first option of the first screen is a detour."""

TRAP = f"""
{_HEAD}
emulator = "phone"
channel = "mobile"
service = "cross_bank_transfer"
amount = 50_000
first = "confirm"
[screens.confirm]
{_CONFIRM}
next = "stopped"
trap = {{ what = "account", wrong = {_WORDS}, next = "stopped" }}
[screens.stopped]
{_SCREEN}
kind = "result"
"""
"""The account is wrong on purpose."""

CALL = f"""
{_HEAD}
emulator = "call"
channel = "phone"
fee = {{ low = 0, high = 0, unit = "CNY_fen", source = "C" }}
minutes = {{ low = 2, high = 4, source = "C" }}
first = "menu"
[screens.menu]
{_SCREEN}
kind = "choose"
options = [{{ label = {_WORDS}, wrong = {_WORDS} }}, {{ label = {_WORDS}, next = "pin" }}]
[screens.pin]
{_SCREEN}
kind = "enter"
label = {_WORDS}
expects = "secret"
length = 4
next = "confirm"
wrong = {_WORDS}
[screens.confirm]
{_SCREEN}
kind = "confirm"
items = [
  {{ what = "other", label = {_WORDS}, value = {_WORDS} }},
  {{ what = "other", label = {_WORDS}, value = {_WORDS} }},
]
next = "done"
[screens.done]
{_SCREEN}
kind = "result"
"""
"""Whatever is asked, digits are dialled."""


@cache
def sample(text: str) -> Demo:
    """The demo of a text."""
    return Demo.model_validate({**tomllib.loads(text), "code": "sample"})
