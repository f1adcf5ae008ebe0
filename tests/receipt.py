"""Reads a receipt printer's bytes back, as paper would show them."""

from dataclasses import dataclass

_TAKEN = {b"\x1b@": 0, b"\x1c&": 0, b"\x1bE": 1, b"\x1ba": 1, b"\x1d!": 1, b"\x1bd": 1, b"\x1dV": 1}
"""Command → how many bytes belong to it."""
_QR = b"\x1d(k"


@dataclass(frozen=True)
class Line:
    text: str
    size: int
    bold: bool
    align: int
    """0 left, 1 centre."""
    columns: int
    """What it takes of the paper, in plain half-width characters."""


@dataclass(frozen=True)
class Receipt:
    lines: list[Line]
    codes: list[str]
    is_chinese: bool
    is_cut: bool

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def read(data: bytes) -> Receipt:
    """An unknown command is an error."""
    lines, codes, held = [], [], bytearray()
    size, bold, align, chinese, cut, stored = 1, False, 0, False, False, ""
    at = 0
    while at < len(data):
        if data[at] == 0x0A:
            text = held.decode("gb18030")
            assert all(len(each.encode("gb18030")) <= 2 for each in text), text
            lines.append(Line(text, size, bold, align, len(held) * size))
            held.clear()
            at += 1
        elif data[at : at + 3] == _QR:
            length = int.from_bytes(data[at + 3 : at + 5], "little")
            body = data[at + 5 : at + 5 + length]
            if body[:3] == b"1P0":
                stored = body[3:].decode("ascii")
            elif body[:3] == b"1Q0":
                codes.append(stored)
            at += 5 + length
        elif data[at] >= 0x20:
            held.append(data[at])
            at += 1
        else:
            command = data[at : at + 2]
            value = data[at + 2] if _TAKEN[command] else 0
            if command == b"\x1c&":
                chinese = True
            elif command == b"\x1bE":
                bold = bool(value)
            elif command == b"\x1ba":
                align = value
            elif command == b"\x1d!":
                size = (value & 0x0F) + 1
                assert value >> 4 == size - 1, "as wide as tall"
            elif command == b"\x1dV":
                cut = True
            at += 2 + _TAKEN[command]
    assert not held, "a line that is not ended would stay in the printer"
    return Receipt(lines, codes, chinese, cut)
