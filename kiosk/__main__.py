"""The `kiosk` command's first lines; also `python -m kiosk`."""

import gc
import signal
import sys
from collections.abc import Callable


def main() -> None:
    """Run the command line; exits with the command's code.

    What is imported now stays until the end, so collecting garbage meanwhile finds nothing and
    costs a tenth of the start. `kiosk.cli` puts the collector on again.
    """
    gc.disable()
    match sys.argv[1:]:
        case ["run"]:  # the way a terminal is started: the first picture can't wait
            sys.exit(_directly(_run))
        case ["sync", "--status"]:  # asked every few minutes, by timers on small machines
            sys.exit(_directly(_status))
        case ["sync", "--status", "--json"]:
            sys.exit(_directly(_status_json))
        case ["sync", "--watch", *more] if more in ([], ["--until-eof"]):
            sys.exit(_directly(lambda: _watch(until_eof=bool(more))))
    from kiosk.cli import main as run_command_line

    run_command_line()


def _run() -> int:
    from kiosk.start import start

    return start()


def _status() -> int:
    from kiosk.sync_status import show

    _use_locale()
    return show()


def _status_json() -> int:
    from kiosk.sync_status import show_json

    _use_locale()
    return show_json()


def _watch(*, until_eof: bool) -> int:
    from kiosk.sync_watch import watch

    _use_locale()
    watch(until_eof=until_eof)


def _use_locale() -> None:
    from kiosk.i18n import language_of_environment, use_language

    use_language(language_of_environment())


def _directly(command: Callable[[], int]) -> int:
    """Run a command without Typer, whose import takes longer than it; gives the exit code."""
    from kiosk.errors import KioskError

    try:
        return command()
    except KioskError as error:
        from kiosk.telling import tell

        _use_locale()
        return tell(error)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    main()
