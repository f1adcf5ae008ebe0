"""The option that names another branch database than the configuration's."""

from typing import Annotated

import typer

BranchDatabase = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The branch database; none: the configuration's."),
]
