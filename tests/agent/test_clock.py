"""The server's time is its own, carried on by a clock that the person at the desktop cannot set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stepladder_agent.clock import ServerClock

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


class Desk:
    """A machine whose wall clock may be set, and whose monotonic clock may not."""

    def __init__(self) -> None:
        self.wall, self.ticks, self.jumps = START, 100.0, list[Any]()
        self.clock = ServerClock(self.jumps.append, local=lambda: self.wall, monotonic=lambda: self.ticks)

    def pass_time(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds


def test_nothing_is_known_before_the_first_answer() -> None:
    assert Desk().clock.now() is None
    assert Desk().clock.ahead is None


def test_the_servers_time_goes_on_though_the_wall_clock_is_set_back() -> None:
    desk = Desk()
    desk.clock.learn("Tue, 24 Nov 2026 09:31:00 GMT")
    desk.pass_time(20)
    desk.wall -= timedelta(days=30)

    assert desk.clock.now() == START + timedelta(seconds=80.5)
    assert desk.clock.ahead == timedelta(seconds=60.5)


def test_a_jump_of_either_clock_is_told_and_a_drift_is_not() -> None:
    desk = Desk()
    desk.clock.learn("Tue, 24 Nov 2026 09:30:00 GMT")
    desk.clock.learn("Tue, 24 Nov 2026 09:30:20 GMT")
    assert desk.jumps == []

    desk.wall += timedelta(hours=2)
    desk.clock.learn("Tue, 24 Nov 2026 09:30:20 GMT")
    assert desk.jumps == [-timedelta(hours=2)]


@pytest.mark.parametrize("stamped", ["as it is sent", "when the call began"])
def test_a_long_wait_is_no_jump_of_a_clock(stamped: str) -> None:
    """USE-01: after a wait of 50 seconds the time is right and no alarm is given, also where Date is the call's begin."""
    desk = Desk()
    desk.clock.learn("Tue, 24 Nov 2026 09:30:00 GMT", asked_at=desk.ticks)
    began = desk.ticks
    desk.pass_time(50)
    header = (
        "Tue, 24 Nov 2026 09:30:50 GMT" if stamped == "as it is sent" else "Tue, 24 Nov 2026 09:30:00 GMT"
    )
    desk.clock.learn(header, asked_at=began)

    assert desk.jumps == []
    assert desk.clock.now() == START + timedelta(seconds=50.5)


def test_a_jump_during_a_long_wait_is_told() -> None:
    """USE-01: what the wait does not explain is a jump, whichever way it goes."""
    desk = Desk()
    desk.clock.learn("Tue, 24 Nov 2026 09:30:00 GMT", asked_at=desk.ticks)
    began = desk.ticks
    desk.pass_time(50)
    desk.wall -= timedelta(hours=2)
    desk.clock.learn("Tue, 24 Nov 2026 09:30:00 GMT", asked_at=began)
    assert desk.jumps == [timedelta(hours=2)]

    desk.clock.learn("Tue, 24 Nov 2026 10:30:50 GMT", asked_at=desk.ticks)
    assert desk.jumps[1:] == [timedelta(minutes=60, seconds=-0.5)]


def test_time_asleep_is_learned_from_the_next_answer() -> None:
    """USE-01: a laptop's monotonic count may stand still while it sleeps; the wall clock and the server's do not."""
    desk = Desk()
    desk.clock.learn("Tue, 24 Nov 2026 09:30:00 GMT", asked_at=desk.ticks)
    desk.wall += timedelta(hours=1)
    desk.clock.learn("Tue, 24 Nov 2026 10:30:00 GMT", asked_at=desk.ticks)

    assert desk.jumps == []
    assert desk.clock.now() == START + timedelta(hours=1)


@pytest.mark.parametrize(
    "header", [None, "", "soon", "2026-11-24T09:30:00", "Tue, 24 Nov 2026 09:30:00 -0000"]
)
def test_what_cannot_be_read_or_has_no_zone_teaches_nothing(header: str | None) -> None:
    desk = Desk()
    desk.clock.learn(header)

    assert desk.clock.now() is None
