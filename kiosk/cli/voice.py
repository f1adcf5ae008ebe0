"""`kiosk voice`: what must be recorded so that the customer terminal can speak."""

from typing import Annotated

import typer

from kiosk.i18n import _
from kiosk.languages import LANGUAGES

app = typer.Typer(help="See what must be recorded for the voice.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """See what must be recorded for the voice."""


@app.command("list")
def show_list(
    in_language: Annotated[
        str | None, typer.Option("--language", help="zh_CN, en or zh_TW; none: all of them.")
    ] = None,
) -> None:
    """Write a clips.toml with every word that screens and calls say; fill in the files."""
    import json

    from kiosk.config import load
    from kiosk.recording import words_to_record
    from kiosk.services.catalog_file import load_catalog

    if in_language is not None and in_language not in LANGUAGES:
        told = _("There is no language {language}; there are {known}.")
        typer.echo(told.format(language=in_language, known=", ".join(LANGUAGES)), err=True)
        raise typer.Exit(2)
    settings = load()
    away_from = settings.branch if settings.terminal.outreach else None
    catalog = load_catalog(settings.catalog)
    for language, words in words_to_record(catalog, away_from).items():
        if in_language in (None, language):
            typer.echo(f"[{language}]")
            for number, word in enumerate(words, start=1):
                key = json.dumps(word, ensure_ascii=False)
                typer.echo(f'{key} = "{language}/{number:04}.wav"')
            typer.echo()
