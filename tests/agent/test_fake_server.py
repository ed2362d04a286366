"""The fake server keeps the promises that the agent's tests lean on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.agent.fake_server import FakeServer

from stepladder_protocol import ENDPOINT_API, keys, signing
from stepladder_protocol.grants import arguments_digest, verify_grant
from stepladder_protocol.messages import RequestState, SignedGrant

from .fake_server import ISSUER, TOKEN, Cut, Hold, Html, Status

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ASK = {
    "idempotency_key": "k" * 20,
    "requester": {"user": "ada"},
    "program": {"name": "tool", "path": "/usr/bin/tool", "arguments": ["-x"], "sha256": "ab" * 32, "size": 9},
}


class Endpoint:
    """A hand-written endpoint: it knows the wire and nothing of the agent."""

    def __init__(self, server: Any) -> None:
        self.server, self.id = server, keys.key_id(KEY.public_key())

    def call(self, method: Any, path: Any, body: Any = None, key: Any = KEY, **overrides: Any) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        url = self.server.url + ENDPOINT_API + path
        headers = signing.sign(method=method, url=url, body=content, key=key, key_id=self.id)
        return httpx2.request(method, url, content=content, headers={**headers, **overrides})

    def enrol(self, token: Any = TOKEN) -> Any:
        body = {
            "token": token,
            "public_key": keys.public_key_text(KEY),
            "endpoint_name": "DESK-1",
            "operating_system": "Debian",
            "agent_version": "1",
        }
        answer = self.call("POST", "/enrol", body)
        if answer.is_success:
            self.id = answer.json()["endpoint_id"]
        return answer


@pytest.fixture
def endpoint(server: FakeServer) -> Endpoint:
    endpoint = Endpoint(server)
    assert endpoint.enrol().status_code == 201
    return endpoint


@pytest.fixture
def request_id(endpoint: Endpoint) -> str:
    return str(endpoint.call("POST", "/elevation-requests", ASK).json()["request_id"])


def test_an_enrolment_token_is_good_for_one_key_and_for_that_key_again(server: FakeServer) -> None:
    first, again = Endpoint(server), Endpoint(server)

    assert first.enrol().status_code == 201
    assert again.enrol().status_code == 201
    assert first.id == again.id
    assert Endpoint(server).call("GET", "/endpoint").status_code == 401


def test_a_wrong_token_is_refused_as_a_problem(server: FakeServer) -> None:
    answer = Endpoint(server).enrol("wrong-token-0123456789")

    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "token_refused"


def test_an_unsigned_altered_foreign_or_repeated_message_is_refused(
    server: FakeServer, endpoint: Endpoint
) -> None:
    url = server.url + ENDPOINT_API + "/endpoint"
    headers = signing.sign(method="GET", url=url, body=b"", key=KEY, key_id=endpoint.id)

    assert httpx2.get(url).status_code == 401
    assert httpx2.get(url + "?x=1", headers=headers).status_code == 401
    assert endpoint.call("GET", "/endpoint", key=Ed25519PrivateKey.generate()).status_code == 401
    assert httpx2.get(url, headers=headers).status_code == 200
    assert httpx2.get(url, headers=headers).json()["code"] == "signature_refused"


def test_its_clock_moves_what_it_tells_and_what_it_accepts(server: FakeServer, endpoint: Endpoint) -> None:
    before = endpoint.call("GET", "/endpoint")
    server.clock_ahead = timedelta(seconds=121)
    after = endpoint.call("GET", "/endpoint")

    assert (before.status_code, after.status_code) == (200, 401)
    assert before.headers["date"] != after.headers["date"]


def test_one_idempotency_key_is_one_request(server: FakeServer, endpoint: Endpoint) -> None:
    first = endpoint.call("POST", "/elevation-requests", ASK)
    again = endpoint.call("POST", "/elevation-requests", ASK)
    other = endpoint.call("POST", "/elevation-requests", {**ASK, "reason": "another body"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    assert other.json()["code"] == "idempotency_key_reused"
    assert len(server.requests) == 1


def test_an_equal_request_joins_the_one_that_waits(
    server: FakeServer, endpoint: Endpoint, request_id: str
) -> None:
    [asked] = server.requests.values()
    repeat = {**asked.body.model_dump(mode="json"), "idempotency_key": "j" * 20, "reason": "again"}
    joined = endpoint.call("POST", "/elevation-requests", repeat)
    other = endpoint.call("POST", "/elevation-requests", {**repeat, "reason": "another body"})
    server.decide(request_id, RequestState.DENIED)
    later = endpoint.call("POST", "/elevation-requests", repeat)
    anew = endpoint.call("POST", "/elevation-requests", {**repeat, "idempotency_key": "n" * 20})

    assert (joined.status_code, joined.json()["request_id"]) == (200, request_id)
    assert (other.status_code, later.json()["state"], anew.status_code) == (409, "denied", 201)


def test_a_poll_waits_for_the_decision_and_the_first_decision_stands(
    server: FakeServer, endpoint: Endpoint, request_id: str
) -> None:
    path = f"/elevation-requests/{request_id}"
    assert endpoint.call("GET", path).json()["state"] == "pending"

    server.decide(request_id, RequestState.DENIED)
    server.decide(request_id, RequestState.APPROVED)

    assert endpoint.call("GET", path + "?wait=50").json()["state"] == "denied"
    assert endpoint.call("POST", path + "/cancel").json()["state"] == "denied"
    assert endpoint.call("GET", path + "/grant").status_code == 409


def test_a_cancelled_request_stays_cancelled(server: FakeServer, endpoint: Endpoint, request_id: str) -> None:
    path = f"/elevation-requests/{request_id}/cancel"

    assert endpoint.call("POST", path).json()["state"] == "cancelled"
    assert endpoint.call("POST", path).json()["state"] == "cancelled"


def test_an_approval_gives_the_same_verifiable_grant_each_time(
    server: FakeServer, endpoint: Endpoint, request_id: str
) -> None:
    server.decide(request_id, RequestState.APPROVED)
    one, other = (endpoint.call("GET", f"/elevation-requests/{request_id}/grant") for _ in range(2))

    grant = verify_grant(
        SignedGrant.model_validate_json(one.content, strict=True),
        pinned_keys={server.kid: server.grant_key.public_key()},
        audience=endpoint.id,
        issuer=ISSUER,
        request_id=request_id,
        now=server.now(),
    )
    assert one.content == other.content
    assert grant.arguments_sha256 == arguments_digest(["-x"])


def test_another_endpoints_request_is_not_found(
    server: FakeServer, endpoint: Endpoint, request_id: str
) -> None:
    server.requests[request_id].endpoint_id = "ep-someone-else"

    assert endpoint.call("GET", f"/elevation-requests/{request_id}").status_code == 404


def test_a_cut_answer_comes_after_the_work(server: FakeServer, endpoint: Endpoint) -> None:
    server.next_time("submit", Cut())

    with pytest.raises(httpx2.RemoteProtocolError):
        endpoint.call("POST", "/elevation-requests", ASK)

    assert len(server.requests) == 1


@pytest.mark.parametrize(("fault", "status"), [(Status(503), 503), (Html(), 200)])
def test_a_failing_answer_comes_instead_of_the_work_and_once(
    server: FakeServer, endpoint: Endpoint, fault: Status | Html, status: int
) -> None:
    server.next_time("submit", fault)

    assert endpoint.call("POST", "/elevation-requests", ASK).status_code == status
    assert server.requests == {}
    assert endpoint.call("POST", "/elevation-requests", ASK).status_code == 201


def test_a_held_call_goes_on_when_released(server: FakeServer, endpoint: Endpoint) -> None:
    hold = Hold(after_work=False)
    server.next_time("submit", hold)
    server.release(hold)

    assert endpoint.call("POST", "/elevation-requests", ASK).status_code == 201


def test_what_is_waited_for_in_vain_is_an_error(server: FakeServer) -> None:
    with pytest.raises(TimeoutError):
        server.wait_for(lambda: False, seconds=0.01)
