"""Getting in: with the connector's own credential, or with a wider one that is only ever in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from stepladder.connections.service import Wiring, unseal
from stepladder.connectors.base import NeedsAttention
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.config import SCOPES, HaloConfig, halo_config
from stepladder.errors import Invalid
from stepladder.kit.db import Actor
from stepladder.kit.ids import ConnectionId
from stepladder.kit.secret import Secret
from stepladder.tenancy.service import base_url_of

# Which of them an application has is not known beforehand, and some versions of HaloPSA refuse the whole request for
# one that it lacks.
_WIDE_SCOPES = ("all admin", "all", "admin", "all:standard")


class SetupNotPermitted(Invalid):
    """The credential is genuine and too weak to set anything up."""

    code = "setup_not_permitted"
    sentence = (
        "HaloPSA does not let this credential set it up. Use an application with the permission all (or admin), "
        "whose agent is an administrator."
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
    open_client: OpenClient


@dataclass(frozen=True)
class Site:
    """The MSP's connector, as far as the set-up needs it, and where the MSP is reached."""

    connection_id: ConnectionId
    config: HaloConfig
    settings: dict[str, Any]
    base_url: str
    secret: Secret


async def site_of(wiring: SetupWiring, actor: Actor) -> Site:
    """Raises NoConnector."""
    async with wiring.connections.db.transaction(actor) as tx:
        found, secret = await unseal(wiring.connections, tx)
        base_url = await base_url_of(tx)
    return Site(found.id, halo_config(found.settings), found.settings, base_url, secret)


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
