"""A slip in ESC/POS, the language of receipt printers."""

import logging
import os
import shutil
from functools import cache
from types import ModuleType
from typing import Literal

from kiosk.errors import KioskError
from kiosk.folding import fold, pieces
from kiosk.services.printing.charset import ENCODING, columns_of, printable
from kiosk.services.printing.slip import Code, Slip, Text

Paper = Literal[58, 80]
"""Millimetres."""
COLUMNS: dict[Paper, int] = {58: 32, 80: 48}
"""Half-width characters on a line of plain type."""
_MODULE_DOTS: dict[Paper, int] = {58: 6, 80: 8}
"""The width of a QR code's smallest square; 8 dots are a millimetre."""
_CHINESE_MODE = b"\x1c&"


@cache
def library() -> ModuleType:
    """python-escpos; a third of a second at the first time.

    Raises:
        KioskError: `printer_driver_missing`.
    """
    root = logging.getLogger()
    handlers = list(root.handlers)
    try:
        import escpos.capabilities
        import escpos.constants
        import escpos.exceptions
        import escpos.printer
    except ImportError as error:
        raise KioskError("printer_driver_missing") from error
    finally:
        root.handlers[:] = handlers  # it sets up logging to the customer's screen
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        # it leaves a new folder for its cache at every start
        shutil.rmtree(escpos.capabilities.pickle_dir, ignore_errors=True)
    loaded: ModuleType = escpos
    return loaded


def lines(part: Text, columns: int) -> tuple[list[str], int]:
    """The lines of a paragraph, and the size that they have room in."""
    text = printable(part.text)
    widest = max((columns_of(each.strip()) for each in pieces(text)), default=1)
    size = next((size for size in range(part.size, 1, -1) if widest * size <= columns), 1)
    return fold(text, columns // size, columns_of), size


def commands(slip: Slip, paper: Paper) -> bytes:
    """What to send to a printer.

    Raises:
        KioskError: `printer_driver_missing`.
    """
    escpos = library()
    printer = escpos.printer.Dummy()
    printer.hw("INIT")
    printer._raw(_CHINESE_MODE)
    for part in slip:
        if isinstance(part, Code):
            printer.set(align="center")
            level, dots = escpos.constants.QR_ECLEVEL_M, _MODULE_DOTS[paper]
            printer.qr(part.link, ec=level, size=dots, native=True)
            continue
        folded, size = lines(part, COLUMNS[paper])
        printer.set(
            align="center" if part.centred else "left",
            bold=part.bold,
            custom_size=True,
            width=size,
            height=size,
        )
        for line in folded:
            # not its own text(): that takes Latin code pages for a line without Han characters
            printer._raw(line.encode(ENCODING) + b"\n")
    printer.cut(mode="PART")
    output: bytes = printer.output
    return output
