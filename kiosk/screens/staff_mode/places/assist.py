"""A talk with a customer, noted with two keys: what it was about, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kiosk.i18n import N_, _, language, ngettext
from kiosk.screens.customer.phrases import reference_alone
from kiosk.screens.pick import Item, Question
from kiosk.screens.staff_mode.lines import DOT_KEY, MORE_KEY, folded
from kiosk.screens.staff_mode.segments import (
    ANSWERS_KEY,
    CHANGE_KEY,
    next_segment,
    segment_lines,
)
from kiosk.screens.staff_mode.two_steps import Answer, Thing, TwoStepScreen
from kiosk.services.catalog import Service
from kiosk.services.journal import new_id
from kiosk.services.objection import Objection
from kiosk.services.staff.assists import AssistOutcome, Running, Talk
from kiosk.services.staff.usual import usual_first
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Span

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

OUTCOMES: Mapping[AssistOutcome, str] = {
    AssistOutcome.NOTHING_OFFERED: N_("Helped, and nothing offered"),
    AssistOutcome.DECLINED: N_("Offered; they would rather not"),
    AssistOutcome.ACCEPTED: N_("They will do it there"),
    AssistOutcome.TAUGHT: N_("Shown how to do it"),
    AssistOutcome.DONE: N_("Done there, and I saw it"),
}
"""In the order of their digits."""
_UNSAID = "-"
"""No objection has this code."""


class AssistScreen(TwoStepScreen):
    """Two keys for the common case; a talk can be timed, too."""

    NAME = N_("Assist")

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._catalog = flow.services.terminal.catalog
        self._services: tuple[Service, ...] = ()
        self._channel = 0
        """Which of the service's channels, by its place in their order."""
        self._is_left_out = False
        self._talk: Running | None = None
        """One that goes on."""

    def on_mount(self) -> None:
        """Look which services are the usual ones."""
        self.act(self._read)

    async def _read(self) -> None:
        journal, call = self.staff.terminal.journal, self.flow.host.call_service
        self._services = await call(usual_first, journal, self._catalog)
        # whoever was signed off meanwhile finds it again
        self._talk = await call(self.staff.assists.running, self.who.number)
        self.show()

    # what is asked

    def left_head(self, width: int) -> Sequence[Line]:
        """The question; the talk that goes on."""
        return [(Span(_("What was it about?"), "strong"),), *self._talk_line(width), ()]

    def _talk_line(self, width: int) -> list[Line]:
        if self._talk is None:
            return []
        minutes = int((self.flow.host.clock.now() - self._talk.since).total_seconds()) // 60
        told = ngettext("This talk: {count} minute", "This talk: {count} minutes", minutes)
        return folded(told.format(count=minutes), width, "attention")

    def things(self, width: int) -> Sequence[Thing]:
        """The services, the usual ones first."""
        return [
            Thing(each.code, (Span(each.name.in_language(language())),)) for each in self._services
        ]

    def has_chosen(self, thing: str) -> None:
        """Begin with its first channel, and with who comes for it."""
        self._channel, self._is_left_out = 0, False
        segment = self._catalog.segment_of(thing)
        self.flow.segment = segment.code if segment else None

    def right_head(self, width: int) -> Sequence[Line]:
        """The question, the channel, and whether the customer counts."""
        lines: list[Line] = [(Span(_("What came of it?"), "strong"),)]
        if self.chosen is None:
            return [*lines, ()]
        lines += folded(self._catalog.service(self.chosen).name.in_language(language()), width)
        if (channel := self._channel_of(self.chosen)) is None:
            lines += folded(_("At the counter only; noted as help."), width, "quiet")
        else:
            name = self._catalog.channel(channel).name.in_language(language())
            lines += folded(_("Channel: {channel}").format(channel=name), width)
        if self._is_left_out:
            told = _("60+ or large type: stays out of every diversion figure.")
            lines += folded(told, width, "attention")
        return [*lines, ()]

    def right_tail(self, width: int, rows: int) -> tuple[Sequence[Line], Mapping[int, str]]:
        """Who the customer is taken for, and what may help them."""
        return segment_lines(self._catalog, self.flow.segment, width, rows)

    def answers(self) -> Sequence[Answer]:
        """The outcomes; without a channel nothing can have been offered."""
        outcomes = list(OUTCOMES)
        if self.chosen is not None and self._channel_of(self.chosen) is None:
            outcomes = [AssistOutcome.NOTHING_OFFERED]
        return [Answer(each.value, _(OUTCOMES[each])) for each in outcomes]

    def _channels(self, service: str) -> list[str]:
        return [route.channel for route in self._catalog.routes_of(service)]

    def _channel_of(self, service: str) -> str | None:
        channels = self._channels(service)
        return channels[self._channel % len(channels)] if channels else None

    # keys

    def foot_keys(self) -> Sequence[FootKey]:
        """What can be said beside the two choices."""
        if self.chosen is None:
            if self._talk is None:
                return [FootKey("Enter", _("Start a talk"), "enter"), *super().foot_keys()]
            return super().foot_keys()
        keys = []
        if len(self._channels(self.chosen)) > 1:
            keys.append(FootKey("+", _("Other channel"), MORE_KEY))
        keys.append(FootKey(".", _("60+"), DOT_KEY, is_on=self._is_left_out))
        return [*keys, *super().foot_keys()]

    def takes(self, key: str) -> bool:
        """Two digits; the rest is said where it matters."""
        if self.chosen is not None and key == MORE_KEY:
            self._channel += 1
        elif self.chosen is not None and key == DOT_KEY:
            self._is_left_out = not self._is_left_out
        elif self.chosen is not None and key == CHANGE_KEY:
            self.flow.segment = next_segment(self._catalog, self.flow.segment)
        elif self.chosen is not None and key == ANSWERS_KEY:
            self.act(self.read_answers)
        elif self.chosen is None and self._talk is None and key == "enter":
            self.act(self._start)
        else:
            return super().takes(key)
        return True

    # steps

    async def _start(self) -> None:
        await self.flow.host.call_service(self.staff.assists.start, new_id(), self.who.number)
        await self._read()

    async def answered(self, thing: str, answer: str) -> None:
        """Note the talk."""
        outcome = AssistOutcome(answer)
        channel = self._channel_of(thing) if outcome is not AssistOutcome.NOTHING_OFFERED else None
        objection = None
        if outcome is AssistOutcome.DECLINED:
            said = await self.ask(what_they_said(self._objections(channel)))
            if said is None:
                return
            objection = said[0] if said[0] != _UNSAID else None
        talk = Talk(
            outcome=outcome,
            service=thing,
            channel=channel,
            objection=objection,
            segment=self.flow.segment,
            left_out=self._is_left_out,
        )
        reference = await self._store(talk)
        told = [self._catalog.service(thing).name.in_language(language()), _(OUTCOMES[outcome])]
        if reference is not None:  # for the customer; all of it has one line on every terminal
            told = [told[1], reference_alone(reference)]
        self.forget()
        self.say(_("Noted: {what}").format(what=" · ".join(told)))

    async def _store(self, talk: Talk) -> str | None:
        assists, number = self.staff.assists, self.who.number
        if self._talk is None:
            return await self.flow.host.call_service(assists.log, new_id(), talk, number)
        reference = await self.flow.host.call_service(assists.end, self._talk.id, talk, number)
        self._talk = None
        return reference

    def _objections(self, channel: str | None) -> list[Objection]:
        """What such customers tend to say comes first."""
        segment = self.flow.segment
        usual = self._catalog.segment(segment).objections if segment else ()
        found = [each for each in self._catalog.objections if each.channel in (None, channel)]
        places = {code: place for place, code in enumerate(usual)}
        return sorted(found, key=lambda each: places.get(each.code, len(places)))


def what_they_said(objections: Sequence[Objection]) -> Question:
    """Why a customer would rather not."""
    return Question(
        title=lambda: _("What did they say? Their words, not ours."),
        items=lambda: [
            Item(_UNSAID, "0", (_("They gave no reason"),)),
            *(
                Item(each.code, str(number), (each.reason.in_language(language()),))
                for number, each in enumerate(objections, 1)
            ),
        ],
        enter=lambda: _("Note it"),
    )
