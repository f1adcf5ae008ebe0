"""A journal's file as lines of UTF-8, whatever it was, with a digest of what it was."""

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20
_NO_SIGNS_OF_OURS = bytes.maketrans(b"\0\1", b"  ")
"""What would end a text, and what the reader takes for the end of a column."""
_NO_LINE = b"\r\x1a"
"""Before the end of a line, and after the last line, in files from other systems."""


@dataclass(frozen=True)
class Recoded:
    """What went through."""

    digest: str
    """SHA-256 of the file as it came."""
    size: int


def recode(source: BinaryIO, encoding: str, target: Path) -> Recoded:
    """Write a file's text as UTF-8, a piece at a time; what can't be read becomes U+FFFD."""
    digest, size = hashlib.sha256(), 0
    decoder = codecs.getincrementaldecoder(_without_mark(encoding))(errors="replace")
    with target.open("wb") as lines:
        while piece := source.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
            lines.write(_cleaned(decoder.decode(piece)))
        lines.write(_cleaned(decoder.decode(b"", final=True)))
    return Recoded(digest.hexdigest(), size)


def _without_mark(encoding: str) -> str:
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def _cleaned(text: str) -> bytes:
    # a surrogate may stand in UTF-16 that is broken
    return text.encode("utf-8", errors="replace").translate(_NO_SIGNS_OF_OURS, _NO_LINE)
