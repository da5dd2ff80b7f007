"""Progress on standard error, with a rate and an estimate of the time left."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from radtex.printable import one_line

console = Console(stderr=True)
if not (console.is_jupyter or (sys.stderr is not None and sys.stderr.isatty())):
    # FORCE_COLOR, which notebooks set for the commands of a cell, makes no terminal of their pipe.
    console = Console(stderr=True, width=150, force_terminal=False)


def say(line: str) -> None:
    """Print a line of what happens to standard error; a terminal breaks it between words."""
    console.print(Text(one_line(line)), soft_wrap=not console.is_terminal)


_ROOMY = 100
"""Columns from which a bar is long, and the time so far stands beside what is left."""
_BAR, _SHORT_BAR = 24, 8


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if speed is None:
            return Text("")
        return Text(f"{speed:,.{1 if speed < 100 else 0}f} {task.fields['unit']}/s")


class _Left(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"left {task.fields['words']}", no_wrap=True, overflow="ellipsis")


class Bar:
    """A running count; `advance` moves it, `note` changes the words behind it."""

    def __init__(self, progress: Progress, task: TaskID, total: int, lines: bool) -> None:
        self._progress = progress
        self._task = task
        self._total = total
        self._lines = lines
        self._said = -1

    def advance(self, amount: int = 1) -> None:
        """Count `amount` more; without a terminal, print a line at each tenth of the total."""
        self._progress.advance(self._task, amount)
        tenth = int(10 * self._progress.tasks[0].completed) // max(self._total, 1)
        if self._lines and tenth > self._said:
            self._said = tenth
            console.print(self._progress.get_renderable())

    def note(self, words: str) -> None:
        """Show `words` behind the bar."""
        self._progress.update(self._task, words=one_line(words))


@contextmanager
def progress_bar(
    title: str, total: int, unit: str, start: int = 0, shown: bool = True
) -> Iterator[Bar]:
    """Show a bar while the block runs; where standard error is no terminal, a line at each tenth.

    Args:
        title: what is being done.
        total: how many there are.
        unit: of what.
        start: how many were done before.
        shown: whether anything is shown; where several processes do one thing, one of them shows.

    Yields:
        The bar, which the block advances.
    """
    roomy = console.width >= _ROOMY
    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=_BAR if roomy else _SHORT_BAR),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        _Rate(table_column=Column(no_wrap=True)),
        *([TimeElapsedColumn(), TextColumn("elapsed,")] if roomy else []),
        TimeRemainingColumn(),
        _Left(),
    )
    live = console.is_terminal and shown
    with Progress(*columns, console=console, disable=not live) as progress:
        task = progress.add_task(one_line(title), total=total, completed=start, unit=unit, words="")
        yield Bar(progress, task, total, lines=shown and not live)
