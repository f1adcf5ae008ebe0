"""Plays calls one after the other, beside the screen."""

import logging
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from kiosk.config import FILES
from kiosk.languages import Language
from kiosk.services.voice.clips import Clips

log = logging.getLogger("kiosk.voice")

LONGEST_SECONDS: Final = 30.0
"""A call in three languages takes half of it: whoever takes longer hangs."""
MOST_WAITING: Final = 20
"""Calls; the oldest of more than these were made minutes ago."""

Sentences = Mapping[Language, Sequence[str]]
"""Language → the words of a call, in the order in which they are to be heard."""


class Speaker:
    """Says calls aloud; whatever goes wrong is a line in the log, and the board goes on.

    Args:
        player: The command, with `{files}` among its words.
        clips: What was recorded.
        longest: Seconds after which a player is taken to hang.
    """

    def __init__(
        self, player: Sequence[str], clips: Clips, longest: float = LONGEST_SECONDS
    ) -> None:
        self._player = player
        self._clips = clips
        self._longest = longest
        self._waiting: deque[Sentences] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._playing: subprocess.Popen[bytes] | None = None
        self._told: set[str] = set()
        self._thread = threading.Thread(target=self._keep, name="voice", daemon=True)
        self._thread.start()

    def say(self, call: Sentences) -> None:
        """Say a call when those before it have been said; returns at once."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                log.warning("too many calls wait to be said: the oldest is left out")
            self._waiting.append(call)
            self._changed.notify()

    def hush(self) -> None:
        """Say no more of what there was to say."""
        with self._changed:
            self._waiting.clear()
            if self._playing is not None:
                _kill(self._playing)

    def close(self) -> None:
        """Be silent at once."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self.hush()
        self._thread.join(self._longest)

    def _keep(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if self._is_closed:
                    return
                call = self._waiting.popleft()
            if files := self._files_of(call):
                self._play(files)

    def _files_of(self, call: Sentences) -> list[Path]:
        """None at all where one is missing: half a call would send people to the wrong counter."""
        clips = [
            (language, clip)
            for language in call
            if language in self._clips.languages
            for clip in self._clips.of(language, call[language])
        ]
        missing = [(language, clip) for language, clip in clips if not clip.is_there]
        for language, clip in missing:
            where = clip.file or "not in the map"
            self._tell_once(f"no clip says “{clip.word}” in {language}: {where}")
        return [] if missing else [clip.file for _, clip in clips if clip.file is not None]

    def _play(self, files: Iterable[Path]) -> None:
        words = [
            text for word in self._player for text in (map(str, files) if word == FILES else [word])
        ]
        try:
            with self._changed:
                if self._is_closed:
                    return
                self._playing = subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    # what it says must not be drawn over the board
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
        except OSError as error:
            self._tell_once(f"the player can't be started: {error}")
            return
        self._wait_for(self._playing)

    def _wait_for(self, playing: "subprocess.Popen[bytes]") -> None:
        try:
            status = playing.wait(self._longest)
        except subprocess.TimeoutExpired:
            _kill(playing)
            playing.wait()
            log.error("the player did not end within %.0f s and was killed", self._longest)
            return
        if status not in (0, -signal.SIGKILL):  # the latter is how it is hushed
            self._tell_once(f"the player ended with {status}")

    def _tell_once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            log.error("%s", message)


def _kill(playing: "subprocess.Popen[bytes]") -> None:
    """The player and whatever it started."""
    if playing.poll() is not None:
        return  # its number may be another's by now
    with suppress(ProcessLookupError):
        os.killpg(playing.pid, signal.SIGKILL)
