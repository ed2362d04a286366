"""The newest calls in both directions, put together from the event log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from stepladder_sandbox.halopsa.pages.present import Badge, Moment, milliseconds
from stepladder_sandbox.halopsa.world import World

_KINDS = frozenset({"api.answer", "method.called"})
SHOWN = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLine:
    """One call: into HaloPSA, or out of it."""

    when: Moment
    direction: str
    method: str
    path: str
    query: str
    status: Badge
    took: str
    fault: str
    trigger: str


def newest_calls(world: World) -> list[CallLine]:
    """Up to a hundred calls that have ended, newest first."""
    return [_line(event) for event in world.log.newest(SHOWN, _KINDS)]


def _line(event: dict[str, Any]) -> CallLine:
    outgoing = event["kind"] == "method.called"
    return CallLine(
        when=_when(event["at"]),
        direction="Out" if outgoing else "In",
        method=event["verb"] if outgoing else event["method"],
        path=urlsplit(event["url"]).path if outgoing else event["path"],
        query="" if outgoing else urlencode(event.get("query", {})),
        status=_status(event),
        took=milliseconds(event["ms"]),
        fault=event.get("fault", "").replace("_", " "),
        trigger=event.get("trigger", ""),
    )


def _when(at: str) -> Moment:
    """The log is of now, so its reader is spared the date."""
    return Moment(machine=at, reader=at[11:19])


def _status(event: dict[str, Any]) -> Badge:
    status = event["status"]
    if not status:
        return Badge(word="No answer", tone="bad")
    return Badge(word=str(status), tone="good" if 200 <= status < 300 else "bad")
