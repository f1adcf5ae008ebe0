"""Calls aloud: the words of the board's own sentence, clip by clip, one call after the other."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clips import record

from kiosk.announcing import call_sentence, call_words, recorded_words
from kiosk.errors import KioskError
from kiosk.languages import LANGUAGES, Language
from kiosk.paths import resource
from kiosk.services.voice.clips import CHARACTERS, MAP, Clips, load_clips
from kiosk.services.voice.speaker import MOST_WAITING, Speaker

PATIENCE = 20.0


class Player:
    """A command that writes down what it was given instead of playing it."""

    def __init__(self, folder: Path) -> None:
        self.heard = folder / "heard"
        self.gate = folder / "gate"

    def command(self, script: str = "") -> list[str]:
        write = f'echo "$@" >> {self.heard}'
        return ["sh", "-c", f"{script}\n{write}", "player", "{files}"]

    def behind_gate(self) -> list[str]:
        return self.command(f"until [ -e {self.gate} ]; do sleep 0.01; done")

    @property
    def lines(self) -> list[list[str]]:
        """The names of the files of each call."""
        if not self.heard.exists():
            return []
        lines = self.heard.read_text(encoding="utf-8").splitlines()
        return [[Path(name).name for name in line.split()] for line in lines]


@pytest.fixture
def player(tmp_path: Path) -> Player:
    return Player(tmp_path)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Speaker]]:
    started: list[Speaker] = []

    def make(command: list[str], clips: Clips | None = None, longest: float = 30.0) -> Speaker:
        started.append(Speaker(command, clips or load_clips(record(tmp_path / "clips")), longest))
        return started[-1]

    yield make
    for speaker in started:
        speaker.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"


def said(number: str, counter: int, *languages: Language) -> dict[Language, tuple[str, ...]]:
    chinese: tuple[Language, ...] = ("zh_CN",)
    return {each: call_words(number, counter, each) for each in languages or chinese}


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_heard_is_what_is_read(language: Language) -> None:
    def letters(text: str) -> str:
        return "".join(each for each in text if each.isalnum())

    words = call_words("A1023", 12, language)
    assert letters("".join(words)) == letters(call_sentence("A1023", 12, language))
    assert {"A1023", "12"} <= set(words)


def test_what_has_to_be_recorded() -> None:
    assert recorded_words()["zh_CN"] == ("请", "号到", "号窗口")
    assert recorded_words()["en"] == ("Ticket", "please go to counter")


def test_numbers_are_spelled_unless_they_were_recorded_whole(tmp_path: Path) -> None:
    clips = load_clips(record(tmp_path, "en"))
    words = call_words("A1023", 12, "en")
    spelled = [clip.word for clip in clips.of("en", words)]
    assert spelled == ["Ticket", *"A1023", "please go to counter", *"12"]
    with (tmp_path / MAP).open("a", encoding="utf-8") as file:
        file.write('\n"12" = "twelve.wav"')
    whole = load_clips(tmp_path).of("en", words)
    assert (whole[-1].word, whole[-1].is_there) == ("12", False)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "clips_unreadable"),
        (b"zh_CN = {", "clips_not_toml"),
        ("[zh_CN]\n'请' = '一'".encode("gbk"), "clips_not_toml"),
        (b"[de]\nA = 'a.wav'", "clips_no_language"),
        (b"zh_CN = 'a.wav'", "clips_no_language"),
        (b"[en]\nA = 1", "clips_no_file"),
        (b"[en]\nA = '../a.wav'", "clips_no_file"),
        (b"[en]\nA = '/etc/a.wav'", "clips_no_file"),
    ],
)
def test_a_map_that_can_not_be_used(content: bytes | None, code: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / MAP).write_bytes(content)
    with pytest.raises(KioskError, match=code):
        load_clips(tmp_path)


def test_the_sample_of_a_map_names_every_word(tmp_path: Path) -> None:
    text = (resource("docs") / "board.md").read_text(encoding="utf-8")
    (tmp_path / MAP).write_text(text.split("```toml\n")[3].split("```")[0], encoding="utf-8")
    clips = load_clips(tmp_path)
    assert clips.languages == LANGUAGES
    for language, words in recorded_words().items():
        assert all(clip.file for clip in clips.of(language, [*words, "A", "0"]))


# --- speaking ---------------------------------------------------------------------------------


def test_calls_are_said_one_after_the_other(player: Player, start: Callable[..., Speaker]) -> None:
    speaker = start(player.command())
    for counter in range(1, 6):
        speaker.say(said("A1023", counter))
    until(lambda: len(player.lines) == 5)
    counters = [line[-2] for line in player.lines]
    assert counters == [f"zh_CN-{CHARACTERS.index(str(number))}.wav" for number in range(1, 6)]


def test_a_call_is_said_in_every_language_that_was_recorded(
    tmp_path: Path, player: Player, start: Callable[..., Speaker]
) -> None:
    clips = load_clips(record(tmp_path / "two", "zh_CN", "en"))
    start(player.command(), clips).say(said("B1001", 3, "en", "zh_TW", "zh_CN"))
    until(lambda: bool(player.lines))
    languages = [name.split("-")[0] for name in player.lines[0]]
    assert languages == ["en"] * 8 + ["zh_CN"] * 9


def test_a_missing_clip_is_told_once_and_that_call_is_silent(
    tmp_path: Path,
    player: Player,
    start: Callable[..., Speaker],
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = record(tmp_path / "clips")
    (folder / f"zh_CN-{CHARACTERS.index('7')}.wav").unlink()
    speaker = start(player.command(), load_clips(folder))
    with caplog.at_level(logging.ERROR):
        for number in ("A1007", "A1070", "A1001"):
            speaker.say(said(number, 1))
        until(lambda: bool(player.lines))
    assert len(player.lines) == 1
    assert [record.getMessage().count("“7”") for record in caplog.records] == [1]


def test_a_player_that_hangs_is_killed_and_the_next_call_is_said(
    tmp_path: Path,
    player: Player,
    start: Callable[..., Speaker],
    caplog: pytest.LogCaptureFixture,
) -> None:
    mark = tmp_path / "hung"
    script = f"if [ ! -e {mark} ]; then touch {mark}; sleep 600; fi"
    speaker = start(player.command(script), longest=0.3)
    speaker.say(said("A1001", 1))
    speaker.say(said("A1002", 2))
    until(lambda: bool(player.lines))
    assert len(player.lines) == 1
    assert "killed" in caplog.text


def test_no_more_calls_wait_than_make_sense(player: Player, start: Callable[..., Speaker]) -> None:
    speaker = start(player.behind_gate())
    speaker.say(said("A1001", 1))
    until(lambda: not speaker._waiting)
    for number in range(MOST_WAITING + 5):
        speaker.say(said(f"B{number:04}", 2))
    player.gate.touch()
    until(lambda: len(player.lines) == 1 + MOST_WAITING)
    last = [name.removesuffix(".wav").split("-")[1] for name in player.lines[-1]]
    assert "".join(CHARACTERS[int(each)] for each in last if int(each) < 16) == "B00242"


def test_closing_is_silent_at_once(player: Player, start: Callable[..., Speaker]) -> None:
    speaker = start(player.behind_gate())
    for _ in range(3):
        speaker.say(said("A1001", 1))
    until(lambda: len(speaker._waiting) == 2)
    begun = time.monotonic()
    speaker.close()
    assert time.monotonic() - begun < 5
    assert not speaker._thread.is_alive()
    assert not player.lines


def test_no_player_is_told_once(
    start: Callable[..., Speaker], caplog: pytest.LogCaptureFixture
) -> None:
    speaker = start(["/no/such/player", "{files}"])
    for _ in range(3):
        speaker.say(said("A1001", 1))
    until(lambda: not speaker._waiting)
    speaker.close()
    assert caplog.text.count("can't be started") == 1


def test_what_a_player_says_is_not_drawn_over_the_board(
    player: Player, start: Callable[..., Speaker], capfd: pytest.CaptureFixture[str]
) -> None:
    start(player.command("echo hello; echo hello >&2")).say(said("A1001", 1))
    until(lambda: bool(player.lines))
    assert capfd.readouterr() == ("", "")
