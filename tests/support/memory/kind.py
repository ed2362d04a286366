"""Tickets in memory as a kind of connection, for the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from stepladder.connections.kinds import Build, Family, Kind
from stepladder.connectors.base import Places
from stepladder.tickets.policy import TicketPolicy
from stepladder.tickets.work import WORK


class MemoryConfig(BaseModel):
    """What tickets in memory are told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    search_lag_seconds: float = 0


def memory_kind(build: Build) -> Kind:
    """The kind whose connectors `build` makes."""
    return Kind("memory", Family.TICKET_SYSTEM, (MemoryConfig, TicketPolicy), build, _places, WORK)


def _places(settings: Mapping[str, Any]) -> Places:
    return Places(secret_goes_to=(), instance=())
