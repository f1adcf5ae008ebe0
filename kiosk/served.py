"""`python -m kiosk.served`: what `kiosk serve` runs for a browser, drawn for a page."""

import os
import sys

from kiosk.errors import KioskError

DRIVER = "textual.drivers.web_driver:WebDriver"


def main() -> int:
    """Practise; returns the exit status."""
    from kiosk.config import load
    from kiosk.start import refuse_debug_variables

    given = {name: value for name, value in os.environ.items() if value != DRIVER}
    try:
        refuse_debug_variables(given)
        settings = load()
        from kiosk.practise_app import run

        return run(settings)
    except KioskError as error:
        from kiosk.telling import tell

        return tell(error)


if __name__ == "__main__":
    sys.exit(main())
