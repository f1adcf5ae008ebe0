"""`kiosk deploy`: the files that make a machine a terminal in a lobby."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.i18n import N_, _
from kiosk.services.deploy.files import Profile

if TYPE_CHECKING:
    from kiosk.services.deploy.files import Line

app = typer.Typer(
    help="Write what a machine needs to stand in a lobby as a terminal.", no_args_is_help=True
)

_MILLIMETRES = {"mm": 1.0, "cm": 10.0, "in": 25.4, '"': 25.4}
_LENGTH = re.compile(r"(\d+(?:[.,]\d+)?) ?(mm|cm|in|\")")
_RESOLUTION = re.compile(r"(\d{3,5})[x×](\d{3,5})")

_BROKEN = (
    N_("This terminal is out of service for the moment."),
    N_("Please go to the counter, or speak to the lobby manager."),
)
_MOMENT = (N_("One moment, please …"),)


@app.callback()
def _group() -> None:
    """Write what a machine needs to stand in a lobby as a terminal."""


def _length(given: str) -> float:
    """Millimetres."""
    found = _LENGTH.fullmatch(given.strip().lower())
    if found is None or not (length := float(found[1].replace(",", "."))):
        raise typer.BadParameter(
            _("{given} is no length. Write it as 21.5in, 55cm or 550mm.").format(given=given)
        )
    return length * _MILLIMETRES[found[2]]


def _resolution(given: str) -> tuple[int, int]:
    """Pixels, across and down."""
    found = _RESOLUTION.fullmatch(given.strip().lower())
    if found is None:
        raise typer.BadParameter(
            _("{given} is no number of pixels. Write it as 1920x1080.").format(given=given)
        )
    return int(found[1]), int(found[2])


@app.command()
def render(
    profile: Annotated[Profile, typer.Option(help="foot on Wayland, or xterm on X.")],
    screen: Annotated[str, typer.Option(help="The screen's diagonal, as 21.5in.")],
    distance: Annotated[str, typer.Option(help="From it to the eyes, as 60cm.")],
    out: Annotated[Path, typer.Option(help="The folder that gets the files.")],
    resolution: Annotated[str, typer.Option(help="Its pixels.")] = "1920x1080",
    large_type: Annotated[
        bool, typer.Option("--large-type", help="As large as 60×20 characters can be.")
    ] = False,
    time_server: Annotated[str, typer.Option(help="The bank's time server, if any.")] = "",
) -> None:
    """Write unit, terminal emulator, session and system settings for this configuration."""
    from kiosk.config import load
    from kiosk.services.deploy.files import Deployment, files_of
    from kiosk.services.deploy.font import Screen, font_for

    if not re.fullmatch(r"[\w.:-]*", time_server, re.ASCII):
        raise typer.BadParameter(_("{given} is no name of a server.").format(given=time_server))
    width, height = _resolution(resolution)
    stands = Screen(_length(screen), width, height, _length(distance))
    font = font_for(stands, large_type=large_type)
    is_server = load().branch_database_url.startswith("postgresql")
    broken, moment = _pages()
    deployment = Deployment(
        profile, stands, font, is_server, time_server, broken=broken, moment=moment
    )
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files_of(deployment):
        (out / name).write_text(content, encoding="utf-8")
    written = _("The files are in {folder}: {columns}×{rows} characters of {pixels} pixels.")
    typer.echo(written.format(folder=out, columns=font.columns, rows=font.rows, pixels=font.pixels))
    read = _("They can be read from up to {centimetres} cm (EN 301 549: 0.7° for a capital H).")
    typer.echo(read.format(centimetres=int(font.readable_mm / 10)))
    if font.readable_mm < stands.distance_mm:
        typer.echo(
            _(
                "That is less than {distance}: larger letters would leave no room for 60×20 "
                "characters. Take a larger screen, or have customers stand nearer."
            ).format(distance=distance)
        )
    typer.echo(_("Next, as root on the terminal: sh {script}").format(script=out / "install.sh"))


def _pages() -> "tuple[list[Line], list[Line]]":
    """Both pages in every language, whatever the language of the command is."""
    from kiosk import i18n
    from kiosk.languages import LANGUAGES

    before = i18n.language()
    broken, moment = [], []
    for each in LANGUAGES:
        i18n.use_language(each)
        broken += [_line(_(text)) for text in _BROKEN]
        moment += [_line(_(text)) for text in _MOMENT]
    i18n.use_language(before)
    return broken, moment


def _line(text: str) -> "Line":
    from rich.cells import cell_len

    from kiosk.services.deploy.files import Line

    return Line(text, cell_len(text))
