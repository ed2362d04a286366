"""Trying again: pauses that grow and scatter, a server's Retry-After obeyed, and an end known before."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from .errors import ServerUnreachable, TryAgain

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
T = TypeVar("T")


def _silent_trouble(reason: str, pause: float) -> None:
    pass


def _silent_recovery() -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to go on (`until` is an instant of `monotonic`, `give_up` a length), and whom to tell."""

    until: float = math.inf
    give_up: float = math.inf
    on_trouble: Callable[[str, float], None] = _silent_trouble
    on_recovery: Callable[[], None] = _silent_recovery
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    scatter: Callable[[], float] = random.random


def pauses(scatter: Callable[[], float]) -> Iterator[float]:
    """0.5, 1, 2 … 30 seconds, each cut by up to half: machines that failed together return apart."""
    full = FIRST_PAUSE
    while True:
        yield full * (1 - scatter() / 2)
        full = min(full * 2, LONGEST_PAUSE)


def persist(attempt: Callable[[], T], patience: Patience) -> T:
    """The result of the first attempt that succeeds.

    Raises ServerUnreachable when patience ends, or when the server asks for a pause that outlasts it.
    """
    failing_since: float | None = None
    planned = pauses(patience.scatter)
    while True:
        try:
            result = attempt()
        except TryAgain as trouble:
            now = patience.monotonic()
            failing_since = now if failing_since is None else failing_since
            left = min(patience.until, failing_since + patience.give_up) - now
            if left <= 0 or (trouble.after or 0) > left:
                raise ServerUnreachable(f"{trouble} Gave up.") from trouble
            pause = min(max(next(planned), trouble.after or 0), left)
            patience.on_trouble(str(trouble), pause)
            patience.sleep(pause)
        else:
            if failing_since is not None:
                patience.on_recovery()
            return result
