"""The time, passed in so that tests can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, in UTC and aware of it."""


def system_clock() -> datetime:
    """The machine's own time."""
    return datetime.now(UTC)
