"""Requests generated from the API's own description: no crash, no answer of another shape, for any sender.

`STEPLADDER_FUZZ_EXAMPLES` sets how many there are for each operation, kind of data and kind of caller.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, strategies as st
from hypothesis.errors import Unsatisfiable
from requests.auth import AuthBase
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.support.hypothesis_profile import as_described
from tests.support.installations import settings_in
from tests.support.tenants import Tenant
from tests.support.web import KEY_HEADER, PROBLEM, ThreadedWeb, threaded_web

from stepladder import server
from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.service import KeyAction
from stepladder.app import DatabaseUrls
from stepladder.endpoints import service as endpoints
from stepladder.web.application import openapi
from stepladder_protocol import ENDPOINT_API, keys, signing
from stepladder_protocol.messages import ElevationKind

EXAMPLES = int(os.environ.get("STEPLADDER_FUZZ_EXAMPLES", "25"))
NAME = "Northwind Traders"


@pytest.fixture(scope="module")
def served(urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedWeb]:
    """The application, which lets nobody wait long."""
    settings = settings_in(tmp_path_factory.mktemp("fuzz"), long_poll_seconds=0.02)
    with threaded_web(settings, urls) as running:
        yield running


class Signing(AuthBase):
    """Signs what is about to be sent: with an enrolled machine's key, or a new one's where it enrols."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._new = Ed25519PrivateKey.generate()
        self.new_public_key = keys.public_key_text(self._new)

    def __call__(self, prepared: Any) -> Any:
        content = prepared.body or b""
        is_new = prepared.path_url.startswith(f"{ENDPOINT_API}/enrol")
        headers = signing.sign(
            method=prepared.method,
            url=f"http://{self._tenant.msp.host}{prepared.path_url}",
            body=content.encode() if isinstance(content, str) else content,
            key=self._new if is_new else self._tenant.desktop.key,
            key_id=keys.key_id(self._new.public_key()) if is_new else self._tenant.desktop.id,
        )
        prepared.headers.update(headers)
        return prepared


async def key_for_everything(tenant: Tenant) -> str:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        _, text = await inbound_keys.create_key(
            tx,
            name="everything",
            actions=list(KeyAction),
            modes=list(ElevationKind),
        )
    return text


async def known_things(tenant: Tenant) -> tuple[list[str], str]:
    """Ids of requests in every state, and a token; for a part of the cases, so that they come further."""
    pending, approved, cancelled = [await tenant.submit() for _ in range(3)]
    await tenant.decide(approved.request_id)
    actor = endpoints.actor_for(tenant.msp.id, tenant.desktop.endpoint.id)
    await tenant.services.elevation.cancel(actor, tenant.desktop.endpoint.id, cancelled.request_id)  # type: ignore[arg-type]
    async with tenant.services.db.transaction(tenant.operator) as tx:
        token = await endpoints.create_token(tx, tenant.customer, lifetime=timedelta(days=1))
    return [pending.request_id, approved.request_id, cancelled.request_id], token


def bring_further(case: Any, token: str, public_key: str, request_id: str) -> None:
    """Put what exists where the description can only say what it looks like."""
    if "request_id" in (case.path_parameters or {}):
        case.path_parameters["request_id"] = request_id
    if isinstance(case.body, dict):
        for name, value in (
            ("idemeumElevationRequestId", request_id),
            ("idemeumCustomerName", NAME),
            ("customerDisplayName", NAME),
            ("token", token),
            ("public_key", public_key),
        ):
            if name in case.body:
                case.body[name] = value


def assert_well_formed(response: Any) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.headers["content-type"] == [PROBLEM]
        found = response.json()
        assert {"type", "title", "status", "code", "detail"} <= found.keys()
        assert found["status"] == response.status_code
        assert len(response.content) < 2000


@pytest.mark.parametrize("authentic", [False, True], ids=["stranger", "known caller"])
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_generated_request_is_answered_as_described(
    served: ThreadedWeb, mode: GenerationMode, authentic: bool
) -> None:
    tenant = served.tenant
    schema = schemathesis.openapi.from_dict(openapi(server.application(tenant.services)))
    schema.config.update(base_url=served.web.url)
    text = served.run(key_for_everything(tenant)) if authentic else None
    ids, token = served.run(known_things(tenant))
    statuses: dict[str, Counter[int]] = {}
    signer = Signing(tenant)
    session = requests.Session()
    session.trust_env = False

    def play(operation: Any) -> None:
        seen = statuses.setdefault(operation.label, Counter())
        is_endpoint = "/endpoint/" in operation.path
        headers = {"Host": tenant.msp.host}
        if text and not is_endpoint:
            headers[KEY_HEADER] = text

        @as_described(EXAMPLES)
        @given(
            case=operation.as_strategy(generation_mode=mode),
            further=st.booleans(),
            which=st.sampled_from(ids),
        )
        def run(case: Any, further: bool, which: str) -> None:
            if further:
                bring_further(case, token, signer.new_public_key, which)
            began = time.monotonic()
            response = case.call(
                session=session, headers=headers, auth=signer if authentic and is_endpoint else None
            )
            assert time.monotonic() - began < 20
            seen[response.status_code] += 1
            assert_well_formed(response)
            case.validate_response(
                response,
                checks=[status_code_conformance, content_type_conformance, response_schema_conformance],
            )

        try:
            run()
        except Unsatisfiable:
            # Nothing can be wrong about a message in which nothing can be said.
            described = operation.definition.raw
            assert mode is GenerationMode.NEGATIVE
            assert not described.get("parameters")
            assert "requestBody" not in described

    played = 0
    for result in schema.get_all_operations():
        play(result.ok())
        played += 1
    session.close()
    assert played == sum(len(methods) for methods in schema.raw_schema["paths"].values())
    met = {status for seen in statuses.values() for status in seen}
    if not authentic:
        assert met <= {400, 401, 413}
    elif mode is GenerationMode.POSITIVE:
        assert met >= {200, 201, 400, 404, 409}  # it came far enough to mean something
