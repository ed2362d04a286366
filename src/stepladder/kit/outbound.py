"""The one door for outgoing calls: https only, checked addresses, no redirects, bounded in time and size.

A name is resolved here, every address is checked, and the connection goes to the address that was checked, so
a name that changes its address in between gains nothing (threat T11). Origins that the operator lists in
`STEPLADDER_OUTBOUND_ALLOW` may be http and may be inside the network; nothing else may.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Collection
from functools import cache
from urllib.parse import urlsplit

import httpx2

_RESOLVED_FOR_SECONDS = 30.0
LARGEST_ANSWER = 32 * 1024 * 1024
LONGEST_SECONDS = 180.0

# IPv4 reached through a translator of the network (RFC 6052): what counts is the address behind it.
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
# All there is of public IPv6; everything beside it is reserved, local, or an old way to write an inner address.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# What `is_global` of Python 3.11 still counts as global (https://github.com/python/cpython/issues/113171; one cloud
# has its metadata service at 192.0.0.192), and IPv4 tunnelled in IPv6.
_NOT_PUBLIC = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "3fff::/20")))


class OutboundRefused(Exception):
    """The address may not be called; the message says why and names no inner address."""


def origin_of(url: str) -> str:
    """Scheme, host and port of an absolute URL, in lower case, without default ports."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else (parts.hostname or "")
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{host}{port}"


def is_public(text: str) -> bool:
    """Whether a numeric address is one of the public internet, by every reading of it."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
        if address not in _GLOBAL_UNICAST:
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in network for network in _NOT_PUBLIC if network.version == address.version)
    )


@cache
def _tls_context() -> ssl.SSLContext:
    """One for the process: reading the authorities takes 20 ms and more, in which nothing else of it runs."""
    return httpx2.create_ssl_context(trust_env=False)


class CheckedTransport(httpx2.AsyncBaseTransport):
    """Checks where a request goes, then sends it to exactly the address that was checked."""

    def __init__(self, allowed_origins: Collection[str]) -> None:
        self._allowed = frozenset(map(origin_of, allowed_origins))
        self._transports: dict[str, httpx2.AsyncHTTPTransport] = {}
        self._resolved: dict[str, tuple[float, str]] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host, origin = request.url.host, origin_of(str(request.url))
        is_listed = origin in self._allowed
        if request.url.scheme != "https" and not is_listed:
            raise OutboundRefused("Only https addresses may be called.")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        address = await self._address(origin, host, port, is_listed=is_listed)
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)
        # One pool per host name: a TLS connection made for one name is never used for another.
        transport = self._transports.get(origin)
        if transport is None:
            transport = httpx2.AsyncHTTPTransport(verify=_tls_context(), trust_env=False)
            self._transports[origin] = transport
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()

    async def _address(self, origin: str, host: str, port: int, *, is_listed: bool) -> str:
        # By origin, because being listed is a matter of the origin: one scheme's address says nothing of another's.
        known = self._resolved.get(origin)
        if known and time.monotonic() - known[0] < _RESOLVED_FOR_SECONDS:
            return known[1]
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpx2.ConnectError(f"The name {host} cannot be resolved.") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not is_listed and not all(map(is_public, addresses)):
            raise OutboundRefused(
                "The address is inside a private network. The operator can list it in STEPLADDER_OUTBOUND_ALLOW."
            )
        self._resolved[origin] = (time.monotonic(), addresses[0])
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
    """Send and read the whole answer, bounded in size and time. Raises httpx2's errors and OutboundRefused."""
    try:
        # The client's own timeouts are for one step each: an answer that drips never exceeds them.
        async with asyncio.timeout(LONGEST_SECONDS):
            return await _send(client, request)
    except TimeoutError as error:
        raise httpx2.ReadTimeout("The answer took too long as a whole.", request=request) from error


async def _send(client: httpx2.AsyncClient, request: httpx2.Request) -> tuple[httpx2.Response, bytes]:
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
