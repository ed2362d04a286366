"""How long to wait before trying again. Pure; the count of attempts lives in the row, so it survives us."""

from __future__ import annotations

import random

_LARGEST_EXPONENT = 30


def delay(attempts: int, *, base: float, cap: float, rng: random.Random) -> float:
    """Seconds before try number `attempts` + 1: doubling from `base` to `cap`, half of it random.

    It never gives up: the answer is always a finite wait.
    """
    full = min(cap, base * 2.0 ** min(max(attempts, 0), _LARGEST_EXPONENT))
    return full / 2 + rng.random() * full / 2
