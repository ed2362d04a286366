"""What an MSP wants of its tickets, in any ticket system: what is closed, the time booked, the waits. Pure.

A ticket is closed when its request is settled, and never while the request is pending: it still has to be decided
there. An MSP may want to keep the tickets of requests that ended without an approval, to look into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta, tzinfo
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from stepladder_protocol.messages import RequestState


class TicketPolicy(BaseModel):
    """The settings of a ticket system's connection that are the MSP's policy. Minutes are time booked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    closure_minutes: float = Field(default=5, ge=0, le=24 * 60)
    untouched_minutes: float = Field(default=0, ge=0, le=24 * 60)
    time_zone: str = "UTC"
    close_denied: bool = True
    close_expired: bool = True
    close_cancelled: bool = True
    press_wait_seconds: float = Field(default=3, ge=0, le=60)
    drift_check_seconds: float = Field(default=30, ge=10, le=3600)

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            _zone(value.strip())
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("Give a time zone as in time_zone=Europe/Berlin") from error
        return value.strip()

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """The policy among a connection's settings."""
        return cls(**{name: value for name, value in settings.items() if name in cls.model_fields})

    @property
    def press_wait(self) -> timedelta:
        """For how long a decision by button waits for the press itself to be seen on the ticket."""
        return timedelta(seconds=self.press_wait_seconds)

    @property
    def sweep_every(self) -> timedelta:
        """How often open tickets are looked at."""
        return timedelta(seconds=self.drift_check_seconds)

    @property
    def zone(self) -> tzinfo:
        """The zone in which tickets say times."""
        return _zone(self.time_zone)

    def minutes(self, *, is_touched: bool) -> float:
        """The time booked on a ticket: on what a technician decided, unless the MSP wants some on the others too."""
        return self.closure_minutes if is_touched else self.untouched_minutes

    def closes(self, state: RequestState) -> bool:
        """Whether the ticket of a request in this state is closed. Otherwise it gets its note, and stays as it is."""
        return {
            RequestState.PENDING: False,
            RequestState.DENIED: self.close_denied,
            RequestState.EXPIRED: self.close_expired,
            RequestState.CANCELLED: self.close_cancelled,
        }.get(state, True)


def _zone(name: str) -> tzinfo:
    """Of the system's zones; UTC is there on one that has none."""
    return UTC if name == "UTC" else ZoneInfo(name)
