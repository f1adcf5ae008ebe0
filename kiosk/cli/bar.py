"""How a progress bar looks; imports Rich, so it is imported only once a bar is drawn."""

from contextlib import AbstractContextManager
from datetime import timedelta

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

from kiosk.i18n import _


class _Pace(ProgressColumn):
    """How much is done, how quickly it goes, and how long it will take."""

    max_refresh = 0.5  # figures that change faster can't be read

    def render(self, task: Task) -> Text:
        parts = [_("{done} of {total}").format(done=_figure(task.completed), total=_total(task))]
        if task.speed:
            parts.append(_("{count}/s").format(count=_figure(task.speed)))
        if task.time_remaining is not None:
            left = timedelta(seconds=int(task.time_remaining))
            parts.append(_("{time} left").format(time=left))
        return Text(" · ".join(parts), no_wrap=True)


def _total(task: Task) -> str:
    return _figure(task.total) if task.total is not None else "?"


def _figure(number: float) -> str:
    return f"{number:,.0f}"


class Bar(AbstractContextManager["Bar"]):
    """A bar over the width of the terminal, which is gone when it ends.

    Args:
        title: What is being done.
    """

    def __init__(self, title: str) -> None:
        # the words have what they need, the bar has the rest
        words, rest = Column(no_wrap=True), Column(ratio=1)
        columns = (
            TextColumn("{task.description}", table_column=words),
            BarColumn(bar_width=None, table_column=rest),
            _Pace(table_column=words.copy()),
        )
        self._progress = Progress(*columns, transient=True, expand=True)
        self._task = self._progress.add_task(title, total=None)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def draw(self, done: int, total: int) -> None:
        """Show that so much of so much is done."""
        self._progress.update(self._task, completed=done, total=total)
