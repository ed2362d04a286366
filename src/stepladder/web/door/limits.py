"""What the door bears from anyone, as numbers. Each has a test, and none depends on a front end."""

from __future__ import annotations

import resource
from dataclasses import dataclass

_FILES_KEPT_FOR_US = 128
_CONNECTIONS_BESIDE_WAITING = 2000
_FEWEST_AT_WORK = 256
_AT_WORK_PER_CONNECTION_OF_THE_POOL = 24


@dataclass(frozen=True)
class Limits:
    """The bounds of one process."""

    connections: int = 8000
    """Above it the connection that has owed a message for longest gives way."""
    head_bytes: int = 64 * 1024
    """Of the request line and all headers together."""
    head_lines: int = 128
    head_seconds: float = 10
    """From the connection's beginning, or its last answer, to the end of a head."""
    body_seconds: float = 30
    answer_seconds: float = 30
    """How long a full send buffer may stay full."""
    ahead: int = 4
    """Requests read ahead of their answers; beyond it nothing more is read."""
    bodies_bytes: int = 64 * 1024 * 1024
    """Of all bodies that are held at once."""
    at_work: int = _FEWEST_AT_WORK
    """Calls that are worked on at once, those that only wait for a decision not counted."""

    @property
    def at_work_per_address(self) -> int:
        return self.at_work // 2

    @classmethod
    def of_process(cls, *, pool: int, max_waiting: int) -> Limits:
        """As many calls as the pool serves in a moment, and connections for who waits and who works."""
        wanted = max_waiting + _CONNECTIONS_BESIDE_WAITING
        return cls(
            connections=max(1, min(wanted, _allowed_files(wanted + _FILES_KEPT_FOR_US) - _FILES_KEPT_FOR_US)),
            at_work=max(_FEWEST_AT_WORK, pool * _AT_WORK_PER_CONNECTION_OF_THE_POOL),
        )


def _allowed_files(wanted: int) -> int:
    """How many files this process may open, after asking for `wanted`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft
