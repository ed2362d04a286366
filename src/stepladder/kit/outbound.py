"""The one door for outgoing calls: https only, checked addresses, no redirects, bounded in time and size.

A name is resolved here, every address is checked, and the connection goes to the address that was checked, so
a name that changes its address in between gains nothing (THREATS T11). Origins that the operator lists in
`STEPLADDER_OUTBOUND_ALLOW` may be http and may be inside the network; nothing else may.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Collection
from urllib.parse import urlsplit

import httpx2

_RESOLVED_FOR_SECONDS = 30.0
LARGEST_ANSWER = 32 * 1024 * 1024


class OutboundRefused(Exception):
    """The address may not be called; the message says why and names no inner address."""


def origin_of(url: str) -> str:
    """Scheme, host and port of an absolute URL, in lower case, without default ports."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else (parts.hostname or "")
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{host}{port}"


class CheckedTransport(httpx2.AsyncBaseTransport):
    """Checks where a request goes, then sends it to exactly the address that was checked."""

    def __init__(self, allowed_origins: Collection[str]) -> None:
        self._allowed = frozenset(allowed_origins)
        self._transports: dict[str, httpx2.AsyncHTTPTransport] = {}
        self._resolved: dict[tuple[str, int], tuple[float, str]] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host, origin = request.url.host, origin_of(str(request.url))
        is_listed = origin in self._allowed
        if request.url.scheme != "https" and not is_listed:
            raise OutboundRefused("Only https addresses may be called.")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        address = await self._address(host, port, is_listed=is_listed)
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)
        # One pool per host name: a TLS connection made for one name is never used for another.
        transport = self._transports.setdefault(origin, httpx2.AsyncHTTPTransport(trust_env=False))
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()

    async def _address(self, host: str, port: int, *, is_listed: bool) -> str:
        known = self._resolved.get((host, port))
        if known and time.monotonic() - known[0] < _RESOLVED_FOR_SECONDS:
            return known[1]
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpx2.ConnectError(f"The name {host} cannot be resolved.") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not is_listed and not all(ipaddress.ip_address(address).is_global for address in addresses):
            raise OutboundRefused(
                "The address is inside a private network. The operator can list it in STEPLADDER_OUTBOUND_ALLOW."
            )
        self._resolved[host, port] = (time.monotonic(), addresses[0])
        return addresses[0]


def open_client(allowed_origins: Collection[str], *, timeout_seconds: float) -> httpx2.AsyncClient:
    """A client that goes through the door. Close it when done."""
    return httpx2.AsyncClient(
        transport=CheckedTransport(allowed_origins),
        timeout=httpx2.Timeout(timeout_seconds, connect=10),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept": "application/json", "User-Agent": "Stepladder"},
    )


async def send(client: httpx2.AsyncClient, request: httpx2.Request) -> tuple[httpx2.Response, bytes]:
    """Send and read the whole answer, up to a bound. Raises httpx2's errors and OutboundRefused."""
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise httpx2.RemoteProtocolError("The answer is larger than 32 MiB.")
        return response, bytes(body)
    finally:
        await response.aclose()
