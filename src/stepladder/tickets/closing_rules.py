"""Whose tickets are closed. Pure.

A ticket is closed when its request is settled, and never while it waits: somebody still has to decide it there.
An MSP may want to keep the tickets of requests that ended without an approval, to look into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepladder_protocol.messages import RequestState

_SETTINGS = {
    RequestState.DENIED: "close_denied",
    RequestState.EXPIRED: "close_expired",
    RequestState.CANCELLED: "close_cancelled",
}


def closes(state: str, settings: Mapping[str, Any]) -> bool:
    """Whether the ticket of a request in this state is closed. Otherwise it gets its note, and stays as it is."""
    if state == RequestState.PENDING:
        return False
    name = _SETTINGS.get(RequestState(state))
    return name is None or bool(settings.get(name, True))
