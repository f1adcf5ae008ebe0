"""The smallest parts of the catalog: texts, codes, amounts, and how a value is refused."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from kiosk import languages
from kiosk.errors import KioskError

LANGUAGES: Final[tuple[str, ...]] = languages.LANGUAGES
_PRESSURE = re.compile(
    r"立即|仅需|僅需|只需|推荐您|推薦您|大家都在用|首选|首選"
    r"|\b(?:recommended|we recommend|only takes|takes only|just takes|everyone uses"
    r"|everybody uses|everyone is using|hurry|act now|immediately|don't miss)\b",
    re.IGNORECASE,
)
_ONE_CELL_GLYPHS = frozenset("…—“”‘’·×●■□★►─│")
"""Glyphs of ambiguous width that the terminal's font is known to draw in one cell."""


# --- how a value is refused -------------------------------------------------------------------


@dataclass(frozen=True)
class CatalogProblem:
    """One thing that is wrong, in words for the person who edits the file."""

    file: str
    key: str
    """The dotted path: `routes[3].link`, `services.balance.name.en`, or `line 12`."""
    reason: str

    def __str__(self) -> str:
        """One line, as `kiosk catalog check` prints it."""
        return f"{self.file}: {self.key}: {self.reason}"


class CatalogError(KioskError):
    """The catalog cannot be used; `problems` holds everything that was found."""

    def __init__(self, problems: Sequence[CatalogProblem]) -> None:
        super().__init__(
            "catalog_invalid",
            file=problems[0].file,
            key=problems[0].key,
            reason=problems[0].reason,
            count=len(problems),
        )
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Known:
    """What references may point at while a catalog is being validated."""

    codes: Mapping[str, Sequence[str]]
    texts: Mapping[str, "LocalizedText"]


def refuse(*problems: tuple[str, str]) -> PydanticCustomError:
    """An error whose reasons are ours; each is (the key below the value, the reason)."""
    return PydanticCustomError(
        "catalog", "{reason}", {"reason": problems[0][1], "problems": problems}
    )


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint at what was meant; empty if nothing comes near."""
    near = difflib.get_close_matches(word, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def reference(section: str, noun: str) -> AfterValidator:
    """A code that must exist in `section`, where the whole catalog is at hand."""

    def check(code: str, info: ValidationInfo) -> str:
        known = info.context.codes[section] if isinstance(info.context, Known) else None
        if known is not None and code not in known:
            raise refuse(("", f'unknown {noun} "{code}"{nearest(code, known)}'))
        return code

    return AfterValidator(check)


# --- the smallest parts -----------------------------------------------------------------------


def cells(text: str) -> int:
    """How many terminal cells `text` takes; a Chinese character takes two."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


@cache
def _cells_of(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _text_reasons(text: str) -> Iterator[str]:
    if not text.strip():
        yield "the text is empty"
    elif text != text.strip():
        yield "the text begins or ends with a space"
    yield from filter(None, map(_char_reason, sorted(set(text))))
    for word in dict.fromkeys(match.group() for match in _PRESSURE.finditer(text)):
        yield f'"{word}" presses the customer; say what happens and what it costs'


@cache
def _char_reason(char: str) -> str:
    """Why a character can't stand in a text; empty if it can."""
    if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp"):
        return f"control character U+{ord(char):04X} in the text"
    if char in "¥￥":
        return f'write "元" or "CNY" instead of "{char}"'
    if unicodedata.east_asian_width(char) == "A" and char not in _ONE_CELL_GLYPHS:
        return f'"{char}" (U+{ord(char):04X}) overlaps its neighbour on the screen'
    return ""


def _plain_text(text: str) -> str:
    if reasons := list(_text_reasons(text)):
        raise refuse(*(("", reason) for reason in reasons))
    return text


def _whole_fen(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse(("", f"{value!r} is not a whole number of fen (1 yuan = 100 fen)"))
    if value < 0:
        raise refuse(("", "an amount cannot be negative"))
    return value


Text = Annotated[StrictStr, AfterValidator(_plain_text)]
Code = Annotated[StrictStr, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
Fen = Annotated[int, BeforeValidator(_whole_fen)]
Count = Annotated[StrictInt, Field(ge=1)]
QueueLetter = Literal["A", "B", "C", "D", "E", "F"]
SourceCode = Annotated[Code, reference("sources", "source")]
ServiceCode = Annotated[Code, reference("services", "service")]
ChannelCode = Annotated[Code, reference("channels", "channel")]
NeedCode = Annotated[Code, reference("needs", "need")]
QuestionCode = Annotated[Code, reference("questions", "question")]


class Part(BaseModel):
    """A table of the file: no other keys than these."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LocalizedText(Part):
    """One text in every language of the terminal."""

    zh_CN: Text  # noqa: N815 (the locale's own spelling)
    en: Text
    zh_TW: Text  # noqa: N815 (the locale's own spelling)

    def in_language(self, locale: str) -> str:
        """The text in `locale`; Chinese where the terminal lacks that language."""
        text: str = getattr(self, locale if locale in LANGUAGES else LANGUAGES[0])
        return text

    @model_validator(mode="wrap")
    @classmethod
    def _shared(
        cls, value: object, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> "LocalizedText":
        """A bare string is the code of a text in the file's `texts` table."""
        if not isinstance(value, str) or not isinstance(info.context, Known):
            return handler(value)
        texts = info.context.texts
        if value not in texts:
            raise refuse(("", f'unknown text "{value}" in [texts]{nearest(value, list(texts))}'))
        return texts[value]


def at_most(han: int, latin: int) -> AfterValidator:
    """Refuse a text that would not fit where it is shown."""

    def check(text: LocalizedText) -> LocalizedText:
        problems = []
        for language in LANGUAGES:
            limit = latin if language == "en" else 2 * han
            if (width := cells(text.in_language(language))) > limit:
                room = f"{latin} characters" if language == "en" else f"{han} Chinese characters"
                reason = f"too long for its place: {width} cells, {limit} fit ({room})"
                problems.append((f".{language}", reason))
        if problems:
            raise refuse(*problems)
        return text

    return AfterValidator(check)


def distinct(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list in which a code stands twice."""
    if twice := [code for code, times in Counter(codes).items() if times > 1]:
        raise refuse(*(("", f'"{code}" stands here more than once') for code in twice))
    return codes


MenuName = Annotated[LocalizedText, at_most(8, 24)]
ServiceName = Annotated[LocalizedText, at_most(9, 24)]
ShortName = Annotated[LocalizedText, at_most(10, 24)]
Hint = Annotated[LocalizedText, at_most(16, 32)]
Step = Annotated[LocalizedText, at_most(24, 60)]
Sentence = Annotated[LocalizedText, at_most(40, 120)]


class Minutes(Part):
    """An honest range of whole minutes."""

    low: Annotated[StrictInt, Field(ge=0, le=600)]
    high: Annotated[StrictInt, Field(ge=0, le=600)]
    source: SourceCode

    @model_validator(mode="after")
    def _ordered(self) -> "Minutes":
        if self.low > self.high:
            raise refuse(("", f"low {self.low} is above high {self.high}"))
        return self


class Fee(Part):
    """A price in whole fen; `low == high` when it is fixed."""

    low: Fen
    high: Fen
    unit: Literal["CNY_fen"]
    source: SourceCode

    @model_validator(mode="after")
    def _ordered(self) -> "Fee":
        if self.low > self.high:
            raise refuse(("", f"low {self.low} is above high {self.high}"))
        return self
