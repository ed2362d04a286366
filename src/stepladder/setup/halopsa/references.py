"""The reference of each linked customer, where it is empty: the custom tab finds the customer by it."""

from __future__ import annotations

from stepladder.connectors.base import RemoteGone
from stepladder.connectors.halopsa.matching import Row, text
from stepladder.setup.engine.parts import Ids, Part
from stepladder.setup.engine.system import ABSENT, Refused, Shown, Sight, Things

from .instance import Instance
from .parts import Kind


class References(Things):
    """Their ids are those of the customers."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._customers: dict[str, Row] | None = None
        self._is_fresh = False

    async def look(self, part: Part, _ids: Ids, _known_id: str | None, *, afresh: bool = False) -> Sight:
        """One look at all customers serves all plans, and one more all creates: hundreds of calls would be too many."""
        if self._customers is None or (afresh and not self._is_fresh):
            rows = await self.instance.rows(Kind.REFERENCE, afresh=afresh)
            self._customers, self._is_fresh = {text(row, "id"): row for row in rows}, afresh
        remote_id = part.key.partition(".")[2]
        row = self._customers.get(remote_id)
        if row is None:
            return Sight(Shown.IMPOSSIBLE, note="HaloPSA does not show this customer (any more).")
        return _reference(remote_id, row) if text(row, "ref") else ABSENT

    async def create(self, part: Part, _ids: Ids, _key: str) -> tuple[str, Row]:
        remote_id = part.key.partition(".")[2]
        try:
            await self._write(remote_id, part.name)
        except RemoteGone as error:
            raise Refused(error.message) from error
        return remote_id, {"ref": part.name}

    async def read(self, _part: Part, remote_id: str) -> Sight:
        row = await self.instance.whole(Kind.REFERENCE, remote_id)
        if not text(row, "ref"):
            raise RemoteGone("The customer has no reference (any more).", code="halopsa_gone")
        return _reference(remote_id, row)

    async def delete(self, _part: Part, remote_id: str) -> None:
        await self._write(remote_id, "")

    async def _write(self, remote_id: str, reference: str) -> None:
        await self.instance.write(Kind.REFERENCE, {"id": int(remote_id), "ref": reference})


def _reference(remote_id: str, row: Row) -> Sight:
    return Sight(Shown.ONE, (remote_id,), {"ref": text(row, "ref")})
