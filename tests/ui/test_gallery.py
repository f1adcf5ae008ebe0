"""The documentation shows every screen that customers see, and its codes lead where they should."""

import importlib
import pkgutil
import re
from typing import Any

import fault_gallery
import pytest
import zxingcpp
from gallery import FOLDER, KINDS, LOOKS, looks_of, page
from PIL import Image
from stations import TRANSFER
from support import default_catalog
from textual.screen import Screen

import kiosk.screens.customer as screens
from kiosk.services.reference import read_reference

EXPECTED = {look.file(name) for name, kind in KINDS.items() for look in looks_of(kind)} | {
    fault_gallery.file(name, language)
    for name, languages in fault_gallery.PICTURES.items()
    for language in languages
}
MOST_BYTES, MOST_BYTES_TOGETHER = 40_000, 5_000_000
SERVICE, CHANNEL = TRANSFER[1], "mobile"
CODES = [look.file("code" if look.is_large else "route") for look in LOOKS]


def kinds_of_screens() -> set[type[Screen[Any]]]:
    """Every class of a screen that no other is made from."""
    modules = pkgutil.walk_packages(screens.__path__, f"{screens.__name__}.")
    found = {
        each
        for module in modules
        for each in vars(importlib.import_module(module.name)).values()
        if isinstance(each, type) and issubclass(each, Screen) and each.__module__ == module.name
    }
    return found - {base for each in found for base in each.__mro__[1:]}


def test_every_kind_of_screen_is_shown() -> None:
    assert kinds_of_screens() == set(KINDS.values())


def test_every_picture_is_there_and_none_besides() -> None:
    """`make gallery` takes them."""
    assert {path.name for path in FOLDER.iterdir()} == EXPECTED | {"README.md"}


def test_the_page_shows_them_and_faults_tell_of_theirs() -> None:
    assert (FOLDER / "README.md").read_text("utf-8") == page()
    table = (FOLDER.parent / "faults.md").read_text("utf-8")
    missing = [name for name in sorted(EXPECTED) if name.startswith("fault-") and name not in table]
    assert not missing


def test_they_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert not {name: size for name, size in sizes.items() if size > MOST_BYTES}
    assert sum(sizes.values()) <= MOST_BYTES_TOGETHER


@pytest.mark.parametrize("file", CODES)
def test_the_code_leads_to_the_service(file: str) -> None:
    """Read from the pixels that xterm drew."""
    with Image.open(FOLDER / file) as picture:
        read = [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]
    [carried] = [re.sub(r".*r=", "", text) for text in read]
    assert read_reference(carried) == carried
    routes = default_catalog().routes
    assert read == [
        route.link_for(carried)
        for route in routes
        if (route.service, route.channel) == (SERVICE, CHANNEL)
    ]
