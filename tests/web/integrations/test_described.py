"""The wider calls are described as they are: generated requests about things that exist, answered as described.

`tests/web/test_fuzz.py` plays every operation with strangers and known callers; here the names and ids in the addresses
are those of real customers, so that the calls come all the way.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from fastapi.openapi.utils import get_openapi
from hypothesis import given, strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.support.hypothesis_profile import as_described
from tests.support.installations import settings_in
from tests.support.integrations import CALLS, key_with, staff
from tests.support.web import KEY_HEADER, PROBLEM, ThreadedWeb, threaded_web

from stepladder import server
from stepladder.access_keys.service import KeyAction
from stepladder.app import DatabaseUrls
from stepladder.tenancy.service import Customer
from stepladder.tenancy.technicians import Role
from stepladder.web.application import openapi
from stepladder_protocol.messages import ElevationKind

EXAMPLES = int(os.environ.get("STEPLADDER_FUZZ_EXAMPLES", "15"))
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
RITA = "rita@nikpot.example"


@pytest.fixture(scope="module")
def served(urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedWeb]:
    with threaded_web(settings_in(tmp_path_factory.mktemp("described")), urls) as running:
        yield running


def test_every_call_is_described_with_its_media_types(served: ThreadedWeb) -> None:
    described = openapi(server.application(served.tenant.services))["paths"]
    for (method, path), (_, takes, gives) in CALLS.items():
        call = described[path][method.lower()]
        assert list(call.get("requestBody", {}).get("content", {})) == ([takes] if takes else [])
        (done,) = [answer for status, answer in call["responses"].items() if status.startswith("2")]
        assert gives is None or gives in done["content"]
        assert call["security"] == [{"inboundKey": []}]


def test_no_schema_of_one_api_takes_the_name_of_another(served: ThreadedWeb) -> None:
    app = server.application(served.tenant.services)
    described = openapi(app)["components"]["schemas"]
    for name, schema in get_openapi(title="", version="", routes=app.routes)["components"]["schemas"].items():
        assert "ValidationError" in name or described[name] == schema


def bring_further(case: Any, customer: Customer, mode: GenerationMode) -> None:
    """Put what exists where the description can only say what it looks like."""
    found = case.path_parameters or {}
    for name, value in (("name", customer.name), ("id", str(customer.id))):
        if name in found:
            found[name] = value
    if isinstance(case.body, dict) and "userEmail" in case.body and mode is GenerationMode.POSITIVE:
        case.body["userEmail"] = f"{mode.value}.{RITA}"


def assert_came_all_the_way(met: dict[str, Counter[int]]) -> None:
    """Each call succeeded at least once; what rules have to be takes more than a description."""
    for label, seen in met.items():
        if "rules" not in label or label.startswith("GET"):
            assert {200, 201, 204} & seen.keys(), (label, seen)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_generated_call_about_something_real_is_answered_as_described(
    served: ThreadedWeb, mode: GenerationMode
) -> None:
    tenant = served.tenant
    key = served.run(key_with(tenant, *KeyAction, modes=tuple(ElevationKind)))
    served.run(staff(tenant, f"{mode.value}.{RITA}", Role.READ_ONLY))
    customers = [served.run(tenant.customer_called(f"{mode.value}-{number}")) for number in range(3)]
    schema = schemathesis.openapi.from_dict(openapi(server.application(tenant.services)))
    schema.config.update(base_url=served.web.url)
    session = requests.Session()
    session.trust_env = False
    met: dict[str, Counter[int]] = {}

    def play(operation: Any) -> None:
        seen = met.setdefault(operation.label, Counter())

        @as_described(EXAMPLES)
        @given(case=operation.as_strategy(generation_mode=mode), which=st.sampled_from(customers))
        def run(case: Any, which: Any) -> None:
            bring_further(case, which, mode)
            response = case.call(session=session, headers={"Host": tenant.msp.host, KEY_HEADER: key})
            seen[response.status_code] += 1
            assert response.status_code < 500, response.text
            if response.status_code >= 400:
                assert response.headers["content-type"] == [PROBLEM]
            case.validate_response(response, checks=CHECKS)

        try:
            run()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE

    operations = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]  # else it raises
    # What deletes comes last, so that the others find something.
    for operation in sorted(operations, key=lambda one: one.method.upper() == "DELETE"):
        if (operation.method.upper(), operation.path) in CALLS:
            play(operation)
    session.close()
    assert len(met) == len(CALLS)
    if mode is GenerationMode.POSITIVE:
        assert_came_all_the_way(met)
