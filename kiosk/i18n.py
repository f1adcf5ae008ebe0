"""The customer's language: gettext catalogs compiled by Babel, and its formats.

One process shows one language at a time, so the language is process-wide: Textual runs every
widget in a context of its own, where a context variable would not be seen.
"""

import gettext
import hashlib
import io
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

from kiosk.languages import LANGUAGES, Language
from kiosk.paths import resource

DEFAULT_LANGUAGE = LANGUAGES[0]
SOURCE_LANGUAGE: Language = "en"
"""The language of the message ids."""
NATIVE_NAMES = {"zh_CN": "简体中文", "en": "English", "zh_TW": "繁體中文"}
"""Every language in its own script, for those who read no other."""
SHORT_NAMES = {"zh_CN": "简体", "en": "EN", "zh_TW": "繁體"}
"""Of these, where there is no room."""
_NEAREST = {"zh_HK": "zh_TW", "zh_MO": "zh_TW"}
"""Whose languages are read there; Babel's own negotiation knows none for them."""
_CNY_FEN = 100


def compile_catalog(content: bytes, language: str) -> gettext.NullTranslations:
    """Compile a `.po` file; what is fuzzy or untranslated is shown as in the source."""
    return gettext.GNUTranslations(io.BytesIO(_compiled(content, language)))


def _compiled(content: bytes, language: str) -> bytes:
    # needed for a few milliseconds after an update only
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(content), locale=language))
    return compiled.getvalue()


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    content = (resource("locales") / language / "LC_MESSAGES" / "kiosk.po").read_bytes()
    path = user_cache_path("branch-kiosk") / f"{language}-{_digest(content).hex()[:32]}.mo"
    if (compiled := _kept(path)) is None:
        compiled = _compiled(content, language)
        _keep(path, compiled)
    return gettext.GNUTranslations(io.BytesIO(compiled))


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _kept(path: Path) -> bytes | None:
    """What was compiled at an earlier start: to compile it takes a fifth of the first paint.

    Its digest stands before it, so that a file that a power cut damaged is not used.
    """
    try:
        found = path.read_bytes()
    except OSError:
        return None
    size = hashlib.sha256().digest_size
    return found[size:] if found[:size] == _digest(found[size:]) else None


def _keep(path: Path, compiled: bytes) -> None:
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):  # where nothing can be written, each start compiles anew
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(_digest(compiled) + compiled)
        new.replace(path)
        for older in set(path.parent.glob(f"{path.name.partition('-')[0]}-*.mo")) - {path}:
            older.unlink(missing_ok=True)


def prepare_languages() -> None:
    """Compile every catalog now, so that no switch of the language has to wait for it."""
    for each in LANGUAGES:
        _catalog(each)


class _Current:
    language: Language = SOURCE_LANGUAGE
    catalog: gettext.NullTranslations = gettext.NullTranslations()


def use_language(language: str) -> None:
    """Show everything in ``language`` from now on; it must be one of `LANGUAGES`."""
    known = next((one for one in LANGUAGES if one == language), None)
    if known is None:
        raise ValueError(language)
    _Current.catalog = _catalog(known)
    _Current.language = known


def language() -> Language:
    """The language in use."""
    return _Current.language


def language_after(current: Language) -> Language:
    """The next language on the switch."""
    return LANGUAGES[(LANGUAGES.index(current) + 1) % len(LANGUAGES)]


def language_of_environment(environment: Mapping[str, str] = os.environ) -> Language:
    """The language of commands: what the locale says, else the terminal's first."""
    variables = ("LC_ALL", "LC_MESSAGES", "LANG")
    named = next((environment[key] for key in variables if environment.get(key)), "")
    code = named.partition(".")[0]
    wanted = (code, _NEAREST.get(code), code.partition("_")[0])
    return next((each for each in LANGUAGES if each in wanted), DEFAULT_LANGUAGE)


def _(message: str) -> str:
    """The message in the language in use."""
    return _Current.catalog.gettext(message)


def translated(message: str, into: Language) -> str:
    """The message in a language that is perhaps not the one in use."""
    return _catalog(into).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The message for a count, with ``{count}`` still to be filled in by the caller."""
    return _Current.catalog.ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 (the name that gettext tools know)
    """Mark a message that is translated later, when it is shown."""
    return message


def format_time(moment: datetime | time) -> str:
    """Hours and minutes; ``moment`` is local already."""
    return f"{moment:%H:%M}"


def format_moment(moment: datetime, zone: tzinfo) -> str:
    """Day and time to the second in ``zone``: a machine's own zone says nothing of its branch.

    Raises:
        ValueError: Nobody knows where ``moment`` is that time.
    """
    if moment.tzinfo is None:
        raise ValueError(moment)
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def format_day(day: date) -> str:
    """A date in full, as the language writes it."""
    from babel.dates import format_date  # slow to import, seldom needed

    return format_date(day, "long", locale=_Current.language)


def format_yuan(fen: int) -> str:
    """An amount in yuan from fen, without needless zeros: 1550 → ``15.50``, 200 → ``2``."""
    yuan = Decimal(fen) / _CNY_FEN
    return f"{yuan:,.0f}" if yuan == yuan.to_integral_value() else f"{yuan:,.2f}"


def format_share(numerator: int, denominator: int) -> str:
    """A share in percent with both counts beside it; an empty denominator reads "no data"."""
    if denominator == 0:
        return _("no data")
    return f"{100 * numerator / denominator:.1f} % ({numerator}/{denominator})"
