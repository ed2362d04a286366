"""How much is measured: for a record, and for a look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The number of everything."""

    clients: int = 32
    rounds: int = 24
    decisions_per_round: int = 600
    warm_up_decisions: int = 500

    cycle_clients: int = 8
    cycle_desktops: int = 200
    cycle_rounds: int = 10
    cycles_per_round: int = 400

    lifecycles: int = 1000
    desktops: int = 100
    backlog: int = 500

    burst: int = 500
    burst_askers: int = 20

    tickets: int = 200
    waiting: int = 1000
    decisions_told: int = 300

    agents_held: int = 1000
    agents_before: int = 50
    idle_seconds: float = 5.0

    starts: int = 7


FULL = Sizes()
QUICK = Sizes(
    clients=8,
    rounds=3,
    decisions_per_round=80,
    warm_up_decisions=50,
    cycle_desktops=20,
    cycle_rounds=3,
    cycles_per_round=60,
    lifecycles=8,
    desktops=4,
    backlog=8,
    burst=400,
    burst_askers=3,
    tickets=10,
    waiting=20,
    decisions_told=5,
    agents_held=50,
    agents_before=10,
    idle_seconds=0.5,
    starts=2,
)
