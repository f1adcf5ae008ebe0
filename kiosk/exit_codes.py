"""What a command's exit code says; docs/sync.md has the table."""

from enum import IntEnum

from kiosk.errors import KioskError


class ExitCode(IntEnum):
    """For scripts and timers."""

    DONE = 0
    NEEDS_A_PERSON = 1
    """Refused, damaged, full: the same command fails again until somebody acts."""
    WRONG_USE = 2
    """The command line or the configuration."""
    TRY_AGAIN = 3
    """The database is away or busy: a later run may do."""
    IN_QUARANTINE = 4
    """Done, but some events stand in quarantine."""
    RELEASE_REFUSED = 5
    """Done, but the branch says something that this terminal can't follow."""


_TRY_AGAIN = frozenset(
    {
        "counter_in_use",
        "database_busy",
        "database_conflict",
        "database_unreachable",
        "reconcile_busy",
        "store_in_use",
        "sync_running",
    }
)
_WRONG_USE = frozenset(
    {
        "audit_nowhere",
        "contact_code_unknown",
        "contact_export_alone",
        "contact_export_forbidden",
        "contact_number_invalid",
        "contact_number_unknown",
        "queues_invalid",
        "database_driver_missing",
        "database_missing",
        "database_url_invalid",
        "database_url_options",
        "database_url_password",
        "day_in_future",
        "day_invalid",
        "debug_variable",
        "digit_taken",
        "file_exists",
        "file_not_written",
        "file_unreadable",
        "layout_invalid",
        "layout_unknown",
        "reconcile_no_folder",
        "no_terminal",
        "pin_differs",
        "pin_guessable",
        "pin_no_terminal",
        "pin_not_digits",
        "not_a_branch_database",
        "scenario_invalid",
        "screen_too_small",
        "serve_not_installed",
        "serve_which_address",
        "simulation_not_installed",
        "staff_invalid",
        "staff_there",
        "staff_unknown",
        "printer_none",
        "quarantine_without",
        "store_not_ready",
        "sync_no_branch_database",
        "terminal_code_invalid",
        "terminal_too_small",
        "variant_counters_too_few",
        "variant_diverts_too_much",
        "variant_invalid",
        "verify_day_dropped",
    }
)


def exit_code(error: KioskError) -> int:
    """The exit code of a command that an error stopped."""
    if error.code in _TRY_AGAIN:
        return ExitCode.TRY_AGAIN
    if error.code in _WRONG_USE or error.code.startswith("config_"):
        return ExitCode.WRONG_USE
    return ExitCode.NEEDS_A_PERSON
