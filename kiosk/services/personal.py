"""What a customer must never be asked to type: who they are, and the numbers of what is theirs."""

import re
from typing import Final

_NUMBER_OF: Final = re.compile(
    r"姓名|名字|户名|戶名|卡号|卡號|账号|賬號|帐号|帳號|户号|戶號|证件|證件|身份证|身分證|护照|護照"
    r"|电话|電話|手机号|手機號|密码|密碼|验证码|驗證碼|地址|住址|生日|出生|邮箱|郵箱|電郵|微信"
    r"|\b(?:names?|surname|passports?|phones?|telephones?|mobiles?|passwords?|pin|iban|birthday"
    r"|date of birth|address|e-?mail|wechat)\b"
    r"|\b(?:card|account|id|identity|document)(?: card)? (?:numbers?|no)\b",
    re.IGNORECASE,
)
"""What no field may speak of."""
_THING: Final = re.compile(
    r"卡|账户|賬戶|帐户|帳戶|尾号|尾號|号码|號碼|\b(?:cards?|accounts?|id|identity|codes?)\b",
    re.IGNORECASE,
)
"""Things that have a number of their own: no field that is typed may speak of them."""
_IN_CODES: Final = re.compile(
    r"(?:^|_)(name|surname|person|card|pan|account|acct|iban|id|identity|passport|document|phone"
    r"|tel|telephone|mobile|address|email|birth|birthday|dob|pin|password|otp|cvv|wechat)(?=s?(?:_|$))",
    re.IGNORECASE,
)


def asks_who(text: str, *, typed: bool) -> str | None:
    """The word by which a text asks for somebody's name or number; None: it does not.

    Args:
        text: A label or a line of help.
        typed: The answer is typed, not chosen from a list.
    """
    found = _NUMBER_OF.search(text) or (_THING.search(text) if typed else None)
    return found.group() if found else None


def code_asks_who(code: str) -> str | None:
    """As `asks_who`, for the code of a field: `card_number`, `phone`."""
    found = _IN_CODES.search(code)
    return found.group(1) if found else None
