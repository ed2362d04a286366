"""Getting in: with the connector's own credential, or with a wider one that is only ever in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from stepladder.connections import queries
from stepladder.connections.service import NoConnector, Wiring, secret_place
from stepladder.connectors.base import NeedsAttention
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.config import SCOPES, HaloConfig
from stepladder.errors import Conflict, Invalid
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Transaction
from stepladder.kit.ids import ConnectorId
from stepladder.kit.secret import Secret

# Which of them an application has is not known beforehand, and some versions refuse the whole request for one that it
# lacks (API.md section 1).
_WIDE_SCOPES = ("all admin", "all", "admin", "all:standard")


class SetupNotPermitted(Invalid):
    """The credential is genuine and too weak to set anything up."""

    code = "setup_not_permitted"
    sentence = (
        "HaloPSA does not let this credential set it up. Use an application with the permission all (or admin), "
        "whose agent is an administrator."
    )


class SetupRunning(Conflict):
    """Two at once would both look, find nothing, and make everything twice."""

    code = "setup_running"
    sentence = (
        "Somebody sets up or removes at this very moment. Wait until that is done, then run this again."
    )


@dataclass(frozen=True)
class Credential:
    """The temporary, stronger credential. It is never stored; its secret never prints."""

    client_id: str
    secret: Secret


class OpenClient(Protocol):
    """Opens a client to an instance. Wired in `app`."""

    def __call__(self, settings: dict[str, Any], secret: Secret, *, scopes: str) -> HaloClient:
        """A client that is ready to call. Close it when done."""
        ...


@dataclass(frozen=True)
class SetupWiring:
    """What set-up and check need."""

    connections: Wiring
    clock: Clock
    open_client: OpenClient


@dataclass(frozen=True)
class Site:
    """The MSP's connector, as far as the set-up needs it, and where the MSP is reached."""

    connector_id: ConnectorId
    config: HaloConfig
    settings: dict[str, Any]
    base_url: str
    secret: Secret


@asynccontextmanager
async def alone(wiring: SetupWiring, site: Site, *, is_needed: bool) -> AsyncIterator[None]:
    """Nobody else changes this HaloPSA's set-up until the block ends. Raises SetupRunning."""
    if not is_needed:
        yield
        return
    async with wiring.connections.db.exclusive(f"halopsa setup {site.connector_id}") as is_ours:
        if not is_ours:
            raise SetupRunning
        yield


async def site_of(wiring: SetupWiring, actor: Actor) -> Site:
    """Raises NoConnector."""
    async with wiring.connections.db.transaction(actor) as tx:
        found = await queries.find_ticket_system(tx)
        if found is None:
            raise NoConnector
        place = secret_place(tx, found.id)
        secret = await wiring.connections.vault.unseal(tx, place, bytes(found.sealed_secret))
        base_url = await _base_url(tx)
    return Site(found.id, HaloConfig.model_validate(found.settings), found.settings, base_url, secret)


async def _base_url(tx: Transaction) -> str:
    return str(await tx.scalar("select base_url from msp where id = %(msp)s", {"msp": tx.msp_id}))


@asynccontextmanager
async def daily(wiring: SetupWiring, site: Site, *, scopes: str = SCOPES) -> AsyncIterator[HaloClient]:
    """A client with the connector's own credential. A token from before a change would hide the change."""
    client = wiring.open_client(site.settings, site.secret, scopes=scopes)
    client.forget_token()
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def wide(wiring: SetupWiring, site: Site, credential: Credential) -> AsyncIterator[HaloClient]:
    """A client with the stronger credential; its token is forgotten at the end. Raises SetupNotPermitted.

    The address is always the connector's own: the secret goes nowhere else.
    """
    settings = {**site.settings, "client_id": credential.client_id}
    client = await _let_in(wiring, settings, credential.secret)
    try:
        yield client
    finally:
        client.forget_token()
        await client.aclose()


async def _let_in(wiring: SetupWiring, settings: dict[str, Any], secret: Secret) -> HaloClient:
    for scopes in _WIDE_SCOPES:
        client = wiring.open_client(settings, secret, scopes=scopes)
        client.forget_token()
        try:
            await client.get("Agent/me")
        except NeedsAttention as error:
            await client.aclose()
            if error.code in ("halopsa_scope", "halopsa_forbidden"):
                continue
            raise
        except BaseException:
            await client.aclose()
            raise
        return client
    raise SetupNotPermitted
