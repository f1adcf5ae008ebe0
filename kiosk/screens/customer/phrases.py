"""Sentences that several customer screens say the same way."""

from kiosk.i18n import _, format_time, format_yuan, language, ngettext
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_parts import Fee, LocalizedText, Minutes
from kiosk.services.lobby_watch import MachinesNow
from kiosk.services.reference import shown
from kiosk.services.tickets import LastKnown
from kiosk.services.wait import Wait
from kiosk.services.waiting.ranges import round_down, round_up

_SPACED = "  ·  "


def wait_phrase(wait: Wait | None) -> str:
    """The wait as a range; never a point, never "0 minutes"; empty where nobody knows it."""
    if wait is None or wait.low is None:
        return ""
    if wait.high is None:
        return _("Wait: more than {minutes} min").format(minutes=wait.low)
    if wait.high == 0:
        return _("No wait just now")
    if wait.low == 0:
        return _("Wait: under {minutes} min").format(minutes=wait.high)
    return _("Wait: about {low}–{high} min").format(low=wait.low, high=wait.high)


def ahead_phrase(wait: Wait | None) -> str:
    """How many people are before the customer; empty where nobody knows it."""
    if wait is None:
        return ""
    if wait.ahead == 0:
        return _("Nobody ahead of you")
    return ngettext(
        "About {count} person ahead of you", "About {count} people ahead of you", wait.ahead
    ).format(count=wait.ahead)


def waiting_phrase(wait: Wait | None) -> str:
    """How many people wait in the branch, for the band; empty where nobody knows it."""
    if wait is None:
        return ""
    if wait.waiting == 0:
        return _("No queue")
    return _("Waiting: about {count}").format(count=wait.waiting)


def last_known_phrase(known: LastKnown | None, *, with_range: bool = False) -> str:
    """What could be said when the branch was heard of last; empty where nobody knows it.

    Args:
        known: How many waited, and when that was.
        with_range: Say how long the wait was then, too.
    """
    if known is None:
        return ""
    told = [waiting_phrase(known.wait), wait_phrase(known.wait) if with_range else ""]
    return _("{waiting}, as of {time}").format(
        waiting=_SPACED.join(filter(None, told)), time=format_time(known.at)
    )


def range_phrase(low: int, high: int) -> str:
    """Minutes for doing something, as a range."""
    if low == high:
        return _("about {minutes} min").format(minutes=low)
    return _("about {low}–{high} min").format(low=low, high=high)


def channel_time_phrase(alone: Minutes, helped: Minutes) -> str:
    """What the channel takes, from those who know it to those who are helped."""
    return _("Takes {range}").format(range=range_phrase(alone.low, max(alone.high, helped.high)))


def counter_time_phrase(wait: Wait | None, minutes: Minutes) -> str:
    """Waiting and service at the counter together: like is compared with like.

    What is known of a wait to ten minutes is not made more exact by what is added to it.
    """
    low, high = minutes.low, minutes.high
    if wait is None or wait.low is None:
        return _("Takes {range}, after the wait").format(range=range_phrase(low, high))
    if wait.high is None:
        at_least = round_down(wait.low + low)
        return _("Takes more than {minutes} min, with the wait").format(minutes=at_least)
    if wait.high > 0:
        low = max(low, round_down(wait.low + low))
        high = round_up(wait.high + high)
    return _("Takes {range}, with the wait").format(range=range_phrase(low, high))


def fee_phrase(fee: Fee | None, note: LocalizedText | None) -> str:
    """A fee, always with its unit, and what comes on top of it."""
    if fee is None:
        phrase = ""
    elif fee.high == 0:
        phrase = _("Fee: none")
    elif fee.low == fee.high:
        phrase = _("Fee: {yuan} yuan").format(yuan=format_yuan(fee.low))
    else:
        phrase = _("Fee: {low}–{high} yuan").format(
            low=format_yuan(fee.low), high=format_yuan(fee.high)
        )
    extra = note.in_language(language()) if note else ""
    return (
        _("{fee}. {extra}").format(fee=phrase, extra=extra) if phrase and extra else phrase + extra
    )


def needs_phrase(catalog: Catalog, needs: tuple[str, ...]) -> str:
    """What a channel asks for; empty if nothing."""
    if not needs:
        return ""
    names = [catalog.need(code).name.in_language(language()) for code in needs]
    return _("Needed: {things}").format(things=_(", ").join(names))


def machines_phrase(machines: MachinesNow | None) -> str:
    """Which machine of a channel works and which does not; empty where they all do."""
    if machines is None:
        return ""
    works, down = (_(", ").join(map(str, each)) for each in (machines.working, machines.down))
    return _("No. {works} works, no. {down} does not").format(works=works, down=down)


def bring_phrase(catalog: Catalog, needs: tuple[str, ...]) -> str:
    """What the counter asks for; empty if nothing."""
    if not needs:
        return ""
    names = [catalog.need(code).name.in_language(language()) for code in needs]
    return _("Needed at the counter: {things}").format(things=_(", ").join(names))


def address_of(link: str) -> str:
    """What a phone shows of a link, for people to compare."""
    return link.removeprefix("https://")


def reference_phrase(reference: str) -> str:
    """The number of what the customer is about to do, and what it is good for."""
    return _("Reference {reference}. If you ask about this later, it helps us find it.").format(
        reference=shown(reference)
    )


def reference_lines(reference: str) -> str:
    """The same, the number on a line of its own."""
    use = _("If you ask about this later, it helps us find it.")
    return f"{reference_alone(reference)}\n{use}"


def reference_alone(reference: str) -> str:
    """The same where there is little room."""
    return _("Reference {reference}").format(reference=shown(reference))


def code_phrase(link: str) -> str:
    """What the QR code opens."""
    return _("The code opens {address}").format(address=address_of(link))
