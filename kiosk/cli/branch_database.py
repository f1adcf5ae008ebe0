"""The option that names another branch database than the configuration's."""

from typing import Annotated

import typer

from kiosk.addresses import refuse_options


def _checked(url: str | None) -> str | None:
    return url if url is None else refuse_options(url)


BranchDatabase = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="The branch database; none: the configuration's.", callback=_checked
    ),
]
