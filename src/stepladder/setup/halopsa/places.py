"""Places of the buttons' actions in the workflow: at every step, beside what is there."""

from __future__ import annotations

from stepladder.connectors.base import RemoteGone
from stepladder.connectors.halopsa.matching import Row, get, text, whole
from stepladder.setup.engine.parts import Ids, Part
from stepladder.setup.engine.system import ABSENT, Refused, Shown, Sight, Things

from .instance import Instance, NotShown
from .parts import Kind
from .requirements import Facts


class Places(Things):
    """Their ids are workflow/action."""

    def __init__(self, instance: Instance, facts: Facts) -> None:
        self.instance, self.facts = instance, facts

    async def look(self, part: Part, ids: Ids, _known_id: str | None, *, afresh: bool = False) -> Sight:
        if self.facts.workflow_problem:
            return Sight(Shown.HIDDEN, note=self.facts.workflow_problem)
        workflow, action = self.facts.workflow, ids.get(part.needs[0])
        if workflow is None:
            return Sight(Shown.NEEDLESS, note="The ticket type has no workflow, so every action is allowed.")
        if afresh:
            workflow = await self._workflow(text(workflow, "id"))
        if not action or not places_of(workflow, action):
            return ABSENT
        return _place(workflow, action)

    async def create(self, part: Part, ids: Ids, _key: str) -> tuple[str, Row]:
        number, action = text(self.facts.workflow or {}, "id"), ids[part.needs[0]]
        # As it is now, not as it was at the start.
        always = _always_of(await self._workflow(number))
        await self._write(number, [*always, {"id": int(action)}])
        try:
            workflow = await self._workflow(number)
        except Refused as error:
            raise NotShown from error
        if not places_of(workflow, action):
            raise Refused("HaloPSA accepted the change but did not save it.")
        return f"{number}/{action}", {"action": action}

    async def read(self, _part: Part, remote_id: str) -> Sight:
        number, _, action = remote_id.partition("/")
        workflow = await self.instance.whole(Kind.PLACE, number)
        if remote_id not in places_of(workflow, action):
            raise RemoteGone("The workflow no longer offers the action.", code="halopsa_gone")
        return Sight(
            Shown.ONE, (remote_id,), {"action": action}, f"From the workflow “{text(workflow, 'name')}”."
        )

    async def delete(self, _part: Part, remote_id: str) -> None:
        number, _, action = remote_id.partition("/")
        always = _always_of(await self.instance.whole(Kind.PLACE, number))
        await self._write(number, [each for each in always if whole(get(each, "id")) != whole(action)])

    async def _workflow(self, number: str) -> Row:
        try:
            return await self.instance.whole(Kind.PLACE, number)
        except RemoteGone as error:
            raise Refused(error.message) from error

    async def _write(self, number: str, always: list[Row]) -> None:
        await self.instance.write(Kind.PLACE, {"id": int(number), "always_allow_actions": always})


def _place(workflow: Row, action: str) -> Sight:
    place = f"{text(workflow, 'id')}/{action}"
    return Sight(Shown.ONE, (place,), {"action": action}, f"In the workflow “{text(workflow, 'name')}”.")


def _always_of(workflow: Row) -> list[Row]:
    return [each for each in get(workflow, "always_allow_actions") or [] if isinstance(each, dict)]


def places_of(workflow: Row, action: str) -> list[str]:
    """The places that a workflow gives an action: at every step, where ours is, or at some."""
    place = f"{text(workflow, 'id')}/{action}"
    always = any(whole(get(each, "id")) == whole(action) for each in _always_of(workflow))
    steps = [step for step in get(workflow, "steps") or [] if isinstance(step, dict)]
    edges = [edge for step in steps for edge in get(step, "actions") or [] if isinstance(edge, dict)]
    some = any(whole(get(edge, "action_id")) == whole(action) for edge in edges)
    return [place] * always + [f"{place}/steps"] * some
