"""Showing what is going on: a bar on a terminal, a line a step elsewhere. Always on standard error."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)


class Teller:
    """Tells the steps of a run. Use it as a context."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("Starting", total=None)

    def step(self, what: str, total: int | None = None) -> None:
        """A new step begins, of `total` parts where that is known."""
        if not self._console.is_terminal:
            self._console.print(what, markup=False)
        self._bar.reset(self._task, description=what, total=total)

    def advance(self, parts: int = 1) -> None:
        """So many more parts of the step are done."""
        self._bar.advance(self._task, parts)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
