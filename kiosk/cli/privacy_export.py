"""`kiosk privacy export`: whole phone numbers in a file, for two people together."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kiosk.cli.privacy_store import OwnContacts
    from kiosk.services.sign_in import SignedIn, SignIn


def export(
    file: Annotated[Path, typer.Argument(help="The CSV file; the user's alone to read.")],
) -> None:
    """Write the whole numbers into a file. Two people sign in for it, each with their own PIN.

    Both are lobby managers or branch managers; the audit log keeps both names, and which numbers.
    """
    from kiosk.cli.privacy_store import own_contacts
    from kiosk.errors import KioskError
    from kiosk.i18n import _

    if not sys.stdin.isatty():  # a script would be one person with two PINs
        raise KioskError("pin_no_terminal")
    with own_contacts() as own:
        with ExitStack() as closed_after:
            sign_in = _sign_in(own, closed_after)
            first = _ask(sign_in, _("First person"))
            second = _ask(sign_in, _("Second person"))
        _write(own, first, second, file)


def _sign_in(own: OwnContacts, closed_after: ExitStack) -> SignIn:
    from kiosk.bootstrap import branch_database
    from kiosk.services.sign_in import SignIn
    from kiosk.services.staff.duties import MAY_TAKE_PHONES_OUT

    of_branch = branch_database(own.settings)
    for database in of_branch:
        closed_after.callback(database.close)
    return SignIn(
        [own.journal.database, *of_branch],
        own.settings.branch.code,
        "phone-numbers",
        own.settings.data_folder,
        own.clock,
        roles=MAY_TAKE_PHONES_OUT,
        audit=own.audit,
    )


def _ask(sign_in: SignIn, who: str) -> SignedIn:
    from getpass import getpass

    from pydantic import SecretStr

    from kiosk.i18n import _

    number = typer.prompt(_("{who}, staff number").format(who=who))
    return sign_in.sign_in(number, SecretStr(getpass(_("PIN of {who}: ").format(who=number))))


def _write(own: OwnContacts, first: SignedIn, second: SignedIn, file: Path) -> None:
    from kiosk.i18n import _, ngettext
    from kiosk.reporting.files import Format, write_whole, written
    from kiosk.reporting.heading import place
    from kiosk.reporting.phone_numbers import phone_numbers
    from kiosk.reporting.staff import Names
    from kiosk.services.followed import catalog_in_use
    from kiosk.services.staff.sign_ups import SignUps

    names = Names(catalog_in_use(own.settings), {})
    found = own.contacts.reveal_all(first, second)
    about = {each.contact.sign_up for each in found.opened if each.contact.sign_up is not None}
    report = phone_numbers(
        found.opened,
        SignUps(own.journal, own.source).of(about),
        names,
        place(own.settings, store=False),
        own.journal.business_date(),
    )
    write_whole(file, written(report, Format.CSV), mode=0o600)
    count = len(found.opened)
    told = ngettext("{count} number is in {path}.", "{count} numbers are in {path}.", count)
    typer.echo(told.format(count=count, path=file))
    typer.echo(_("Delete the file when the calls are made."))
    if found.closed:
        told = ngettext(
            "{count} number can't be read on this machine.",
            "{count} numbers can't be read on this machine.",
            found.closed,
        )
        typer.echo(told.format(count=found.closed))
