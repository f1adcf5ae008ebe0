"""The `kiosk` command's first lines; also `python -m kiosk`."""

import gc
import sys


def main() -> None:
    """Run the command line; exits with the command's code.

    What is imported now stays until the end, so collecting garbage meanwhile finds nothing and
    costs a tenth of the start. `kiosk.cli` puts the collector on again.
    """
    gc.disable()
    if sys.argv[1:] == ["run"]:  # the way a terminal is started: the first picture can't wait
        sys.exit(_run())
    from kiosk.cli import main as run_command_line

    run_command_line()


def _run() -> int:
    from kiosk.errors import KioskError
    from kiosk.start import start

    try:
        return start()
    except KioskError as error:
        from kiosk.cli import tell
        from kiosk.i18n import language_of_environment, use_language

        use_language(language_of_environment())
        return tell(error)


if __name__ == "__main__":
    main()
