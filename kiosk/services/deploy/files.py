"""What belongs on a terminal's machine, as files: which, where, and with what in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined

from kiosk.services.deploy.font import Font, Screen

_PROGRAM: Final = "0755"
_DATA: Final = "0644"


class Profile(StrEnum):
    """What draws the terminal."""

    FOOT = "foot"
    """Wayland: the compositor cage and the terminal emulator foot."""
    XTERM = "xterm"
    """The X server and the terminal emulator xterm."""


@dataclass(frozen=True)
class Line:
    """One line of a page that is shown without the program."""

    text: str
    cells: int
    """How wide it is."""


@dataclass(frozen=True)
class Deployment:
    """One machine."""

    profile: Profile
    screen: Screen
    font: Font
    with_password: bool
    """Its branch database is a server's, with a password in /etc/branch-kiosk/branch.pass."""
    time_server: str
    """The bank's, by name or address; empty: whatever the machine has."""
    broken: Sequence[Line]
    """Shown instead of a program that does not stay up."""
    moment: Sequence[Line]
    """Shown until it starts again."""


@dataclass(frozen=True)
class File:
    """A file, and where it goes."""

    name: str
    path: str
    mode: str
    """Of access, octal."""


_EVERYWHERE: Final = (
    File("branch-kiosk.service", "/etc/systemd/system/branch-kiosk.service", _DATA),
    File("session", "/opt/branch-kiosk/session", _PROGRAM),
    File("journald.conf", "/etc/systemd/journald.conf.d/branch-kiosk.conf", _DATA),
    File("logind.conf", "/etc/systemd/logind.conf.d/branch-kiosk.conf", _DATA),
    File("modprobe.conf", "/etc/modprobe.d/branch-kiosk.conf", _DATA),
    File("sysctl.conf", "/etc/sysctl.d/60-branch-kiosk.conf", _DATA),
)
_BY_PROFILE: Final[Mapping[Profile, Sequence[File]]] = {
    Profile.FOOT: (File("foot.ini", "/etc/branch-kiosk/foot.ini", _DATA),),
    Profile.XTERM: (
        File("xterm.resources", "/etc/branch-kiosk/xterm.resources", _DATA),
        File("x-session", "/opt/branch-kiosk/x-session", _PROGRAM),
        File("xorg.conf", "/etc/X11/xorg.conf.d/50-branch-kiosk.conf", _DATA),
    ),
}
_TIME: Final = File("timesyncd.conf", "/etc/systemd/timesyncd.conf.d/branch-kiosk.conf", _DATA)
_START: Final[Mapping[Profile, str]] = {
    Profile.FOOT: (
        "/usr/bin/cage -d -- /usr/bin/foot -c /etc/branch-kiosk/foot.ini /opt/branch-kiosk/session"
    ),
    # not /usr/bin/Xorg: its wrapper wants rights that the unit takes away
    Profile.XTERM: (
        "/usr/bin/xinit /opt/branch-kiosk/x-session -- "
        "/usr/lib/xorg/Xorg :0 vt1 -keeptty -nolisten tcp -noreset"
    ),
}


def files_of(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """Name and content of every file; install.sh puts the others in their place."""
    placed = [*_EVERYWHERE, *_BY_PROFILE[deployment.profile]]
    if deployment.time_server:
        placed.append(_TIME)
    environment = Environment(  # noqa: S701 (no page: shell and configuration)
        undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    for name in (*(file.name for file in placed), "install.sh"):
        template = files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
        yield (
            name,
            environment.from_string(template).render(
                profile=deployment.profile.value,
                start=_START[deployment.profile],
                screen=deployment.screen,
                font=deployment.font,
                with_password=deployment.with_password,
                time_server=deployment.time_server,
                broken=_arguments(deployment.broken),
                moment=_arguments(deployment.moment),
                files=placed,
            ),
        )


def _arguments(lines: Sequence[Line]) -> str:
    """Lines as words of a shell."""
    return " ".join("'" + f"{line.cells}:{line.text}".replace("'", "'\\''") + "'" for line in lines)
