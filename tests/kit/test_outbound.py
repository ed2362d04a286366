"""Threat T11: no saved address makes the service call into its own network, or go where it was not sent."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

import httpx2
import pytest
from hypothesis import given, strategies as st

from stepladder.kit import outbound
from stepladder.kit.outbound import OutboundRefused, is_public, open_client, origin_of, send

INNER = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",  # a cloud's metadata service
    "169.254.169.254",  # most clouds' metadata service
    "169.254.170.2",
    "192.0.0.192",  # another cloud's metadata service
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::10.0.0.1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",  # a cloud's metadata service over IPv6
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = [
    "93.184.216.34",
    "1.1.1.1",
    "192.1.0.1",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:93.184.216.34",
    "64:ff9b::93.184.216.34",
]

# Other ways to write such an address where a host stands. The machine's own resolver reads most of them.
SPELLINGS = [
    "127.1",
    "127.0.1",
    "0",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0x7f.1",
    "127.0.0.1.",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "169.254.43518",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::1]",
    "[::]",
    "[fe80::1]",
]


@dataclass
class Listener:
    """A server on the loopback that tells whether a call came, and what was asked of it."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    drip: bool = False


@asynccontextmanager
async def listening(**how: Any) -> AsyncIterator[Listener]:
    found = Listener(**how)
    writers: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        writers.append(writer)
        try:
            found.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(found.answer)
            await writer.drain()
            while found.drip:
                writer.write(b"1\r\nx\r\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        found.drip = False
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0)


Answers = Callable[[str], list[str]]


def resolver(monkeypatch: pytest.MonkeyPatch, answers: Answers) -> list[str]:
    """A name server of the test's own behind the loop's resolver; gives the list of names it was asked for."""
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in answers(host)
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


async def get(client: httpx2.AsyncClient, url: str) -> tuple[httpx2.Response, bytes]:
    return await send(client, client.build_request("GET", url))


@pytest.mark.parametrize("address", INNER)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_public(address: Any) -> None:
    if address.version == 6 and (address.ipv4_mapped or address in ip_network("64:ff9b::/96")):
        return  # judged by the address within
    if (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
    ):
        assert not is_public(str(address))


@given(st.ip_addresses(v=4))
def test_an_address_within_an_ipv6_one_is_judged_as_itself(address: Any) -> None:
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(str(ip_address(wrapped))) == is_public(str(address))


async def test_no_spelling_of_an_inner_address_is_called() -> None:
    async with listening() as inner, open_client((), timeout_seconds=5) as client:
        for host in [
            *SPELLINGS,
            *(f"[{each}]" if ":" in each else each for each in INNER if "%" not in each),
        ]:
            with pytest.raises((OutboundRefused, httpx2.ConnectError, httpx2.InvalidURL)):
                await get(client, f"https://{host}:{inner.port}/api")
        assert inner.connections == 0


async def test_a_refusal_names_no_inner_address() -> None:
    async with open_client((), timeout_seconds=5) as client:
        with pytest.raises(OutboundRefused) as refusal:
            await get(client, "https://169.254.169.254/latest/meta-data")
    assert "169" not in str(refusal.value)
    assert "STEPLADDER_OUTBOUND_ALLOW" in str(refusal.value)


@pytest.mark.parametrize("address", INNER)
async def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    asked = resolver(monkeypatch, lambda _: [address])
    async with open_client((), timeout_seconds=5) as client:
        with pytest.raises(OutboundRefused):
            await get(client, "https://halo.customer.example/api")
    assert asked == ["halo.customer.example"]


async def test_a_name_of_which_one_address_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for addresses in (
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
        ["93.184.216.34", "::1"],
    ):
        resolver(monkeypatch, lambda _, found=addresses: found)
        async with open_client((), timeout_seconds=5) as client:
            with pytest.raises(OutboundRefused):
                await get(client, "https://halo.customer.example/api")


async def test_a_name_that_changes_between_check_and_call_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Public when it is checked, inner ever after: the call goes to the address that was checked."""
    called: list[str] = []

    async def connect(self: Any, sock: socket.socket, address: Any) -> None:
        called.append(address[0])
        raise ConnectionRefusedError

    loop = asyncio.get_running_loop()
    turns = iter([["93.184.216.34"]])
    asked = resolver(monkeypatch, lambda _: next(turns, ["127.0.0.1"]))
    async with listening() as inner, open_client((), timeout_seconds=5) as client:
        monkeypatch.setattr(type(loop), "sock_connect", connect)
        for _ in range(3):
            with pytest.raises(httpx2.ConnectError):
                await get(client, f"https://halo.customer.example:{inner.port}/api")
        assert inner.connections == 0
    assert set(called) == {"93.184.216.34"}
    assert asked == ["halo.customer.example"]  # it is not even asked for again within the half minute


async def test_after_the_check_is_old_the_name_is_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter([["93.184.216.34"]])
    resolver(monkeypatch, lambda _: next(turns, ["127.0.0.1"]))
    monkeypatch.setattr(outbound, "_RESOLVED_FOR_SECONDS", 0.0)

    async def connect(self: Any, sock: socket.socket, address: Any) -> None:
        raise ConnectionRefusedError

    async with open_client((), timeout_seconds=5) as client:
        monkeypatch.setattr(type(asyncio.get_running_loop()), "sock_connect", connect)
        with pytest.raises(httpx2.ConnectError):
            await get(client, "https://halo.customer.example/api")
        with pytest.raises(OutboundRefused):
            await get(client, "https://halo.customer.example/api")


async def test_plain_http_is_refused_unless_the_very_origin_is_listed() -> None:
    async with listening() as inner:
        here = f"http://127.0.0.1:{inner.port}"
        for listed in (
            (),
            ("http://127.0.0.1:1",),
            (f"https://127.0.0.1:{inner.port}",),
            (f"http://localhost:{inner.port}",),
        ):
            async with open_client(listed, timeout_seconds=5) as client:
                with pytest.raises(OutboundRefused):
                    await get(client, f"{here}/api")
        assert inner.connections == 0
        async with open_client((here,), timeout_seconds=5) as client:
            assert (await get(client, f"{here}/api"))[1] == b"{}"
        assert inner.connections == 1


async def test_a_listed_origin_may_be_written_in_capitals_and_with_its_default_port() -> None:
    assert origin_of("HTTPS://Halo.Customer.Example:443") == "https://halo.customer.example"
    async with (
        listening() as inner,
        open_client((f"HTTP://LOCALHOST:{inner.port}",), timeout_seconds=5) as client,
    ):
        assert (await get(client, f"http://localhost:{inner.port}/api"))[0].status_code == 200


async def test_a_listed_origin_lends_nothing_to_another_scheme_of_its_host() -> None:
    async with (
        listening() as inner,
        open_client((f"http://127.0.0.1:{inner.port}",), timeout_seconds=5) as client,
    ):
        assert (await get(client, f"http://127.0.0.1:{inner.port}/"))[0].status_code == 200
        with pytest.raises(OutboundRefused):
            await get(client, f"https://127.0.0.1:{inner.port}/")
        assert inner.connections == 1


async def test_the_call_names_the_host_and_not_the_address_it_went_to() -> None:
    async with (
        listening() as inner,
        open_client((f"http://localhost:{inner.port}",), timeout_seconds=5) as client,
    ):
        await get(client, f"http://localhost:{inner.port}/api?x=1")
        (request,) = inner.requests
    assert request.startswith(b"GET /api?x=1 HTTP/1.1\r\n")
    assert f"host: localhost:{inner.port}\r\n".encode() in request.lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    async with listening() as elsewhere:
        answer = f"HTTP/1.1 {status} Moved\r\nLocation: http://127.0.0.1:{elsewhere.port}/\r\nContent-Length: 0\r\n\r\n"
        async with listening(answer=answer.encode()) as inner:
            origins = (f"http://127.0.0.1:{inner.port}", f"http://127.0.0.1:{elsewhere.port}")
            async with open_client(origins, timeout_seconds=5) as client:
                response, _ = await get(client, f"{origins[0]}/api")
            assert response.status_code == status
        assert elsewhere.connections == 0


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as proxy, listening() as inner:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        here = f"http://127.0.0.1:{inner.port}"
        async with open_client((here,), timeout_seconds=5) as client:
            await get(client, f"{here}/")
        assert (proxy.connections, inner.connections) == (0, 1)


async def test_an_answer_larger_than_the_bound_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "LARGEST_ANSWER", 10_000)
    packed = gzip.compress(bytes(1_000_000))
    assert len(packed) < 10_000
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n" + b"x" * 10_001,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2711\r\n" + b"x" * 0x2711 + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed,
    ]
    for answer in answers:
        async with listening(answer=answer) as inner:
            here = f"http://127.0.0.1:{inner.port}"
            async with open_client((here,), timeout_seconds=5) as client:
                with pytest.raises(httpx2.RemoteProtocolError):
                    await get(client, f"{here}/")
    async with listening(answer=b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + b"x" * 10_000) as inner:
        here = f"http://127.0.0.1:{inner.port}"
        async with open_client((here,), timeout_seconds=5) as client:
            assert len((await get(client, f"{here}/"))[1]) == 10_000


async def test_an_answer_that_drips_is_given_up_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is quick enough for the client's own timeouts."""
    monkeypatch.setattr(outbound, "LONGEST_SECONDS", 0.3)
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with listening(answer=answer, drip=True) as inner:
        here = f"http://127.0.0.1:{inner.port}"
        async with open_client((here,), timeout_seconds=5) as client:
            with pytest.raises(httpx2.ReadTimeout):
                await get(client, f"{here}/")


@pytest.mark.parametrize("host", ["nobody.invalid", "x" * 64 + ".example", "a..b", "."])
async def test_a_name_that_cannot_be_is_a_failed_call_and_no_surprise(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    if host == "nobody.invalid":

        async def getaddrinfo(*_: Any, **__: Any) -> Any:
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    async with open_client((), timeout_seconds=5) as client:
        with pytest.raises((httpx2.ConnectError, httpx2.InvalidURL)):
            await get(client, f"https://{host}/api")


@pytest.mark.parametrize(
    "url", ["ftp://halo.example/", "file:///etc/passwd", "gopher://127.0.0.1/", "data:,x", "//halo.example"]
)
async def test_another_scheme_is_refused(url: str) -> None:
    async with open_client((), timeout_seconds=5) as client:
        with pytest.raises((OutboundRefused, httpx2.UnsupportedProtocol)):
            await get(client, url)
