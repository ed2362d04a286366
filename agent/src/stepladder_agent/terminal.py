"""What the person at the desktop sees: escaped names, a live countdown, plain lines when nobody watches.

What happens on the way goes to standard error; standard output is for the result alone.
"""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress

SECONDS_BEFORE_PROGRESS = 1.0
SECONDS_BETWEEN_REMINDERS = 60.0
_HOUR, _DAY = 3600, 86400
# Controls, direction marks and other invisibles, surrogates, unassigned and private, line and paragraph ends.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def visible(text: str) -> str:
    """`text` as it may be shown: what moves the cursor, turns direction or cannot be seen is spelled out."""
    return "".join(_spelled_out(letter) for letter in text)


def _spelled_out(letter: str) -> str:
    category = unicodedata.category(letter)
    if category not in UNSEEN and (category != "Zs" or letter == " "):
        return letter
    return letter.encode("unicode_escape").decode("ascii")


def local_time(moment: datetime) -> str:
    """A time in the reader's own zone, to the second."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()


def time_left(left: timedelta, at: datetime) -> str:
    """`in 4 days (Tue 1 Dec, 20:25)`, and the last hour to the second; once it is over, that the answer is due."""
    seconds = int(left.total_seconds())
    if seconds <= 0:
        return "any moment now"
    if seconds < _HOUR:
        return f"in {seconds // 60:02}:{seconds % 60:02}"
    days, hours = round(seconds / _DAY), round(seconds / _HOUR)
    count, unit = (days, "day") if hours >= 48 else (hours, "hour")
    local = at.astimezone()
    return f"in {count} {unit}{'s' if count > 1 else ''} ({local:%a} {local.day} {local:%b, %H:%M})"


def duration(length: timedelta) -> str:
    """`2 min 3 s`: for differences, where a sign would be misread."""
    minutes, second = divmod(abs(round(length.total_seconds())), 60)
    hours, minute = divmod(minutes, 60)
    parts = [(hours, "h"), (minute, "min"), (second, "s")]
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "0 s"


class Voice:
    """Speaks to the person. It escapes all it prints, so that no caller can forget to."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._trouble_since: float | None = None
        self._reminded_at = 0.0

    @classmethod
    def on_standard_error(cls) -> Self:
        """For everything on the way to the result."""
        from rich.console import Console

        return cls(Console(file=sys.stderr))

    @classmethod
    def on_standard_output(cls) -> Self:
        """For the result, read by a person."""
        from rich.console import Console

        return cls(Console(file=sys.stdout))

    def say_all(self, lines: list[str]) -> None:
        """Each line by itself."""
        for line in lines:
            self.say(line)

    def say(self, line: str) -> None:
        """One line; no markup is read out of it."""
        self._console.print(visible(line), markup=False, highlight=False, emoji=False, soft_wrap=True)

    def trouble(self, reason: str, pause: float) -> None:
        """The server does not answer; say so at once, and again each minute while it lasts."""
        now = time.monotonic()
        first = self._trouble_since is None
        if first:
            self._trouble_since = now
        if first or now - self._reminded_at >= SECONDS_BETWEEN_REMINDERS:
            self._reminded_at = now
            self.say(f"{reason} Still trying; next attempt in {max(1, round(pause))} s.")

    def recovered(self) -> None:
        """The server answers again."""
        self._trouble_since = None
        self.say("The server answers again.")

    @contextmanager
    def waiting(self, describe: Callable[[], str]) -> Iterator[None]:
        """Keep `describe()` up to date on the screen while the block runs; say it once where nobody watches."""
        if not self._console.is_terminal:
            self.say(describe())
            yield
            return
        from rich.live import Live
        from rich.spinner import Spinner
        from rich.text import Text

        spinner = Spinner("dots")

        def picture() -> RenderableType:
            spinner.update(text=Text("\n".join(map(visible, [describe(), *self._trouble_note()]))))
            return spinner

        with Live(console=self._console, transient=True, refresh_per_second=4, get_renderable=picture):
            yield

    def _trouble_note(self) -> list[str]:
        if self._trouble_since is None:
            return []
        lasting = duration(timedelta(seconds=time.monotonic() - self._trouble_since))
        return [f"The server has not answered for {lasting}; still trying."]

    @contextmanager
    def progress(self, label: str) -> Iterator[Callable[[int, int], None]]:
        """A bar for work that is counted in bytes; it only appears when the work takes over a second."""
        began, bar = time.monotonic(), None

        def advance(done: int, total: int) -> None:
            nonlocal bar
            if bar is None and self._console.is_terminal:
                if time.monotonic() - began < SECONDS_BEFORE_PROGRESS:
                    return
                bar = _started_bar(self._console, visible(label))
            if bar is not None:
                bar.update(bar.task_ids[0], completed=done, total=total)

        try:
            yield advance
        finally:
            if bar is not None:
                bar.stop()


def _started_bar(console: Console, label: str) -> Progress:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    text = TextColumn("{task.description}", markup=False)
    bar = Progress(
        text, BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console, transient=True
    )
    bar.add_task(label, total=None)
    bar.start()
    return bar
