"""Guided demos: from a key to the paint, and the memory that a demo leaves behind.

Every demo of the catalog is shown in turn, through the installed command, on a pseudo terminal of
80 × 24. What must come on the screen is known from the script itself. The floor is a bare Textual
program that changes a text in place (`floors/screens.py`), struck in the same run, in turns.
"""

import argparse
import contextlib
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from outcome import Outcome, report
from pseudo_terminal import Terminal
from start_and_keys import (
    ATTRACT,
    HOME_MESSAGE,
    KIOSK,
    Strokes,
    floor,
    make_store,
    surroundings,
)

from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import load_catalog
from kiosk.services.demo.costs import costs_of
from kiosk.services.demo.practice import Outcome as What
from kiosk.services.demo.practice import Practice, progress
from kiosk.services.demo.script import Demo

ZONE_MESSAGE, INTRO_MESSAGE, DONE_MESSAGE = "to practise?", "The story", "That was the demo"
_SAME_KEY_PAUSE = 0.5
"""Seconds: the terminal takes an earlier strike of the same key for a trembling hand."""
_OTHER_KEY_PAUSE = 0.03


@dataclass(frozen=True)
class Walk:
    """One demo: how it is come to, and what each press shows."""

    keys: tuple[tuple[str, str], ...]
    """From the first screen to what the demo teaches: a key and what it shows."""
    steps: tuple[str | None, ...]
    """What comes with each press; none: the same screen of the script goes on."""
    end: str
    """The key that ends the visit when the demo is done."""


def walk_of(catalog: Catalog, demo: Demo) -> Walk:
    """A demo that is shown, in English."""
    groups = [each for each in catalog.demo_groups if catalog.demos_in(each.code)]
    group = next(each for each in groups if each.code == demo.group)
    of_group = catalog.demos_in(group.code)
    return Walk(
        keys=(
            ("2", HOME_MESSAGE),
            (str(len(catalog.menus) + 1), ZONE_MESSAGE),
            (str(groups.index(group) + 1), group.name.en),
            (str(of_group.index(demo) + 1), INTRO_MESSAGE),
        ),
        steps=tuple(_steps(catalog, demo)),
        end="6" if demo.service else "5",
    )


def _steps(catalog: Catalog, demo: Demo) -> Iterator[str | None]:
    practice = Practice(demo, costs_of(catalog, demo).money, now=0)
    while (reaction := practice.play()).outcome is not What.FINISHED:
        is_other = reaction.standing.screen != practice.standing.screen
        practice.take(reaction, now=0)
        step, steps = progress(demo, practice.standing)
        yield f"Step {step} of {steps}" if is_other else None


def go_to(ours: Terminal, walk: Walk, pause: float = _OTHER_KEY_PAUSE) -> None:
    """From the first screen to the first picture of the demo, shown."""
    before = ""
    for key, text in (*walk.keys, ("1", "Step 1 of ")):
        ours.settle(quiet=max(_SAME_KEY_PAUSE, pause) if key == before else pause)
        ours.press(key)
        ours.wait_for(text)
        before = key


def leave(ours: Terminal, walk: Walk, pause: float = _OTHER_KEY_PAUSE) -> None:
    """From the last step to the first screen."""
    for key, text in ((_plays(walk)[-1], DONE_MESSAGE), (walk.end, ATTRACT)):
        ours.settle(quiet=pause)
        ours.press(key)
        ours.wait_for(text)
    ours.settle(quiet=pause)


def _plays(walk: Walk) -> list[str]:
    """A key for each step and for the end; the last one before them was a 1."""
    return list(islice(cycle(("\r", "1")), len(walk.steps) + 1))


def keys(environment: Mapping[str, str], walks: list[Walk]) -> Iterator[Outcome]:
    """From a key to the paint of the next screen of a script."""
    passed, bare_text = Strokes(), Strokes()
    with (
        Terminal([KIOSK, "run"], environment) as ours,
        Terminal(floor("screens"), environment) as bare,
    ):
        ours.wait_for(ATTRACT)
        ours.settle(quiet=1.0)  # the services load behind the first picture
        bare.wait_for("First screen")
        changes = 0
        for walk in walks:
            go_to(ours, walk)
            for key, step in zip(_plays(walk), walk.steps, strict=False):
                if step is None:
                    ours.settle(quiet=_OTHER_KEY_PAUSE)
                    ours.press(key)
                    ours.settle(quiet=_SAME_KEY_PAUSE)  # no text tells that it has been drawn
                    continue
                changes += 1
                passed.strike(ours, key, step)
                bare_text.strike(bare, "#", f"change {changes}.")
            leave(ours, walk)
    yield from passed.outcomes("next screen of a demo", bare_text, 12, 40, 60)


def growth(
    environment: Mapping[str, str], walks: list[Walk], demos: int, pause: float
) -> Iterator[Outcome]:
    """Memory that a demo leaves behind: the slope over the second half of many of them.

    A key that comes while a step is under way is not taken: on a busy machine they come slower.
    Ctrl+C ends it early, with what there is.
    """
    samples: list[tuple[int, int]] = []
    with Terminal([KIOSK, "run"], environment) as ours, contextlib.suppress(KeyboardInterrupt):
        ours.wait_for(ATTRACT)
        ours.settle(quiet=1.0)
        for number, walk in enumerate(islice(cycle(walks), demos)):
            go_to(ours, walk, pause=pause)
            for key, step in zip(_plays(walk), walk.steps, strict=False):
                ours.settle(quiet=pause)
                ours.press(key)
                if step:
                    ours.wait_for(step)
                else:
                    ours.settle(quiet=5 * pause)
            leave(ours, walk, pause=pause)
            samples.append((number, ours.resident_kilobytes()))
    later = samples[len(samples) // 2 :]
    slope = statistics.linear_regression(*zip(*later, strict=True)).slope
    yield Outcome(f"growth a demo, {len(samples)} demos", slope, "KB", 1)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("parts", nargs="*", choices=["keys", "growth", []], help="which (both)")
    options.add_argument("-n", "--demos", type=int, default=1_000, help="for the growth (1000)")
    options.add_argument(
        "--pause", type=float, default=_OTHER_KEY_PAUSE, help="seconds before a key, for the growth"
    )
    given = options.parse_args()
    catalog = load_catalog(None)
    walks = [walk_of(catalog, demo) for demo in catalog.demos]
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="demos-") as folder:
        environment = surroundings(Path(folder))
        make_store(environment)
        for part in given.parts or ("keys", "growth"):
            if part == "keys":
                outcomes += keys(environment, walks)
            else:
                outcomes += growth(environment, walks, given.demos, given.pause)
    report(outcomes)


if __name__ == "__main__":
    main()
