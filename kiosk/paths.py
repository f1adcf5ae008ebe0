"""Where the files that travel with the program are."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """The path of a file or folder that ships with the program.

    A wheel carries it inside the package; a source tree has it beside the package.
    """
    packaged = _PACKAGE / name
    return packaged if packaged.exists() else _PACKAGE.parent / name
