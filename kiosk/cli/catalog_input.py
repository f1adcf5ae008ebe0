"""What the commands of `kiosk catalog` are given: a file, a language, the code of something."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import typer

from kiosk.i18n import _, use_language

if TYPE_CHECKING:
    from kiosk.services.catalog import Catalog

CatalogFile = Annotated[
    Path | None, typer.Option(help="The catalog; none: the one that ships with the program.")
]
InLanguage = Annotated[
    str | None,
    typer.Option("--language", help="zh_CN, en or zh_TW; none: the language of the locale."),
]


class Numbered(Protocol):
    """A service or a demo."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def number(self) -> int:
        """Its number in lists."""


NumberedT = TypeVar("NumberedT", bound=Numbered)


def speak(in_language: str | None) -> None:
    """Speak the language that was asked for."""
    from kiosk.languages import LANGUAGES

    if in_language is None:
        return
    if in_language not in LANGUAGES:
        told = _("There is no language {language}; there are {known}.")
        typer.echo(told.format(language=in_language, known=", ".join(LANGUAGES)), err=True)
        raise typer.Exit(2)
    use_language(in_language)


def load(file: Path | None) -> Catalog:
    """Read a catalog, or say what is wrong with it and leave."""
    from kiosk.services.catalog_file import load_catalog
    from kiosk.services.catalog_parts import CatalogError

    try:
        return load_catalog(file)
    except CatalogError as error:
        for problem in error.problems:
            typer.echo(str(problem))
        raise typer.Exit(1) from None


def find(parts: Sequence[NumberedT], wanted: str, unknown: str) -> NumberedT:
    """The one with a code or number, or say that there is none and leave."""
    import difflib

    for part in parts:
        if wanted in (part.code, str(part.number)):
            return part
    if near := difflib.get_close_matches(wanted, [part.code for part in parts], n=1):
        unknown += " " + _("Did you mean {nearest}?").format(nearest=near[0])
    typer.echo(unknown, err=True)
    raise typer.Exit(2)
