"""Private authorities, proxies, names with several addresses: each way out works or says in one sentence why not."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.kit.test_outbound import get, resolver
from tests.support.tls import Authority, listening, proxying

from stepladder.connectors.base import ConnectorError, NeedsAttention, TryLater
from stepladder.connectors.halopsa.failures import from_exception
from stepladder.kit import outbound
from stepladder.kit.outbound import NameUnknown, OutboundRefused, ProxyFailed, Route, is_public, open_client
from stepladder.kit.tls import Distrust, TlsFailed
from stepladder.settings import Settings

NAME = "halo.customer.example"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def listed(port: int, host: str = "127.0.0.1") -> str:
    return f"https://{host}:{port}"


def failure(error: httpx2.HTTPError) -> ConnectorError:
    found = from_exception(error, is_write=True)
    assert not getattr(found, "may_have_happened", False), "nothing was sent"
    return found


# Certificates


async def test_a_private_authority_is_trusted_from_its_file_and_not_without_it(authority: Authority) -> None:
    """HALO-16: the file names who is trusted beside the system's authorities; without it the sentence names it."""
    async with listening(authority.server_context("127.0.0.1")) as halo:
        origin = listed(halo.port)
        async with open_client((origin,), timeout_seconds=5) as client:
            with pytest.raises(TlsFailed) as refused:
                await get(client, f"{origin}/api")
        told = failure(refused.value)
        assert isinstance(told, NeedsAttention)
        assert (told.code, told.whole_instance) == ("halopsa_certificate_untrusted", True)
        assert "certificate is not trusted" in told.message
        assert "STEPLADDER_OUTBOUND_CA_FILE" in told.message
        assert halo.asked == []
        async with open_client((origin,), timeout_seconds=5, route=Route(authority.file)) as client:
            assert (await get(client, f"{origin}/api"))[1] == b"{}"


@pytest.mark.parametrize(
    ("name", "is_expired", "why", "code"),
    [
        ("127.0.0.1", True, Distrust.EXPIRED, "halopsa_certificate_expired"),
        ("127.0.0.2", False, Distrust.OTHER_NAME, "halopsa_certificate_name"),
        ("halo.example", False, Distrust.OTHER_NAME, "halopsa_certificate_name"),
    ],
)
async def test_a_certificate_that_has_expired_or_is_anothers_says_so(
    authority: Authority, name: str, is_expired: bool, why: Distrust, code: str
) -> None:
    """HALO-16: not trusted, expired, another's: a code and a sentence each."""
    async with listening(authority.server_context(name, is_expired=is_expired)) as halo:
        origin = listed(halo.port)
        async with open_client((origin,), timeout_seconds=5, route=Route(authority.file)) as client:
            with pytest.raises(TlsFailed) as refused:
                await get(client, f"{origin}/api")
    assert (refused.value.why, failure(refused.value).code) == (why, code)


async def test_what_speaks_no_tls_is_told_to_be_that() -> None:
    """HALO-16: something else behind an https address is no matter of certificates."""

    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    origin = listed(server.sockets[0].getsockname()[1])
    async with open_client((origin,), timeout_seconds=5) as client:
        with pytest.raises(TlsFailed) as failed:
            await get(client, f"{origin}/api")
    server.close()
    assert failure(failed.value).code == "halopsa_no_tls"


async def test_an_authority_is_read_from_the_usual_variable_too(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """HALO-16: SSL_CERT_FILE is what other programs read; ours stands above it, and a wrong one is told at the start."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    assert Settings(data_dir=tmp_path).route.ca_file == authority.file
    monkeypatch.setenv("STEPLADDER_OUTBOUND_CA_FILE", "")
    assert Settings(data_dir=tmp_path).route.ca_file is None
    for wrong in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        (tmp_path / "empty.pem").write_text("nothing")
        with pytest.raises(ValueError, match="file of authorities"):
            Settings(data_dir=tmp_path, outbound_ca_file=wrong)


# Proxies


async def test_a_proxy_is_asked_for_the_address_that_was_checked(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HALO-17: the name is resolved and checked here; the certificate is checked for the name all the same."""
    resolver(monkeypatch, lambda _: ["93.184.216.34"])
    async with (
        listening(authority.server_context(NAME)) as halo,
        proxying(halo.port) as proxy,
        open_client(
            (), timeout_seconds=5, route=Route(authority.file, f"http://127.0.0.1:{proxy.port}")
        ) as client,
    ):
        assert (await get(client, f"https://{NAME}/api"))[1] == b"{}"
    assert proxy.asked[0].startswith(b"CONNECT 93.184.216.34:443 HTTP/1.1\r\n")
    assert f"host: {NAME}\r\n".encode() in halo.asked[0].lower()


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
async def test_a_proxy_leads_no_name_inside(monkeypatch: pytest.MonkeyPatch, inner: str) -> None:
    """HALO-17: a proxy is no way round the check of addresses."""
    resolver(monkeypatch, lambda _: [inner])
    async with proxying(1) as proxy:
        route = Route(proxy=f"http://127.0.0.1:{proxy.port}")
        async with open_client((), timeout_seconds=5, route=route) as client:
            with pytest.raises(OutboundRefused):
                await get(client, f"https://{NAME}/api")
    assert proxy.asked == []


async def test_where_only_the_proxy_knows_names_it_is_asked_for_the_name(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HALO-17: the operator says so by a setting of its own; an address that stands there is checked as ever."""

    def unknown(_: str) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    resolver(monkeypatch, unknown)
    async with listening(authority.server_context(NAME)) as halo, proxying(halo.port) as proxy:
        route = Route(authority.file, f"http://127.0.0.1:{proxy.port}", proxy_resolves=True)
        async with open_client((), timeout_seconds=5, route=route) as client:
            assert (await get(client, f"https://{NAME}/api"))[1] == b"{}"
            monkeypatch.undo()
            for inner in ("127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "localhost.", "[::1]"):
                with pytest.raises((OutboundRefused, httpx2.InvalidURL)):
                    await get(client, f"https://{inner}/api")
    (asked,) = proxy.asked
    assert asked.startswith(f"CONNECT {NAME}:443 HTTP/1.1\r\n".encode())


@pytest.mark.parametrize(
    ("refuses", "code", "is_passing"),
    [
        (b"407 Proxy Authentication Required", "halopsa_proxy_refuses", False),
        (b"403 Forbidden", "halopsa_proxy_refuses", False),
        (b"502 Bad Gateway", "halopsa_proxy_failed", True),
    ],
)
async def test_a_proxy_that_does_not_lead_on_is_named(
    monkeypatch: pytest.MonkeyPatch, refuses: bytes, code: str, is_passing: bool
) -> None:
    """HALO-17: what the proxy says is told as the proxy's."""
    resolver(monkeypatch, lambda _: ["93.184.216.34"])
    async with proxying(refuses=refuses) as proxy:
        route = Route(proxy=f"http://127.0.0.1:{proxy.port}")
        async with open_client((), timeout_seconds=5, route=route) as client:
            with pytest.raises(ProxyFailed) as failed:
                await get(client, f"https://{NAME}/api")
    told = failure(failed.value)
    assert (told.code, isinstance(told, TryLater)) == (code, is_passing)
    assert refuses[:3].decode() in told.message


async def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """HALO-17: nobody listens at the proxy's address."""
    resolver(monkeypatch, lambda _: ["93.184.216.34"])
    async with proxying() as proxy:
        gone = proxy.port
    async with open_client((), timeout_seconds=5, route=Route(proxy=f"http://127.0.0.1:{gone}")) as client:
        with pytest.raises(ProxyFailed) as failed:
            await get(client, f"https://{NAME}/api")
    assert failure(failed.value).code == "halopsa_proxy_unreachable"


async def test_plain_http_and_excepted_hosts_take_no_proxy() -> None:
    """HALO-17: a HaloPSA of one's own network is reached without it."""
    proxy = "http://proxy.example:3128"
    route = Route(proxy=proxy, no_proxy=("halo.inside.example", ".lan", "10.0.0.5"))
    for url, taken in {
        "https://example.halopsa.com/": proxy,
        "http://example.halopsa.com/": None,
        "https://halo.inside.example/": None,
        "https://a.halo.inside.example/": None,
        "https://xhalo.inside.example/": proxy,
        "https://HALO.lan./": None,
        "https://10.0.0.5/": None,
    }.items():
        assert route.proxy_for(httpx2.URL(url)) == taken, url
    assert Route(proxy=proxy, no_proxy=("*",)).proxy_for(httpx2.URL("https://example.com")) is None


async def test_the_usual_variables_of_a_proxy_are_read_and_a_wrong_one_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """HALO-17: HTTPS_PROXY and NO_PROXY, with settings of our own above them."""
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "localhost, .lan")
    found = Settings(data_dir=tmp_path)
    assert (found.outbound_proxy, found.outbound_no_proxy) == (
        "http://proxy.example:3128",
        ("localhost", ".lan"),
    )
    assert "proxy.example" not in repr(found)
    monkeypatch.setenv("STEPLADDER_OUTBOUND_PROXY", "")
    assert Settings(data_dir=tmp_path).route.proxy is None
    with pytest.raises(ValueError, match="not an address") as refused:
        Settings(data_dir=tmp_path, outbound_proxy="socks5://me:hidden@proxy.example")
    (error,) = refused.value.errors(include_input=False)  # type: ignore[attr-defined]  # pydantic's
    assert "hidden" not in str(error["msg"])


# Several addresses


async def test_the_next_address_of_a_name_is_tried_where_one_does_not_connect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """HALO-18: the second of two answers, and comes first from then on."""
    tried: list[str] = []
    connect = asyncio.get_running_loop().sock_connect

    async def counted(self: Any, sock: socket.socket, address: Any) -> None:
        tried.append(address[0])
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError
        await connect(sock, address)

    asked = resolver(monkeypatch, lambda _: ["127.0.0.9", "127.0.0.1"])
    monkeypatch.setattr(type(asyncio.get_running_loop()), "sock_connect", counted)
    async with listening() as halo:
        origin = f"http://{NAME}:{halo.port}"
        async with open_client((origin,), timeout_seconds=5) as client:
            for _ in range(2):
                assert (await get(client, f"{origin}/api"))[1] == b"{}"
            monkeypatch.setattr(outbound, "_RESOLVED_FOR_SECONDS", 0.0)
            await get(client, f"{origin}/api")
    assert tried[:2] == ["127.0.0.9", "127.0.0.1"]
    assert set(tried[2:]) == {"127.0.0.1"}
    assert len(asked) == 2


async def test_all_addresses_are_checked_before_the_first_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """HALO-18: a name of which a later address leads inside is not called at all."""
    tried: list[str] = []

    async def connect(self: Any, sock: socket.socket, address: Any) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    resolver(monkeypatch, lambda _: ["93.184.216.34", "192.168.0.1"])
    monkeypatch.setattr(type(asyncio.get_running_loop()), "sock_connect", connect)
    async with open_client((), timeout_seconds=5) as client:
        with pytest.raises(OutboundRefused):
            await get(client, f"https://{NAME}/api")
        resolver(monkeypatch, lambda _: ["93.184.216.34", "1.1.1.1"])
        with pytest.raises(httpx2.ConnectError) as failed:
            await get(client, f"https://{NAME}/api")
    assert tried == ["93.184.216.34", "1.1.1.1"]
    told = failure(failed.value)
    assert (told.code, "nothing accepts connections" in told.message) == ("halopsa_unreachable", True)


async def test_a_name_that_nobody_knows_is_told_to_be_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """HALO-16: name, address, certificate, proxy, refusal: a sentence for each."""

    def unknown(_: str) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    resolver(monkeypatch, unknown)
    async with open_client((), timeout_seconds=5) as client:
        with pytest.raises(NameUnknown) as failed:
            await get(client, f"https://{NAME}/api")
    assert failure(failed.value).code == "halopsa_name_unknown"


# Names of this machine


@pytest.mark.parametrize(
    "host", ["localhost", "localhost.", "ip6-localhost", "IP6-Loopback.", "a.localhost", "127.0.0.1"]
)
async def test_every_name_of_this_machine_is_refused_in_one_sentence(host: str) -> None:
    """SEC-28: whether the resolver knows such a name makes no difference."""
    async with open_client((), timeout_seconds=5) as client:
        with pytest.raises(OutboundRefused, match="inside a private network"):
            await get(client, f"https://{host}/api")


def test_a_clouds_platform_address_is_not_public() -> None:
    """SEC-28: one cloud reaches its machines from a public-looking address."""
    assert not is_public("168.63.129.16")
    assert not is_public("::ffff:168.63.129.16")
    assert is_public("168.63.129.17")


# What is read of an answer


async def test_no_answer_is_taken_into_memory_whole_before_its_bound() -> None:
    """TEST-09: a server that sends without end could send little more than the bound."""
    sent = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while sent < 512 * 1024 * 1024:
                writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
                await writer.drain()
                sent += 0x10000
        except ConnectionError:
            pass
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with open_client((origin,), timeout_seconds=5) as client:
        request = client.build_request("GET", origin, extensions={"largest_answer": 1024 * 1024})
        with pytest.raises(outbound.AnswerTooLarge):
            await outbound.send(client, request)
    server.close()
    # The bound, and what the system's buffers hold.
    assert sent < 64 * 1024 * 1024
