"""Reads gettext's `.po` files: what Babel needs for it takes longer than most commands."""

import gettext
import io
import re
import struct
from collections.abc import Iterator, Mapping

_LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr(?:\[\d+\])?) )?"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_MAGIC, _HEADER = 0x950412DE, 7 * 4
"""Of a `.mo` file: how it begins, and how many bytes stand before its tables."""


def compile_catalog(content: bytes) -> gettext.NullTranslations:
    """Compile a `.po` file in memory; what is fuzzy or untranslated is shown as in the source.

    Raises:
        ValueError: A line that is no such file's; contexts (`msgctxt`) are not in use here.
    """
    messages = dict(_messages(content.decode()))
    return gettext.GNUTranslations(io.BytesIO(_machine_object(messages)))


def _messages(text: str) -> Iterator[tuple[str, str]]:
    """What is asked for and its translation, as a `.mo` file has them: plural forms end in NUL."""
    for entry in _entries(text):
        # the forms of a plural stand in order
        names = [name for name in entry if name.startswith("msgstr")]
        if names and all(entry[name] for name in names):
            asked = [entry[name] for name in ("msgid", "msgid_plural") if name in entry]
            yield "\0".join(asked), "\0".join(entry[name] for name in names)


def _entries(text: str) -> Iterator[dict[str, str]]:
    """Every entry that is not fuzzy, as keyword → text."""
    entry: dict[str, str] = {}
    name, is_fuzzy = "", False
    for number, line in enumerate(text.split("\n"), 1):
        is_remark = line.startswith("#") or not line.strip()
        found = None if is_remark else _LINE.fullmatch(line.rstrip())
        if entry and (is_remark or (found and found[1] == "msgid")):
            if not is_fuzzy:
                yield entry
            entry, name, is_fuzzy = {}, "", False
        if is_remark:
            is_fuzzy = is_fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        name = found[1] or name if found else ""
        if not found or not name:
            raise ValueError(f"line {number} of a message catalog: {line}")
        more = _ESCAPE.sub(_unescaped, found[2]) if "\\" in found[2] else found[2]
        entry[name] = entry.get(name, "") + more
    if entry and not is_fuzzy:
        yield entry


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPED.get(found[1], found[1])


def _machine_object(messages: Mapping[str, str]) -> bytes:
    """The `.mo` file: a header, a table of the ids, a table of the translations, the texts."""
    table, texts = [], b""
    start = _HEADER + 2 * 8 * len(messages)
    ids = sorted(messages)
    for text in (*ids, *(messages[each] for each in ids)):
        encoded = text.encode()
        table += [len(encoded), start + len(texts)]
        texts += encoded + b"\0"
    header = (_MAGIC, 0, len(ids), _HEADER, _HEADER + 8 * len(ids), 0, 0)
    return struct.pack(f"<{len(header) + len(table)}I", *header, *table) + texts
