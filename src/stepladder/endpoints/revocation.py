"""Revoking a machine, and ending with it what hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stepladder.audit.tags import Tag
from stepladder.kit.db import Transaction

from .service import Endpoint, EndpointState, change_state, hold
from .subscribers import Subscriber


@dataclass(frozen=True)
class Revocation:
    """The use case of revoking, with the features that have something of machines."""

    subscribers: Sequence[Subscriber]

    async def revoke(self, tx: Transaction, endpoint_id: str) -> Endpoint:
        """From its next message on the endpoint is refused, and what it asked for is withdrawn.

        Raises NotFound or IdAmbiguous.
        """
        endpoint = await hold(tx, endpoint_id)
        if endpoint.state is EndpointState.REVOKED:
            return endpoint
        revoked = await change_state(tx, endpoint, EndpointState.REVOKED, Tag.ENDPOINT_REVOKED)
        for subscriber in self.subscribers:
            await subscriber.revoked(tx, endpoint.id)
        return revoked
