"""Steps of workflows and runbooks: a graph whose edges are the steps' actions. Read leniently, as HaloPSA does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

ACTION, END = 2, 3
"""`steptype` of a runbook's step: something is done, or the run is over."""

EXECUTE_METHOD = 6
"""`auto_action` of a step that calls the method numbered by its `auto_action_type`."""

FAIL = 1
"""`auto_action` of the end that means failure; the good end has none."""


class Edge(msgspec.Struct, kw_only=True, frozen=True):
    """A way out of a step. In a workflow it is an action, in a runbook what the step came to."""

    action_id: int = 0
    end_step: int = 0
    seq: int = 0
    approval_result: int = 1
    """In a runbook: 1 for the way of success, 0 for that of failure."""


class Step(msgspec.Struct, kw_only=True, frozen=True):
    """One step, as far as it has a meaning here."""

    step_id: int
    name: str = ""
    isstart: bool = False
    isend: bool = False
    steptype: int = 0
    auto_action: int = 0
    auto_action_type: int = 0
    actions: tuple[Edge, ...] = ()

    def way(self, action_id: int) -> int | None:
        """The step that an action leads to, or nothing if this step does not allow it."""
        return next((edge.end_step for edge in self.actions if edge.action_id == action_id), None)

    def next_after(self, *, is_success: bool) -> int | None:
        """The step that a runbook goes on with."""
        wanted = 1 if is_success else 0
        return next((edge.end_step for edge in self.actions if edge.approval_result == wanted), None)


class Flow:
    """The steps by number."""

    def __init__(self, steps: Iterable[Step], always: Iterable[int] = ()) -> None:
        self._steps = {step.step_id: step for step in steps}
        self._always = frozenset(always)

    def step(self, step_id: int) -> Step | None:
        """The step of this number."""
        return self._steps.get(step_id)

    def start(self) -> Step | None:
        """The step that is marked as the start, or the first one."""
        marked = (step for step in self._steps.values() if step.isstart)
        return next(marked, next(iter(self._steps.values()), None))

    def allows(self, step_id: int, action_id: int) -> bool:
        """True if the action may be used in this step."""
        step = self.step(step_id)
        return action_id in self._always or (step is not None and step.way(action_id) is not None)


def read_steps(raw: Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    """The steps of a document. Raises msgspec.ValidationError."""
    return msgspec.convert(_without_nulls(list(raw)), tuple[Step, ...], strict=False)


def _without_nulls(value: Any) -> Any:
    """The same without fields that are null, which count as absent."""
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return value
