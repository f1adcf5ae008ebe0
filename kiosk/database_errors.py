"""What a database's own errors mean to people: a code of `kiosk.sentences` for each."""

DAMAGED = "database_damaged"
STORE_DAMAGED = "store_damaged"
"""A terminal's own store: there is another way back than for a branch database."""
_FULL, _READ_ONLY, _CORRUPT, _NOT_A_DATABASE, _CANNOT_OPEN, _BUSY, _IO = 13, 8, 11, 26, 14, 5, 10
_SQLITE = {
    _FULL: "disk_full",
    _READ_ONLY: "database_read_only",
    _CORRUPT: DAMAGED,
    _NOT_A_DATABASE: DAMAGED,
    _CANNOT_OPEN: "database_unreachable",
    _BUSY: "database_busy",
    _IO: "disk_failing",
}
CONFLICT = "database_conflict"
"""Two transactions were in each other's way and this one was undone: the same again may do."""
_POSTGRESQL = {
    "08": "database_unreachable",
    "25006": "database_read_only",
    "28": "database_login_refused",
    "3D000": "database_missing",
    "40001": CONFLICT,
    "40P01": CONFLICT,
    "42501": "database_forbidden",
    "53100": "disk_full",
    "53": "database_busy",
    "55P03": "database_busy",
    "57014": "database_busy",
    "57P": "database_unreachable",
    "58": "disk_failing",
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
"""By SQLSTATE, or by what it begins with; the longest that fits holds (PostgreSQL, appendix A)."""
_CONNECTING = {
    "authentication failed": "database_login_refused",
    "no password supplied": "database_password_missing",
    "root certificate file": "database_authority_missing",
    "certificate": "database_not_trusted",
    "does not support SSL": "database_not_trusted",
    "permission denied for database": "database_forbidden",
    "does not exist": "database_missing",
    "too many": "database_busy",
    # PgBouncer's own words
    "no such user": "database_login_refused",
    "no more connections allowed": "database_busy",
}
"""Errors of a connection that never stood have no SQLSTATE: what their text says."""


def error_code(error: BaseException | None) -> str | None:
    """Name what stopped a database.

    Args:
        error: As the driver raised it.

    Returns:
        The code, or None for a fault of the program itself.
    """
    number = getattr(error, "sqlite_errorcode", None)
    if number is not None:
        return _SQLITE.get(number & 0xFF)
    if state := getattr(error, "sqlstate", None):
        fits = [each for each in _POSTGRESQL if state.startswith(each)]
        return _POSTGRESQL[max(fits, key=len)] if fits else None
    message = str(error)
    if "malformed" in message or "not a database" in message:
        return DAMAGED
    if type(error).__name__ != "OperationalError":
        return None
    told = (code for text, code in _CONNECTING.items() if text in message)
    return next(told, "database_unreachable")
