"""A journal's file as lines of UTF-8, whatever it was, with a digest of what it was."""

import codecs
import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import BinaryIO

_CHUNK = 1 << 17
"""Larger ones are slower: their text does not stay in the processor's cache."""
_NOTHING = b"\1"
"""Stands in a line in which nothing stands: the reader counts no others."""
_NO_SIGNS_OF_OURS = bytes.maketrans(b"\0\1\2", b"   ")
"""What would end a text, and what the reader takes for nothing and for the end of a column."""
_NO_LINE = b"\r\x1a"
"""Before the end of a line, and after the last line, in files from other systems."""


@dataclass(frozen=True)
class Recoded:
    """What went through."""

    digest: str
    """SHA-256 of the file as it came."""
    size: int
    end: str
    """The last of its text."""


@contextmanager
def recoding(source: BinaryIO, encoding: str) -> Iterator[tuple[str, Future[Recoded]]]:
    """Recode a file while it is read: its text is on no disk.

    Args:
        source: The file.
        encoding: Its.

    Yields:
        Where lines of UTF-8 can be read, and what will have gone through.
    """
    end_to_read, end_to_write = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_recode, source, encoding, end_to_write)
        try:
            yield f"/dev/fd/{end_to_read}", running
        finally:
            # who writes into a pipe that nobody reads is told so, and ends
            os.close(end_to_read)


def _recode(source: BinaryIO, encoding: str, target: int) -> Recoded:
    """Write a file's text as UTF-8, a piece at a time; what can't be read becomes U+FFFD."""
    digest, size, end, is_new_line = hashlib.sha256(), 0, b"", True
    decoder = codecs.getincrementaldecoder(_without_mark(encoding))(errors="replace")
    with open(target, "wb") as lines:
        for piece in chain(iter(partial(source.read, _CHUNK), b""), [b""]):
            digest.update(piece)
            size += len(piece)
            if text := _cleaned(decoder.decode(piece, final=not piece)):
                lines.write(_filled(text, is_new_line))
                is_new_line = text.endswith(b"\n")
                end = (end + text)[-_CHUNK:]
    return Recoded(digest.hexdigest(), size, end.decode("utf-8", errors="replace"))


def _without_mark(encoding: str) -> str:
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def _cleaned(text: str) -> bytes:
    # a surrogate may stand in UTF-16 that is broken
    return text.encode("utf-8", errors="replace").translate(_NO_SIGNS_OF_OURS, _NO_LINE)


def _filled(text: bytes, is_new_line: bool) -> bytes:
    """With a sign in each line that is empty."""
    while b"\n\n" in text:
        text = text.replace(b"\n\n", b"\n" + _NOTHING + b"\n")
    return _NOTHING + text if is_new_line and text.startswith(b"\n") else text
