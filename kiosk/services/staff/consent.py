"""What a customer agrees to when they leave a phone number: the very words, beside their version.

They are no messages of the catalogs: nobody may change what was agreed to by translating it anew.
Whoever changes a word here raises `CONSENT_VERSION`; a test holds both together.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.config import Config
from kiosk.languages import Language
from kiosk.models.contact import Purpose

CONSENT_VERSION: Final = 1

_USES: Final[Mapping[Purpose, Mapping[Language, str]]] = {
    Purpose.CALL_BACK: {
        "zh_CN": "{bank}{branch}用这个手机号给您回电，只谈您今天问的事。",
        "en": "{bank}, {branch}, calls you back on this number, only about what you asked today.",
        "zh_TW": "{bank}{branch}用這個手機號碼給您回電，只談您今天問的事。",
    },
    Purpose.ACTIVATION: {
        "zh_CN": "{bank}{branch}用这个手机号联系您，只为帮您用上今天开通的产品。",
        "en": "{bank}, {branch}, calls this number only to help you use what you opened today.",
        "zh_TW": "{bank}{branch}用這個手機號碼聯絡您，只為幫您用上今天開通的產品。",
    },
}
_COMMON: Final[Mapping[Language, tuple[str, ...]]] = {
    "zh_CN": (
        "不用来推销，不交给别人。不记姓名、卡号、证件号。",
        "加密保存，最多 {days} 天；联系完就删除。",
        "留不留由您，不影响您办任何业务。",
        "想收回：把给您的撤回码告诉本行员工，就会删除。",
        "未满 14 岁：请先由监护人同意。",
    ),
    "en": (
        "No advertising, and nobody else gets it. No name, card or identity number is kept.",
        "It is kept encrypted, for {days} days at most, and deleted once we have talked.",
        "It is up to you. Whatever you choose, you are served the same.",
        "To take it back, tell our staff the code that you are given: it is deleted.",
        "Under 14: a parent or guardian must agree first.",
    ),
    "zh_TW": (
        "不用來推銷，不交給別人。不記姓名、卡號、證件號碼。",
        "加密保存，最多 {days} 天；聯絡完就刪除。",
        "留不留由您，不影響您辦任何業務。",
        "想收回：把給您的撤回碼告訴本行員工，就會刪除。",
        "未滿 14 歲：請先由監護人同意。",
    ),
}


@dataclass(frozen=True)
class ConsentText:
    """The words as a customer reads them, beside a box that nobody has ticked for them."""

    version: int
    lines: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the words, in hexadecimal: it stands with the consent."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()


def consent_text(settings: Config, purpose: Purpose, language: Language) -> ConsentText:
    """What a customer must have read before the number is kept.

    Args:
        settings: Who the bank is, and for how long numbers are kept.
        purpose: The only one that the number may be used for.
        language: The one that the customer reads.
    """
    filled = {
        "bank": settings.bank.name.in_language(language),
        "branch": settings.branch.name.in_language(language),
        "days": settings.privacy.keep_days,
    }
    lines = (_USES[purpose][language], *_COMMON[language])
    return ConsentText(CONSENT_VERSION, tuple(line.format(**filled) for line in lines))
