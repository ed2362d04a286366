"""How many machines HaloPSA knows by their name: the tickets of all others come without an asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stepladder.connectors.base import ConnectorError
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.matching import pick_asset
from stepladder.endpoints.listing import active_names
from stepladder.kit.db import Transaction
from stepladder.kit.findings import Finding, Result
from stepladder.mapping.queries import linked

from .names import list_some

_NAME = "assets.found"
_CUSTOMERS = 20  # a call or more for each


async def list_machines(tx: Transaction) -> dict[str, list[str]]:
    """The machines of the first linked customers that have some, by the customer's id in HaloPSA."""
    names = await active_names(tx)
    found = {
        each.remote_id: names[each.customer_id] for each in await linked(tx) if each.customer_id in names
    }
    return dict(list(found.items())[:_CUSTOMERS])


async def check_assets(client: HaloClient, machines: Mapping[str, Sequence[str]]) -> Finding:
    """How many of these machines have an asset. None is needed, so that some have none is no failure."""
    if not machines:
        return Finding(_NAME, Result.PASS, "No linked customer has a machine yet.")
    missing: list[str] = []
    for customer_id, names in machines.items():
        try:
            rows = await client.list_all("Asset", "assets", client_id=customer_id)
        except ConnectorError as error:
            return Finding(_NAME, Result.CANNOT_KNOW, error.message)
        missing += [name for name in names if pick_asset(rows, name, customer_id) is None]
    count = sum(map(len, machines.values()))
    if not missing:
        return Finding(_NAME, Result.PASS, f"All {count} machines have their asset.")
    told = f"{len(missing)} of {count} machines have no asset of their name: {list_some(missing)}."
    return Finding(_NAME, Result.PASS, f"{told} Their tickets come without one.")
