"""The parts that HaloPSA lists and that have a name and an id, and what depends on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from stepladder.connectors.base import RemoteGone
from stepladder.connectors.halopsa.matching import Row, same, text, whole
from stepladder.setup.engine.parts import Ids, Part
from stepladder.setup.engine.system import ABSENT, Refused, Shown, Sight, Things, User

from .blueprint import calls_of, name_of, named
from .elements import element, key_fields
from .instance import Instance, NotShown
from .parts import Kind
from .places import places_of
from .requirements import Facts


class Listed(Things):
    """Found by name; looked at and made one by one."""

    def __init__(self, instance: Instance, facts: Facts) -> None:
        self.instance, self.facts = instance, facts
        self._details: dict[tuple[str, str], Row] = {}

    async def look(self, part: Part, ids: Ids, known_id: str | None, *, afresh: bool = False) -> Sight:
        rows = await self.instance.rows(part.kind, afresh=afresh)
        hits = [text(row, "id") for row in named(part, rows, self.facts, ids)]
        if len(hits) > 1:
            return Sight(Shown.SEVERAL, tuple(hits))
        remote_id = hits[0] if hits else known_id
        if not remote_id:
            return ABSENT
        try:
            return await self.read(part, remote_id)
        except (Refused, RemoteGone) as error:
            if hits:
                # What the list shows is there: no second one is made, and nothing is said of what cannot be seen.
                told = "It is there, and HaloPSA does not show its details. Compare them."
                return Sight(Shown.HIDDEN, (remote_id,), note=told)
            if isinstance(error, Refused):
                raise
            return ABSENT

    async def create(self, part: Part, ids: Ids, key: str) -> tuple[str, Row]:
        remote_id = await self.instance.write(part.kind, element(part, self.facts, ids, key=key))
        remote_id = remote_id or await self._look_for(part, ids)
        try:
            return remote_id, await self.instance.whole(part.kind, remote_id)
        except (Refused, RemoteGone):
            return remote_id, {"id": remote_id}

    async def _look_for(self, part: Part, ids: Ids) -> str:
        """The id of what was made just now. Raises NotShown."""
        try:
            hits = named(part, await self.instance.rows(part.kind), self.facts, ids)
        except Refused as error:
            raise NotShown from error
        if len(hits) != 1:
            raise NotShown
        return text(hits[0], "id")

    async def set_key(self, part: Part, remote_id: str, key: str) -> None:
        await self.instance.write(part.kind, {"id": int(remote_id), **key_fields(key)})

    async def read(self, part: Part, remote_id: str) -> Sight:
        return Sight(Shown.ONE, (remote_id,), await self.instance.whole(part.kind, remote_id))

    async def users(self, part: Part, remote_id: str, row: Row) -> list[User]:
        wanted = text(row, "name") if part.kind == Kind.FIELD else remote_id
        return [
            User(kind, user_id, name_of(kind, each))
            for kind, ids_of_users in _USERS.get(part.kind, {}).items()
            for each in await self._all_whole(kind)
            for user_id in ids_of_users(each, wanted)
        ]

    async def delete(self, part: Part, remote_id: str) -> None:
        await self.instance.delete(part.kind, remote_id)

    async def _all_whole(self, kind: str) -> list[Row]:
        found = []
        for row in await self.instance.rows(kind):
            key = (kind, text(row, "id"))
            if key not in self._details:
                try:
                    self._details[key] = await self.instance.whole(*key)
                except RemoteGone:
                    continue  # deleted since it was listed
            found.append(self._details[key])
        return found


_UserIds = Callable[[Row, str], list[str]]


def _bound_by(field: str) -> _UserIds:
    return lambda row, wanted: [text(row, "id")] * same(text(row, field), wanted)


_USERS: Mapping[str, Mapping[str, _UserIds]] = MappingProxyType(
    {
        Kind.INTEGRATION: {Kind.METHOD: _bound_by("integration_id")},
        Kind.METHOD: {
            Kind.ACTION: _bound_by("integration_method_id"),
            Kind.RUNBOOK: lambda row, wanted: [text(row, "id")] * (whole(wanted) in calls_of(row)),
        },
        Kind.ACTION: {Kind.PLACE: places_of},
        Kind.RUNBOOK: {Kind.TRIGGER: _bound_by("webhook_id")},
        Kind.FIELD: {
            Kind.METHOD: lambda row, wanted: (
                [text(row, "id")] * (f"<<{wanted.casefold()}" in text(row, "requestbody").casefold())
            )
        },
    }
)
"""What a thing of a kind may be used by, and under which ids, as the user's row shows it."""
