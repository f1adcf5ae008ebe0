"""Reads out a screen: the last one only, and only to whom it is meant for."""

import logging
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from kiosk.languages import Language
from kiosk.services.voice.clips import Clips
from kiosk.services.voice.speaker import Speaker

log = logging.getLogger("kiosk.voice")
_HEADPHONES_SECONDS = 2
"""A command that has not answered by then does not say that there are any."""


class Reader:
    """Says texts aloud; beside the screen, and silent where anything is missing.

    Args:
        speaker: Plays what is said.
        clips: What was recorded.
        headphones: A command that succeeds while they are plugged in; none: it speaks to the room.
    """

    def __init__(self, speaker: Speaker, clips: Clips, headphones: Sequence[str]) -> None:
        self._speaker = speaker
        self._clips = clips
        self._headphones = tuple(headphones)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._newest = 0
        self._told: set[str] = set()

    def read(self, language: Language, texts: Sequence[str]) -> None:
        """Say these instead of whatever is being said; returns at once."""
        self.hush()
        self._thread.submit(self._read, self._newest, language, texts)

    def hush(self) -> None:
        """Say no more: the screen has changed, or somebody has gone."""
        self._newest += 1
        self._speaker.hush()

    def close(self) -> None:
        """Be silent at once and for good."""
        self.hush()
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._speaker.close()

    def _read(self, number: int, language: Language, texts: Sequence[str]) -> None:
        if number != self._newest or not self._is_heard_alone():
            return
        try:
            words = chain.from_iterable(self._clips.covering(language, each) for each in texts)
            said = {language: tuple(words)}
        except LookupError as error:
            self._tell_once(f"no clip in {language} begins “{error.args[0]}”: a screen is silent")
            return
        if number == self._newest:
            self._speaker.say(said)

    def _is_heard_alone(self) -> bool:
        if not self._headphones:
            return True
        try:
            done = subprocess.run(
                self._headphones,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_HEADPHONES_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            self._tell_once(f"nobody says whether there are headphones: {type(error).__name__}")
            return False
        return done.returncode == 0

    def _tell_once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            log.error("%s", message)
