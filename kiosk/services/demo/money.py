"""The figures in a demo's texts: amount, fee and limit, and the amount in Chinese capitals."""

from dataclasses import dataclass

from kiosk.services.catalog_parts import Fee

_UNITS = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_AS_IN_TAIWAN = str.maketrans("贰叁陆万亿", "貳參陸萬億")


@dataclass(frozen=True)
class Money:
    """What is moved in a demo, and what that costs."""

    amount: int | None = None
    """Fen; None: no money is moved."""
    fee: Fee | None = None
    limit: int | None = None
    """Fen; the most that the channel takes at once."""

    def typed(self) -> str:
        """The digits of the amount in whole yuan."""
        return str((self.amount or 0) // 100)

    def words(self, language: str) -> dict[str, str]:
        """What stands for each placeholder; only for those that are known."""
        words = {}
        if self.amount is not None:
            words["amount"] = _yuan(f"{self.amount / 100:,.2f}", language)
            words["capitals"] = capitals(self.amount, language)
        if self.fee is not None:
            low, high = (f"{fen / 100:,.2f}" for fen in (self.fee.low, self.fee.high))
            words["fee"] = _yuan(low if low == high else f"{low}–{high}", language)
        if self.limit is not None:
            decimals = 2 if self.limit % 100 else 0
            words["limit"] = _yuan(f"{self.limit / 100:,.{decimals}f}", language)
        return words

    def fill(self, text: str, language: str) -> str:
        """A text of a demo with its figures."""
        if "{" not in text:
            return text
        for name, figure in self.words(language).items():
            text = text.replace(f"{{{name}}}", figure)
        return text


def _yuan(figure: str, language: str) -> str:
    return f"{figure} yuan" if language == "en" else f"{figure} 元"


def capitals(fen: int, language: str = "zh_CN") -> str:
    """An amount as it is written on a slip, so that nobody can add a digit.

    Args:
        fen: Not negative.
        language: Taiwan writes some of the characters otherwise; English has none of its own.
    """
    yuan, rest = divmod(fen, 100)
    tenths, hundredths = divmod(rest, 10)
    text = f"{_count(yuan)}元" if yuan else ""
    if tenths:
        text += f"{_DIGITS[tenths]}角"
    if hundredths:
        gap = "零" if yuan and not tenths else ""
        text += f"{gap}{_DIGITS[hundredths]}分"
    if not rest:
        text = f"{text or '零元'}整"
    return text.translate(_AS_IN_TAIWAN) if language == "zh_TW" else text


def _count(number: int) -> str:
    """A whole number; nothing for 0. A gap of any length is one 零."""
    for size, unit in _UNITS:
        if number >= size:
            head, rest = divmod(number, size)
            gap = "零" if 0 < rest < size // 10 else ""
            return f"{_count(head)}{unit}{gap}{_count(rest)}"
    return _DIGITS[number] if number else ""
