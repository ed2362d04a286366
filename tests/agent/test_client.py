"""One signed attempt at a time, sorted into answer, refusal or "try again", and nothing taken on trust."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.agent.fake_server import FakeServer

from stepladder_agent import enrolment
from stepladder_agent.client import LARGEST_ANSWER, Client
from stepladder_agent.clock import ServerClock
from stepladder_agent.errors import RefusedByServer, ServerNotTrusted, TryAgain
from stepladder_agent.files import StateDirectory

from .fake_server import Cut, Hold, Status


@pytest.fixture
def client(enrolled: str, state_dir: Path) -> Iterator[Client]:
    ours = enrolment.load(StateDirectory(state_dir))
    with Client(ours.server, key=ours.key(), key_id=ours.endpoint_id) as client:
        yield client


def test_every_attempt_is_signed_anew_so_that_none_is_a_replay(client: Client, server: FakeServer) -> None:
    server.next_time("endpoint", Cut())
    with pytest.raises(TryAgain, match="connection to the server broke"):
        client.endpoint()

    assert client.endpoint().customer == "Contoso"
    assert server.calls[-1] == ("endpoint", 200)


def test_plain_http_to_this_machine_never_goes_through_a_proxy(
    client: Client, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    ours = enrolment.load(StateDirectory(state_dir))

    with Client(ours.server, key=ours.key(), key_id=ours.endpoint_id) as fresh:
        assert fresh.endpoint().customer == "Contoso"


def test_an_endless_answer_is_cut_off(client: Client, server: FakeServer) -> None:
    server.next_time("endpoint", Status(200, body="x" * (LARGEST_ANSWER + 1)))

    with pytest.raises(TryAgain, match="longer than one of a Stepladder server"):
        client.endpoint()


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_is_for_trying_again(client: Client, server: FakeServer, code: int) -> None:
    server.next_time("endpoint", Status(code))

    with pytest.raises(TryAgain, match=str(code)):
        client.endpoint()


def test_why_the_server_asks_to_wait_is_passed_on(client: Client, server: FakeServer) -> None:
    problem = {
        "title": "t",
        "status": 429,
        "code": "too_many_pending",
        "detail": "Ten requests wait already.",
    }
    server.next_time("endpoint", Status(429, body=json.dumps(problem)))

    with pytest.raises(TryAgain, match="Ten requests wait already"):
        client.endpoint()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), ("7", 7), ("999999999", 3600), ("soon", None), ("-1", None), ("1.5", None)],
)
def test_retry_after_in_seconds_is_read_and_held_in_bounds(
    client: Client, server: FakeServer, header: str, seconds: int | None
) -> None:
    server.next_time("endpoint", Status(503, {"retry-after": header}))

    with pytest.raises(TryAgain) as trouble:
        client.endpoint()

    assert trouble.value.after == seconds


@pytest.mark.parametrize(("ahead", "least", "most"), [(90, 88, 91), (-90, 0, 0), (99999, 3600, 3600)])
def test_retry_after_as_a_date_is_measured_by_the_servers_own_clock(
    client: Client, server: FakeServer, ahead: int, least: int, most: int
) -> None:
    server.clock_ahead = timedelta(days=3)
    date = format_datetime((server.now() + timedelta(seconds=ahead)).replace(microsecond=0), usegmt=True)
    server.next_time("endpoint", Status(503, {"retry-after": date}))

    with pytest.raises(TryAgain) as trouble:
        client.endpoint()

    assert least <= (trouble.value.after or 0) <= most


@pytest.mark.parametrize("request_id", ["../enrol", "a/b", "a?x=1", "ä", "%2e%2e", "\r\nHost: evil"])
def test_a_request_id_cannot_lead_to_another_route(
    client: Client, server: FakeServer, request_id: str
) -> None:
    with pytest.raises(RefusedByServer) as refused:
        client.cancel(request_id)

    assert refused.value.status in (401, 404, 405)
    assert {route for route, _ in server.calls} <= {"enrol", "cancel"}


def self_signed(tmp_path: Any) -> Any:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_certificate_nobody_vouches_for_is_refused_and_named(client: Client, tmp_path: Path) -> None:
    """USE-13: in plain words, and nothing is tried again: it would not help."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        origin = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with (
            Client(origin, key=client._key, key_id="ep-1") as strict,
            pytest.raises(ServerNotTrusted) as refused,
        ):
            strict.endpoint()
        thread.join()
    place = origin.removeprefix("https://")
    assert str(refused.value) == (
        f"The certificate of the server at {place} is not trusted by this machine. Ask your administrator."
    )


def test_where_nothing_answers_is_said_without_the_system_s_words(client: Client) -> None:
    """USE-13: no errno, no library, no class name reaches a person."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for origin, told in {
        f"http://127.0.0.1:{port}": f"Nothing answers at 127.0.0.1:{port}.",
        "https://no-such-host.invalid": (
            "No address is known for no-such-host.invalid. Is its name right, and is this machine on the network?"
        ),
    }.items():
        with Client(origin, key=client._key, key_id="ep-1") as lost, pytest.raises(TryAgain) as trouble:
            lost.endpoint()
        assert str(trouble.value) == told


def test_a_call_that_takes_long_is_no_jump_of_a_clock(client: Client, server: FakeServer) -> None:
    """USE-01: where a server or a proxy dates its answer when the call comes, the agent allows for the call's duration."""
    began, passed, jumps = datetime.now(UTC), [0.0], list[timedelta]()
    server.now = lambda: began  # type: ignore[method-assign]  # every answer bears the date of the first call
    clock = ServerClock(
        jumps.append, local=lambda: began + timedelta(seconds=passed[0]), monotonic=lambda: passed[0]
    )
    held = Hold(after_work=False)
    with Client(client.server, key=client._key, key_id=client._key_id, clock=clock) as patient:
        patient.endpoint()
        server.next_time("endpoint", held)
        waiting = threading.Thread(target=patient.endpoint)
        waiting.start()
        server.wait_for(lambda: ("held before", 0) in server.calls)
        passed[0] = 50.0
        server.release(held)
        waiting.join()

    now = clock.now()
    assert jumps == []
    assert now is not None
    assert abs(now - began - timedelta(seconds=50)) <= timedelta(seconds=1)


def test_closing_the_client_closes_its_connections(client: Client) -> None:
    client.endpoint()
    client.__exit__(None, None, None)

    with pytest.raises(RuntimeError):
        client._http.get("http://127.0.0.1")
    assert isinstance(client._http, httpx2.Client)
