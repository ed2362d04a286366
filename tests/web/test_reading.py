"""What is looked at first: the digest and the signature, then the body's type, then what it says."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.tenants import Tenant, body
from tests.support.web import (
    APPROVE,
    REQUESTS,
    Machine,
    RunningWeb,
    approval,
    assert_problem,
    enrolment,
)

from stepladder.web.door.bodies import LARGEST_AGENT_BODY, LARGEST_ENROLMENT
from stepladder.web.media_types import is_media_type
from stepladder_protocol import ENDPOINT_API

UNREADABLE = b"[" + b"[]," * 5000


async def test_a_body_is_read_only_once_its_signature_holds(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    """SEC-17: what cannot be read is told only to who signed it."""
    headers = {"Host": tenant.msp.host, "Content-Type": "application/json"}
    for path in (REQUESTS, f"{ENDPOINT_API}/enrol"):
        answer = await web.client.post(path, content=UNREADABLE[:9000], headers=headers)
        assert_problem(answer, 401, "signature_refused")
    assert_problem(await desk.asking().altered(content=UNREADABLE).to(web), 401, "signature_refused")
    assert_problem(await desk.signed("POST", REQUESTS, UNREADABLE).to(web), 400, "body_refused")
    wire = enrolment(tenant, "enr_" + "x" * 60, Ed25519PrivateKey.generate())
    assert_problem(await wire.altered(content=UNREADABLE[:9000]).to(web), 401, "signature_refused")


async def test_a_machine_s_body_has_a_bound_of_its_own(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    """SEC-17: 64 KiB, and 16 KiB while enrolling."""
    large = b" " * (LARGEST_AGENT_BODY + 1)
    assert_problem(await desk.signed("POST", REQUESTS, large).to(web), 413, "body_too_large")
    wire = enrolment(tenant, "enr_" + "x" * 60, Ed25519PrivateKey.generate())
    padded = wire.altered(content=wire.content + b" " * LARGEST_ENROLMENT)
    assert_problem(await padded.to(web), 413, "body_too_large")
    fits = body(reason="x" * 1000).model_dump_json().encode()
    padded_body = fits + b" " * (LARGEST_AGENT_BODY - len(fits))
    assert (await desk.signed("POST", REQUESTS, padded_body).to(web)).status_code == 201


@pytest.mark.parametrize(
    "parameter", ["charset=utf-7", "charset=utf-16", "foo", "charset=", "charset=utf-8;x=1", "boundary=x"]
)
async def test_a_wrong_charset_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine, parameter: str
) -> None:
    """SEC-23: refused unless it is UTF-8 or nothing is said, for buttons (415) and machines (400)."""
    asked = await tenant.submit()
    media_type = f"application/vnd.dvmi.sdk.elevation.request.approval+json; {parameter}"
    press = approval(asked.request_id, "Northwind Traders")
    assert_problem(await web.press(tenant, APPROVE, press, media_type=media_type), 415, "wrong_media_type")
    wire = desk.asking().with_header("Content-Type", f"application/json; {parameter}")
    assert_problem(await wire.to(web), 400, "invalid")


@pytest.mark.parametrize(
    "sent",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json ; charset="UTF-8"',
    ],
)
async def test_utf8_by_any_of_its_spellings_is_taken(
    web: RunningWeb, tenant: Tenant, desk: Machine, sent: str
) -> None:
    """SEC-23."""
    assert is_media_type(sent, "application/json")
    assert (await desk.asking().with_header("Content-Type", sent).to(web)).status_code == 201


async def test_a_body_without_its_type_is_refused(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    """SEC-23."""
    asking = desk.asking()
    bare = asking.altered(headers=tuple(line for line in asking.headers if line[0] != "Content-Type"))
    assert_problem(await bare.to(web), 400, "invalid")
