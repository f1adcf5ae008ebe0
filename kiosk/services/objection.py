"""What customers say against an e-channel, and an honest answer: for practice among staff."""

from pydantic import model_validator

from kiosk.services.catalog_parts import (
    LANGUAGES,
    ChannelCode,
    Code,
    Part,
    Sentence,
    ShortName,
    refuse,
)


class Objection(Part):
    """A sentence of a customer's, a short answer, and the question that leads on."""

    code: Code
    channel: ChannelCode | None = None
    """What it is said against; None: any."""
    reason: ShortName
    """As customers say it."""
    answer: Sentence
    follow_up: Sentence
    """A question: it gives the word back to the customer."""

    @model_validator(mode="after")
    def _asks(self) -> "Objection":
        silent = [
            (f".follow_up.{language}", "this is no question: it ends without a question mark")
            for language in LANGUAGES
            if not self.follow_up.in_language(language).endswith(("?", "？"))
        ]
        if silent:
            raise refuse(*silent)
        return self
