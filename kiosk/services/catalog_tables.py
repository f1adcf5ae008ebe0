"""The catalog's tables as TOML gives them, before any of it is checked.

What is not of the wanted kind is passed over here: the models refuse it.
"""

from collections.abc import Iterator, Mapping

Table = Mapping[str, object]
Found = Iterator[tuple[str, str]]
"""Keys and reasons."""


def table(raw: Table, section: str) -> dict[str, object]:
    """A table; an empty one where there is none."""
    value = raw.get(section)
    return value if isinstance(value, dict) else {}


def entries(raw: Table, section: str) -> dict[str, dict[str, object]]:
    """The entries of a section that are tables."""
    return {code: entry for code, entry in table(raw, section).items() if isinstance(entry, dict)}


def routes(raw: Table) -> list[tuple[int, dict[str, object]]]:
    """The routes that are tables, each with its place in the file."""
    value = raw.get("routes")
    listed = value if isinstance(value, list) else []
    return [(index, route) for index, route in enumerate(listed) if isinstance(route, dict)]


def strings(entry: Table, name: str) -> list[str]:
    """The texts in a list."""
    value = entry.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
