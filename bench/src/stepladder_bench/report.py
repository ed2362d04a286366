"""What a measurement says: one line each with its target, as a table for people and as JSON for machines.

The JSON's shape is documented in `docs/bench.md`. It names versions and cores, never a path or a host.
"""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.table import Table

from stepladder import __version__

SHAPE = 1
_PACKAGES = (
    "uvicorn",
    "uvloop",
    "httptools",
    "fastapi",
    "starlette",
    "psycopg",
    "psycopg-pool",
    "procrastinate",
)


class Relation(StrEnum):
    """On which side of its target a good value lies."""

    AT_LEAST = "at least"
    AT_MOST = "at most"
    BELOW = "below"


@dataclass(frozen=True)
class Target:
    """What a value has to reach, or may not exceed."""

    relation: Relation
    value: float

    def met_by(self, measured: float) -> bool:
        match self.relation:
            case Relation.AT_LEAST:
                return measured >= self.value
            case Relation.AT_MOST:
                return measured <= self.value
            case Relation.BELOW:
                return measured < self.value


@dataclass(frozen=True)
class Line:
    """One result. `name` is stable, for machines; `title` is for people; `facts` tell how it came about."""

    name: str
    title: str
    measured: float
    unit: str
    target: Target | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        return self.target.met_by(self.measured) if self.target else None

    def as_json(self) -> dict[str, Any]:
        target = {"relation": str(self.target.relation), "value": self.target.value} if self.target else None
        return {
            "name": self.name,
            "title": self.title,
            "measured": rounded(self.measured),
            "unit": self.unit,
            "target": target,
            "passed": self.passed,
            "facts": {name: rounded(fact) for name, fact in self.facts.items()},
        }


@dataclass(frozen=True)
class NotMeasured:
    """A part that gave no result, and why."""

    part: str
    why: str


@dataclass
class Report:
    """Everything one run found."""

    started_at: str
    is_quick: bool
    lines: list[Line] = field(default_factory=list)
    not_measured: list[NotMeasured] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "shape": SHAPE,
            "stepladder": __version__,
            "started_at": self.started_at,
            "seconds": rounded(self.seconds),
            "quick": self.is_quick,
            "machine": machine(),
            "lines": [line.as_json() for line in self.lines],
            "not_measured": [vars(missing) for missing in self.not_measured],
        }

    def show(self, console: Console) -> None:
        """Print the table."""
        grid = Table("", "measured", "target", "", box=None, header_style="bold", pad_edge=False)
        for line in self.lines:
            target = f"{line.target.relation} {shown(line.target.value)}" if line.target else ""
            mark = {True: "[green]pass[/]", False: "[red]miss[/]", None: ""}[line.passed]
            grid.add_row(line.title, f"{shown(line.measured)} {line.unit}".strip(), target, mark)
        console.print(grid)
        for missing in self.not_measured:
            console.print(f"[red]Not measured:[/] {missing.part}. {missing.why}")
        facts = machine()
        console.print(
            f"[dim]{facts['cores']} cores, Python {facts['python']}, {self.seconds:.0f} s"
            f"{', quick: for a look, not for a record' if self.is_quick else ''}[/]"
        )


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median and range of a few values, for a line's facts."""
    return {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}


def distribution(values: Sequence[float]) -> dict[str, Any]:
    """The shape of many values, for a line's facts."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {
        "samples": len(values),
        **{name: percentile(values, share) for name, share in shares.items()},
        "highest": max(values),
    }


def rounded(value: Any) -> Any:
    """Floats to four significant digits, also inside lists and dictionaries; the rest as it is."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


def shown(value: float) -> str:
    """A number as a person reads it: three digits that count."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}".removesuffix(".00").removesuffix(".0")
