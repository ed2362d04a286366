"""An append-only record of what arrived and what was committed, one JSON object per line.

A checker that shares no code with the product judges "one ticket per reference, closed once" from this alone.
So a commit is written in the step in which it happens, each line reaches the operating system before the call
goes on, and no secret gets in, for any call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from stepladder_sandbox.halopsa.clock import Clock

REDACTED = "[redacted]"


class EventLog:
    """Writes events to a file (if given one) and keeps the newest in memory, numbered from 1 without gaps.

    Each tenant has a log of its own. Several may write to one file: every line says whose it is.
    """

    def __init__(
        self,
        clock: Clock,
        secrets: Iterable[str],
        path: Path | None = None,
        keep: int = 200_000,
        *,
        tenant: str = "",
    ) -> None:
        self._clock = clock
        self._tenant = tenant
        self._secrets: list[bytes] = []
        self._file: IO[bytes] | None = path.open("ab", buffering=0) if path else None
        self._kept: deque[dict[str, Any]] = deque(maxlen=keep)
        self._encoder = msgspec.json.Encoder()
        self.last = 0
        for secret in secrets:
            self.hide(secret)

    def hide(self, secret: str) -> None:
        """Never write this text, neither as it is nor as JSON escapes it."""
        as_json = self._encoder.encode(secret)[1:-1]
        if as_json and as_json not in self._secrets:
            self._secrets.append(as_json)

    def write(self, kind: str, **details: Any) -> dict[str, Any]:
        """Append one event and return it as written. `None` details are left out."""
        self.last += 1
        event: dict[str, Any] = {
            "seq": self.last,
            "at": self._clock().isoformat(timespec="microseconds"),
            "kind": kind,
            "tenant": self._tenant,
        }
        event.update((key, value) for key, value in details.items() if value is not None)
        line = self._encoder.encode(event)
        for secret in self._secrets:
            if secret in line:
                line = line.replace(secret, REDACTED.encode())
                event = msgspec.json.decode(line)
        if self._file:
            self._file.write(line + b"\n")
        self._kept.append(event)
        return event

    def after(self, seq: int, limit: int = 1000) -> list[dict[str, Any]]:
        """Up to `limit` events that came after number `seq`, oldest first, as far as memory reaches."""
        skip = max(0, len(self._kept) - (self.last - seq))
        return list(islice(self._kept, skip, skip + limit))

    def newest(self, limit: int, kinds: frozenset[str]) -> list[dict[str, Any]]:
        """The newest `limit` events of these kinds, newest first."""
        return list(islice((event for event in reversed(self._kept) if event["kind"] in kinds), limit))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(list(self._kept))

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()
            self._file = None
