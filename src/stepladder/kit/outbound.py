"""The one door for outgoing calls: https only, checked addresses, no redirects, bounded in time and size.

A name is resolved here, every address is checked, and the connection goes to an address that was checked, so
a name that changes its address in between gains nothing (threat T11). Origins that the operator lists in
`STEPLADDER_OUTBOUND_ALLOW` may be http and may be inside the network; nothing else may. A proxy, if there is one, is
asked for the address that was checked, unless the operator says that only the proxy knows names.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from .tls import TlsFailed, find_distrust, trust

_RESOLVED_FOR_SECONDS = 30.0
_NEXT_AFTER_SECONDS = 2.0  # for an address that has others behind it
LARGEST_ANSWER = 32 * 1024 * 1024
LONGEST_SECONDS = 180.0

# IPv4 reached through a translator of the network (RFC 6052): what counts is the address behind it.
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
# All there is of public IPv6; everything beside it is reserved, local, or an old way to write an inner address.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# What `is_global` of Python 3.11 still counts as global (https://github.com/python/cpython/issues/113171; one cloud
# has its metadata service at 192.0.0.192, another its platform's at 168.63.129.16), and IPv4 tunnelled in IPv6.
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2002::/16", "3fff::/20"),
    )
)
# Names of this machine itself, which not every resolver knows (RFC 6761 section 6.3).
_OF_THIS_MACHINE = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")


class OutboundRefused(Exception):
    """The address may not be called; the message says why and names no inner address."""


class NameUnknown(httpx2.ConnectError):
    """The name cannot be resolved."""


class AnswerTooLarge(httpx2.RemoteProtocolError):
    """The answer is larger than what was to be expected, and was not read to its end."""


class ProxyFailed(httpx2.ConnectError):
    """The proxy cannot be reached, or `refuses` to lead on: it says so with this status."""

    def __init__(self, refuses: str | None = None) -> None:
        super().__init__("The proxy failed.")
        self.refuses = refuses


@dataclass(frozen=True)
class Route:
    """How calls leave the network. `ca_file` holds authorities that are trusted beside the system's.

    A proxy takes https calls alone, and none to the hosts, or below the domains, in `no_proxy`.
    """

    ca_file: Path | None = None
    proxy: str | None = None
    no_proxy: tuple[str, ...] = ()
    proxy_resolves: bool = False

    def proxy_for(self, url: httpx2.URL) -> str | None:
        """The proxy that a call to `url` takes."""
        host = url.host.lower().rstrip(".")
        domains = (each.lower().lstrip(".") for each in self.no_proxy)
        is_excepted = any(each in ("*", host) or host.endswith(f".{each}") for each in domains if each)
        return self.proxy if url.scheme == "https" and not is_excepted else None


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


DIRECT = Route()


class CheckedTransport(httpx2.AsyncBaseTransport):
    """Checks where a request goes, then sends it to exactly an address that was checked."""

    def __init__(self, allowed_origins: Collection[str], route: Route = DIRECT) -> None:
        self._allowed, self._route = frozenset(map(origin_of, allowed_origins)), route
        self._transports: dict[str, httpx2.AsyncHTTPTransport] = {}
        self._resolved: dict[str, tuple[float, list[str]]] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url, origin = request.url, origin_of(str(request.url))
        if url.scheme != "https" and origin not in self._allowed:
            raise OutboundRefused("Only https addresses may be called.")
        proxy = self._route.proxy_for(url)
        addresses = await self._addresses(origin, url, by_proxy=bool(proxy) and self._route.proxy_resolves)
        request.extensions = {**request.extensions, "sni_hostname": url.host}
        extensions = request.extensions
        for address in addresses[:-1]:
            request.url, request.extensions = url.copy_with(host=address), _soon_given_up(extensions)
            try:
                return await self._sent(request, origin, proxy)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                if not _may_be_the_addresss_fault(error):
                    raise
                self._put_last(origin, address)
        request.url, request.extensions = url.copy_with(host=addresses[-1]), extensions
        return await self._sent(request, origin, proxy)

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()

    async def _sent(self, request: httpx2.Request, origin: str, proxy: str | None) -> httpx2.Response:
        # One pool per host name: a TLS connection made for one name is never used for another.
        transport = self._transports.get(origin)
        if transport is None:
            context = trust(self._route.ca_file)
            transport = httpx2.AsyncHTTPTransport(verify=context, trust_env=False, proxy=proxy)
            self._transports[origin] = transport
        try:
            return await transport.handle_async_request(request)
        except httpx2.ProxyError as error:
            raise ProxyFailed(refuses=str(error)[:3]) from error
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            distrust = find_distrust(error)
            if distrust:
                raise TlsFailed(distrust) from error
            if proxy:
                raise ProxyFailed from error
            raise

    async def _addresses(self, origin: str, url: httpx2.URL, *, by_proxy: bool) -> list[str]:
        """Where the host is, all of it checked. By a proxy that alone knows names: the name itself."""
        is_listed = origin in self._allowed
        if _is_this_machine(url.host) and not is_listed:
            raise _inside()
        if by_proxy and not _is_address(url.host):
            return [url.host]
        # By origin, because being listed is a matter of the origin: one scheme's address says nothing of another's.
        known = self._resolved.get(origin)
        if known and time.monotonic() - known[0] < _RESOLVED_FOR_SECONDS:
            return list(known[1])
        addresses = await _resolve(url)
        if not is_listed and not all(map(is_public, addresses)):
            raise _inside()
        before = known[1] if known else []
        # The one that worked last comes first again.
        addresses.sort(key=lambda each: before.index(each) if each in before else len(before))
        self._resolved[origin] = (time.monotonic(), addresses)
        return list(addresses)

    def _put_last(self, origin: str, address: str) -> None:
        addresses = self._resolved[origin][1]
        addresses.remove(address)
        addresses.append(address)


async def _resolve(url: httpx2.URL) -> list[str]:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown(f"The name {url.host} cannot be resolved.") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_proxy_address(text: str) -> bool:
    """Whether a proxy can be asked at this address."""
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def _inside() -> OutboundRefused:
    return OutboundRefused(
        "The address is inside a private network. The operator can list it in STEPLADDER_OUTBOUND_ALLOW."
    )


def _is_this_machine(host: str) -> bool:
    name = host.lower().rstrip(".")
    return name in _OF_THIS_MACHINE or name.endswith(".localhost")


def _is_address(host: str) -> bool:
    """Whether a host is an address by the resolver's reading, which knows more spellings than one."""
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True


def _may_be_the_addresss_fault(error: Exception) -> bool:
    """Whether another address of the same name may be reached where this one was not."""
    if isinstance(error, ProxyFailed):
        return (error.refuses or "").startswith("5")
    return not isinstance(error, TlsFailed)


def _soon_given_up(extensions: dict[str, Any]) -> dict[str, Any]:
    timeout = extensions.get("timeout") or {}
    connect = min(timeout.get("connect") or _NEXT_AFTER_SECONDS, _NEXT_AFTER_SECONDS)
    return {**extensions, "timeout": {**timeout, "connect": connect}}


def open_client(
    allowed_origins: Collection[str], *, timeout_seconds: float, route: Route = DIRECT
) -> httpx2.AsyncClient:
    """A client that goes through the door. Close it when done."""
    return httpx2.AsyncClient(
        transport=CheckedTransport(allowed_origins, route),
        timeout=httpx2.Timeout(timeout_seconds, connect=10),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept": "application/json", "User-Agent": "Stepladder"},
    )


async def send(client: httpx2.AsyncClient, request: httpx2.Request) -> tuple[httpx2.Response, bytes]:
    """Send and read the whole answer, bounded in size and time. Raises httpx2's errors and OutboundRefused.

    The request's extension `largest_answer` is a bound of its own, in bytes.
    """
    try:
        # The client's own timeouts are for one step each: an answer that drips never exceeds them.
        async with asyncio.timeout(LONGEST_SECONDS):
            return await _send(client, request)
    except TimeoutError as error:
        raise httpx2.ReadTimeout("The answer took too long as a whole.", request=request) from error


async def _send(client: httpx2.AsyncClient, request: httpx2.Request) -> tuple[httpx2.Response, bytes]:
    at_most = min(request.extensions.get("largest_answer", LARGEST_ANSWER), LARGEST_ANSWER)
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > at_most:
                raise AnswerTooLarge(f"The answer is larger than {at_most:,} bytes.")
        return response, bytes(body)
    finally:
        await response.aclose()
