"""From the files of a catalog to the catalog.

A catalog is one TOML file and, beside it, a folder with a file for each demo. `load_catalog` either
returns a catalog that triage and screens may trust without looking again, or refuses it with every
problem that it has, each with its file, key and reason.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kiosk.paths import resource
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_parts import (
    LANGUAGES,
    CatalogError,
    CatalogProblem,
    Known,
    LocalizedText,
    nearest,
)
from kiosk.services.catalog_rules import KEYED, which_route, whole_file_problems
from kiosk.services.catalog_tables import Found, Table, routes, table
from kiosk.services.demo.check import collection_problems, demo_problems
from kiosk.services.demo.script import Demo

PACKAGED: Final = "default.toml"
"""How problems name the packaged catalog."""
DEMOS: Final = "demos"
"""The folder with the demos' files, and the table that they fill."""

_LANGUAGE_NAMES = {"zh_CN": "Chinese", "en": "English", "zh_TW": "Traditional Chinese"}
_HARMLESS = LocalizedText(zh_CN="-", en="-", zh_TW="-")
"""Stands wherever a faulty shared text is used."""
_BEGINNING = re.compile(r"(?:\s|#[^\n]*\n)*\[+\s*demos\s*\.")


@dataclass(frozen=True)
class _File:
    name: str
    """How problems name it."""
    path: Path

    def text(self) -> str:
        try:
            # an editor on Windows may begin the file with a byte order mark
            return _decoded(self.path.read_bytes(), self.name)
        except OSError as error:
            raise _refused(self.name, "file", f"cannot be read: {error.strerror}") from error


def load_catalog(path: Path | None = None) -> Catalog:
    """Read a catalog with its demos and check everything in it.

    Args:
        path: The TOML file; None: the catalog that ships with the program, read once in a process.

    Raises:
        CatalogError: With every problem found.
    """
    return _packaged() if path is None else _load(path)


@cache
def _packaged() -> Catalog:
    return _load(None)


def _load(path: Path | None) -> Catalog:
    main, *demo_files = _files(path)
    raw = _parse(main.text(), main.name)
    own = table(raw, DEMOS)
    demos: dict[str, object] = {}
    problems: list[CatalogProblem] = []
    for file in demo_files:
        try:
            demos |= _demo_in(file, own)
        except CatalogError as refused:
            problems += refused.problems
    if demos:
        raw[DEMOS] = {**own, **demos}
    names = {file.path.stem: file.name for file in demo_files if file.path.stem in demos}
    try:
        catalog = check_catalog(raw, main.name, names)
    except CatalogError as refused:
        raise CatalogError([*problems, *refused.problems]) from None
    if problems:
        raise CatalogError(problems)
    return catalog


def catalog_body(path: Path) -> str:
    """A catalog's text and those of its demos as one, which `read_catalog` reads.

    Raises:
        CatalogError: A file cannot be read.
    """
    return "\n".join(file.text() for file in _files(path))


def read_catalog(content: bytes, file: str) -> Catalog:
    """Check a catalog's text, as `load_catalog`; `file` is what problems name."""
    return check_catalog(_parse(_decoded(content, file), file), file)


def check_catalog(
    raw: Mapping[str, object], file: str, demo_files: Mapping[str, str] | None = None
) -> Catalog:
    """Check a catalog that is parsed already, as `load_catalog`.

    Args:
        raw: What the file holds.
        file: What problems name.
        demo_files: What problems of a demo name, by its code, where it has a file of its own.
    """
    texts, found = _shared_texts(raw)
    known = Known({section: list(table(raw, section)) for section in ("sources", *KEYED)}, texts)
    catalog, of_catalog = _catalog(raw, known)
    demos, of_demos = _demos(raw, known)
    found += [*of_catalog, *of_demos, *whole_file_problems(raw)]
    if catalog is not None:
        catalog = catalog.model_copy(update={"demos": tuple(demos)})
        found += [] if of_demos else collection_problems(catalog)
    for demo in demos:
        for key, reason in demo_problems(demo, catalog):
            found.append((f"{DEMOS}.{demo.code}.{key}", reason))
    if found or catalog is None:
        unique = dict.fromkeys(found)  # two checks may see the same fault
        raise CatalogError(_named(unique, file, demo_files or {}))
    return catalog


def _named(
    found: Iterable[tuple[str, str]], file: str, demo_files: Mapping[str, str]
) -> list[CatalogProblem]:
    """The problems, those of a demo with its own file."""
    problems = []
    for key, reason in found:
        section, _, rest = key.partition(".")
        code = rest.partition(".")[0] if section == DEMOS else ""
        problems.append(CatalogProblem(demo_files.get(code, file), key, reason))
    return problems


def _refused(file: str, key: str, reason: str) -> CatalogError:
    return CatalogError([CatalogProblem(file, key, reason)])


# --- from files to tables ---------------------------------------------------------------------


def _files(path: Path | None) -> list[_File]:
    """The catalog's own file, then its demos'."""
    source = path or resource("catalog") / PACKAGED
    folder = Path(DEMOS) if path is None else path.parent / DEMOS
    demos = sorted((source.parent / DEMOS).glob("*.toml"))
    return [
        _File(PACKAGED if path is None else str(path), source),
        *(_File(str(folder / demo.name), demo) for demo in demos),
    ]


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refused(file, f"line {line}", "not UTF-8; save the file as UTF-8") from error


def _parse(text: str, file: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        line_found = re.match(r"line \d+", place)
        key = line_found.group() if line_found else "end of file"
        raise _refused(file, key, f"not TOML: {reason}") from error


def _demo_in(file: _File, own: Mapping[str, object]) -> dict[str, object]:
    """The one demo of a file, by its code."""
    text = file.text()
    raw = _parse(text, file.name)
    code = file.path.stem
    demos = table(raw, DEMOS)
    problems = [
        (key, f"a demo's file holds nothing but [{DEMOS}.{code}] and what is below it")
        for key in (*(key for key in raw if key != DEMOS), *(f"{DEMOS}.{key}" for key in demos))
        if key != f"{DEMOS}.{code}"
    ]
    if code not in demos:
        problems.append((f"{DEMOS}.{code}", "missing: the file's name is the demo's code"))
    elif not _BEGINNING.match(text):
        # what is published is all files one after the other
        problems.append(("line 1", f"a demo's file begins with its table: [{DEMOS}.{code}]"))
    if code in own:
        problems.append((f"{DEMOS}.{code}", "stands in the catalog's own file, too"))
    if problems:
        raise CatalogError([CatalogProblem(file.name, *problem) for problem in problems])
    return demos


def _rows(raw: Table) -> dict[str, object]:
    """The file in the shape of the model, but for the demos: entries carry their code."""
    rows = {name: value for name, value in raw.items() if name not in ("texts", DEMOS)}
    for section, key in KEYED.items():
        if section in rows:
            rows[section] = [
                {**entry, key: code} if isinstance(entry, dict) else entry
                for code, entry in table(raw, section).items()
            ]
    return rows


def _catalog(raw: Table, known: Known) -> tuple[Catalog | None, list[tuple[str, str]]]:
    """The catalog without its demos, or what is wrong with it."""
    found: list[tuple[str, str]] = []
    try:
        return Catalog.model_validate(_rows(raw), context=known), found
    except ValidationError as error:
        for details in _without_echoes(error.errors(include_url=False)):
            found += _explained(details, known.codes, raw)
    return None, found


def _demos(raw: Table, known: Known) -> tuple[list[Demo], list[tuple[str, str]]]:
    """The demos that can be walked, by number, and what is wrong with the others."""
    demos: list[Demo] = []
    found: list[tuple[str, str]] = []
    for code, entry in table(raw, DEMOS).items():
        row = {**entry, "code": code} if isinstance(entry, dict) else entry
        try:
            demos.append(Demo.model_validate(row, context=known))
        except ValidationError as error:
            for details in _without_echoes(error.errors(include_url=False)):
                found += _explained_demo(details, f"{DEMOS}.{code}")
    return sorted(demos, key=lambda demo: demo.number), found


def _shared_texts(raw: Table) -> tuple[dict[str, LocalizedText], list[tuple[str, str]]]:
    """The `texts` table; a faulty text is reported once, not wherever it is used."""
    texts: dict[str, LocalizedText] = {}
    found: list[tuple[str, str]] = []
    if not isinstance(raw.get("texts", {}), dict):
        found.append(("texts", "must be a table: [texts]"))
    for code, value in table(raw, "texts").items():
        try:
            texts[code] = LocalizedText.model_validate(value)
        except ValidationError as error:
            texts[code] = _HARMLESS
            for details in error.errors(include_url=False):
                found += _own_words(details, f"texts.{code}{_dotted(details['loc'])}", LANGUAGES)
    return texts, found


# --- problems of single values, in plain words ------------------------------------------------


def _dotted(parts: Sequence[int | str]) -> str:
    # pydantic marks a wrong key of a table so
    parts = [part for part in parts if part != "[key]"]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _without_echoes(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Pydantic counts only the good entries of a list; a bad one does not make it too short."""
    places = [details["loc"] for details in errors]
    for details in errors:
        place = details["loc"]
        below = any(other[: len(place)] == place and other != place for other in places)
        if details["type"] != "too_short" or not below:
            yield details


def _explained(details: ErrorDetails, codes: Mapping[str, Sequence[str]], raw: Table) -> Found:
    """One of pydantic's errors as keys of the file and reasons."""
    section, *rest = details["loc"]
    if section in KEYED and rest and isinstance(rest[0], int):
        rest[0] = codes[str(section)][rest[0]]
    suffix = ""
    if section == "routes" and rest and isinstance(rest[0], int):
        suffix = which_route(dict(routes(raw)).get(rest[0], {}))
    known = _names_at(Catalog, details["loc"][:-1])
    for key, reason in _own_words(details, f"{section}{_dotted(rest)}", known):
        yield key, reason + suffix


def _explained_demo(details: ErrorDetails, demo: str) -> Found:
    """As `_explained`; pydantic puts a screen's kind between its code and its key."""
    place = details["loc"]
    if place[:1] != ("screens",):
        known, told = _names_at(Demo, place[:-1]), place
    elif details["type"] in ("union_tag_not_found", "union_tag_invalid"):
        known, told = [], (*place, "kind")
    else:
        known, told = _names_at(Demo, (*place[:1], *place[2:-1])), (*place[:2], *place[3:])
    yield from _own_words(details, demo + _dotted(told), known)


def _names_at(top: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """The keys that may stand at a place of a model."""
    models = [top]
    for part in place:
        of_kind = [each for each in models if _only_kind(each) == part]
        fields = [each.model_fields[part] for each in models if part in each.model_fields]
        below = [each for field in fields for each in _models_in(field.annotation)]
        models = of_kind or below or models
    names = [name for model in models for name in model.model_fields]
    return ["texts", *names] if models == [Catalog] else names


def _only_kind(model: type[BaseModel]) -> str | None:
    """What `kind` must be, where that tells a model from its neighbours."""
    kind = model.model_fields.get("kind")
    kinds = get_args(kind.annotation) if kind is not None else ()
    return str(kinds[0]) if len(kinds) == 1 else None


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _own_words(details: ErrorDetails, key: str, known: Sequence[str]) -> Found:
    name = str(details["loc"][-1]) if details["loc"] else ""
    context = details.get("ctx", {})
    match details["type"]:
        case "catalog":
            for below, reason in context["problems"]:
                yield key + below, reason
        case "missing" if name in LANGUAGES:
            yield key, f"missing translation: the text in {_LANGUAGE_NAMES[name]} ({name})"
        case "missing" if name == "unit":
            yield key, 'a fee needs its unit: unit = "CNY_fen"'
        case "missing":
            yield key, "missing: this key must be given"
        case "extra_forbidden":
            yield key, f'unknown key "{name}"{nearest(name, known)}'
        case "too_short":
            yield key, f"has {context['actual_length']} entries; at least {context['min_length']}"
        case "too_long":
            yield key, f"has {context['actual_length']} entries; at most {context['max_length']}"
        case "union_tag_not_found":
            yield key, "missing: this key must be given"
        case "union_tag_invalid":
            yield key, f"{context['tag']!r} is not one of {context['expected_tags']}"
        case "literal_error" | "enum":
            yield key, f"{details['input']!r} is not one of {context['expected']}"
        case kind:
            yield key, _EXPECTED.get(kind, details["msg"])


_EXPECTED = {
    "string_type": 'must be a text in quotes: "…"',
    "string_too_short": "the text is empty",
    "string_pattern_mismatch": "a code is letters, digits and _, at most 40, a letter first",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "date_type": "must be a date: 2026-01-31",
    "time_type": "must be a time: 08:30:00",
    "model_type": "must be a table: { key = value }",
    "model_attributes_type": "must be a table: { key = value }",
    "dict_type": "must be a table: { key = value }",
    "tuple_type": "must be a list: [ … ]",
}
