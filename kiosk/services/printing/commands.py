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
from kiosk.services.printing.slip import Code, Row, Slip, Text

Paper = Literal[58, 80]
"""Millimetres."""
COLUMNS: dict[Paper, int] = {58: 32, 80: 48}
"""Half-width characters on a line of plain type."""
_MODULE_DOTS: dict[Paper, int] = {58: 6, 80: 8}
"""The width of a QR code's smallest square; 8 dots are a millimetre."""
_GAP = 2
"""Columns between words and their figure."""
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


def row_lines(row: Row, columns: int) -> list[str]:
    """The words, and the figure on their last line where that has room, else below."""
    words = fold(printable(row.text), columns, columns_of)
    figures = fold(printable(row.figure), columns, columns_of)
    taken = columns_of(words[-1]) + _GAP + columns_of(figures[0])
    head = words.pop() if taken <= columns else ""
    right = [" " * (columns - columns_of(each)) + each for each in figures]
    return [*words, head + right[0][columns_of(head) :], *right[1:]]


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
        if isinstance(part, Row):
            folded, size, is_centred = row_lines(part, COLUMNS[paper]), 1, False
        else:
            (folded, size), is_centred = lines(part, COLUMNS[paper]), part.centred
        printer.set(
            align="center" if is_centred else "left",
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
