"""What codes are called, in the catalog's words; an older one may have had others: they stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.i18n import _

if TYPE_CHECKING:
    from kiosk.config import Config


def demo_names(settings: Config) -> dict[str, str]:
    """Demos."""
    from kiosk.i18n import language
    from kiosk.services.followed import catalog_in_use

    return {demo.code: demo.name.in_language(language()) for demo in catalog_in_use(settings).demos}


def reason_names(settings: Config) -> dict[str, str]:
    """Why customers decline; the empty code: they did not say."""
    from kiosk.i18n import language
    from kiosk.services.followed import catalog_in_use

    reasons = catalog_in_use(settings).decline_reasons
    return {"": _("not said")} | {each.code: each.name.in_language(language()) for each in reasons}
