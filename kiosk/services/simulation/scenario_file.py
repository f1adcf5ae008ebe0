"""Scenarios as TOML files."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from kiosk.errors import KioskError
from kiosk.paths import resource
from kiosk.services.simulation.scenario import Scenario


@cache
def default_scenario() -> Scenario:
    """The branch that ships with the program: six counters, 41.53 % diverted, and 56.3 %."""
    return read_scenario(resource("scenarios") / "default.toml")


def read_scenario(path: Path) -> Scenario:
    """Read a scenario.

    Raises:
        KioskError: `scenario_invalid` with the first thing that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _invalid(path, "file", error) from error
    return scenario_in(text, path)


def scenario_in(text: str, file: Path | str) -> Scenario:
    """Read a scenario's text, as `read_scenario`; `file` is what a refusal names."""
    try:
        raw = tomllib.loads(text)
        return Scenario.model_validate(raw)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(file, "file", error) from error
    except ValidationError as error:
        key, reason = first_problem(error, raw)
        raise _invalid(file, key, reason) from error


def written(scenario: Scenario) -> str:
    """A scenario's text; read again, it is equal.

    Raises:
        KioskError: `simulation_not_installed`.
    """
    try:
        import tomli_w
    except ModuleNotFoundError as error:
        raise KioskError("simulation_not_installed") from error
    return tomli_w.dumps(scenario.model_dump(exclude_defaults=True))


def _invalid(file: Path | str, key: str, reason: object) -> KioskError:
    return KioskError("scenario_invalid", file=file, key=key, reason=reason)


def first_problem(error: ValidationError, raw: Mapping[str, object]) -> tuple[str, str]:
    """The key and the reason of the first thing that is wrong with a scenario."""
    details = error.errors(include_url=False)[0]
    key = _named(details["loc"], raw)
    if details["type"] == "catalog":
        below, reason = details["ctx"]["problems"][0]
        return (key + below).lstrip("."), reason
    if details["type"] == "extra_forbidden":
        return key, "there is no such key"
    return key, details["msg"]


def _named(place: tuple[int | str, ...], raw: object) -> str:
    """A key of the file; entries of a list go by their code or name, or are counted from 1."""
    parts = []
    for part in place:
        inner = None
        if isinstance(raw, Mapping):
            inner = raw.get(part)
        elif isinstance(raw, list) and isinstance(part, int) and part < len(raw):
            inner = raw[part]
            names = inner if isinstance(inner, Mapping) else {}
            given = (names.get(key) for key in ("code", "name", "channel"))
            part = next((each for each in given if isinstance(each, str)), part + 1)
        parts.append(str(part))
        raw = inner
    return ".".join(parts)
