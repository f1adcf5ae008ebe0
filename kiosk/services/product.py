"""E-products that a customer can ask staff to open, and what is to be read before."""

import hashlib
import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StrictStr

from kiosk.services.catalog_parts import (
    ChannelCode,
    Code,
    Count,
    MenuName,
    Part,
    Sentence,
    SourceCode,
    distinct,
    reference,
    refuse,
)

MAX_PRODUCTS_OF_A_SERVICE: Final = 6
"""They stand on the digits 1 to 6 of one screen; 7 is for whoever is not sure yet."""

PageCode = Literal["what", "benefits", "risks", "fees", "address"]
PAGES: Final[tuple[PageCode, ...]] = ("what", "benefits", "risks", "fees", "address")
"""What is read, in this order."""
MAX_ADDRESS: Final = 42
MAX_HOTLINE: Final = 16

ProductCode = Annotated[Code, reference("products", "product")]
Paragraphs = Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=10)]


def _address(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/[A-Za-z0-9._-]+)*", text):
        raise refuse(("", "an address is as customers type it: bank.example/app"))
    if len(text) > MAX_ADDRESS:
        raise refuse(("", f"too long to be typed: {len(text)} characters, {MAX_ADDRESS} fit"))
    return text


def _number(text: str) -> str:
    if not re.fullmatch(r"[0-9]+([ -][0-9]+)*", text) or not 3 <= len(text) <= MAX_HOTLINE:
        raise refuse(("", f"a hotline is 3 to {MAX_HOTLINE} digits, with single blanks or hyphens"))
    return text


WebAddress = Annotated[StrictStr, AfterValidator(_address)]
Hotline = Annotated[StrictStr, AfterValidator(_number)]
Opens = Annotated[
    tuple[ProductCode, ...],
    AfterValidator(distinct),
    Field(max_length=MAX_PRODUCTS_OF_A_SERVICE),
]


class Disclosure(Part):
    """What a customer must be able to read before an e-product is opened: a page for each part."""

    version: Count
    """Raised with every change of the text; what was read is recorded with it."""
    what: Paragraphs
    benefits: Paragraphs
    risks: Paragraphs
    fees: Paragraphs
    fee_source: SourceCode
    address: Paragraphs
    """What is said about the two that follow."""
    web: WebAddress
    """The official address."""
    hotline: Hotline

    def page(self, code: PageCode, locale: str) -> tuple[str, ...]:
        """The paragraphs of a page in a language."""
        pages: dict[PageCode, tuple[Sentence, ...]] = {
            "what": self.what,
            "benefits": self.benefits,
            "risks": self.risks,
            "fees": self.fees,
            "address": self.address,
        }
        return tuple(each.in_language(locale) for each in pages[code])

    def digest(self, code: PageCode, locale: str) -> str:
        """SHA-256 of a page: its sentences, and address and hotline where they stand on it."""
        facts = (self.web, self.hotline) if code == "address" else ()
        return hashlib.sha256("\n".join((*self.page(code, locale), *facts)).encode()).hexdigest()


class Product(Part):
    """Something that staff open for a customer who asks for it."""

    code: Code
    channel: ChannelCode | None = None
    """Where it is used, if that is one of the channels."""
    name: MenuName
    disclosure: Disclosure
