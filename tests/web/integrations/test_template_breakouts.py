"""Threat T4: text of a ticket field that breaks out of the JSON template changes neither the mode nor the target."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st
from tests.support.tenants import Tenant
from tests.support.web import APPROVE, DENY, RunningWeb, assert_problem, snapshot

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.service import KeyAction
from stepladder.app import Services
from stepladder.web.integrations.bodies import Approval
from stepladder.web.strict_json import BodyRefused, read_as
from stepladder_protocol.messages import ElevationKind

# The two bodies of the documented set-up. What stands for a field is put in by the renderings below.
TEMPLATES = {
    APPROVE: """{
    "idemeumElevationRequestId": <<ID>>,
    "idemeumCustomerName": <<NAME>>,
    "userElevationMode": "USER"
}""",
    DENY: """{
    "idemeumElevationRequestId": <<ID>>,
    "idemeumCustomerName": <<NAME>>
}""",
}

# How HaloPSA may put a field's text in (HaloPSA fact 27): as JSON, or with `!` as raw text, inside quotes that the
# administrator wrote or without any.
RENDERINGS: dict[str, Callable[[str], str]] = {
    "bare": lambda text: json.dumps(text, ensure_ascii=False),
    "raw in quotes": lambda text: f'"{text}"',
    "raw": lambda text: text,
}

# {ID} and {NAME} are the ticket's own; {THEIRS} and {THEIR NAME} are another customer's waiting request.
IN_EITHER_FIELD = [
    '"',
    "\\",
    "\\u0022",
    "{ID}\\u0000",
    "{NAME}\\u0000",
    "{NAME}\\ud800",
    "\\x41",
    "{ID}\n{THEIRS}",
    "{NAME}\r\n{THEIR NAME}",
    "\u2028",
    "\x00",
    "null",
    "true",
    "false",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-0.0",
    "1" + "0" * 5000,
    "[]",
    "{}",
    "[" * 2000,
    "[" * 2000 + "]" * 2000,
    '{"a":' * 2000 + "1" + "}" * 2000,
    "",
    " ",
    ",",
    "undefined",
    "<<CFidemeumElevationRequestId>>",
    "{THEIRS}",
    "{THEIR NAME}",
    "{ID},{THEIRS}",
    '["{ID}","{THEIRS}"]',
    '{"id": "{ID}"}',
    "' or '1'='1",
    "{ID}'--",
    "../{THEIRS}",
    "{ID}%00",
    "\N{MATHEMATICAL DOUBLE-STRUCK DIGIT ZERO}" * 32,
]
IN_THE_ID = [
    '{ID}", "userElevationMode": "ADMIN',
    '{ID}", "userElevationMode": "TENANT", "x": "',
    '{ID}", "user\\u0045levationMode": "ADMIN',
    '{ID}", "UserElevationMode": "ADMIN',
    '{ID}", "scope": "customer',
    '{ID}", "idemeumElevationRequestId": "{THEIRS}',
    '{THEIRS}", "idemeumCustomerName": "{THEIR NAME}", "x": "',
    '{THEIRS}", "idemeumCustomerName": "{THEIR NAME}"}',
    '{THEIRS}", "idemeumCustomerName": "{THEIR NAME}", "userElevationMode": "ADMIN"}\n{"x": "',
    '{THEIRS}", "idemeumCustomerName": "{THEIR NAME}", "userElevationMode": "ADMIN"} /*',
    '{THEIRS}", "idemeumCustomerName": "{THEIR NAME}", "userElevationMode": "ADMIN"} //',
    '{ID}"}',
    '{ID}" }, {"a": "b',
    '"{ID}", "userElevationMode": "ADMIN"',
    '"{THEIRS}", "idemeumCustomerName": "{THEIR NAME}"',
    '{"$ne": null}',
]
IN_THE_NAME = [
    '{NAME}", "userElevationMode": "ADMIN',
    '{NAME}", "userElevationMode": "ADMIN"}',
    '{NAME}", "userElevationMode": "ADMIN", "x": "',
    '{NAME}", "idemeumElevationRequestId": "{THEIRS}',
    '{THEIR NAME}", "idemeumElevationRequestId": "{THEIRS}", "y": "',
    '{NAME}", "__proto__": {"userElevationMode": "ADMIN"}, "z": "',
    '{NAME}", "": "',
    '"{NAME}", "userElevationMode": "ADMIN"',
    '["{NAME}", "{THEIR NAME}"]',
    '{NAME}" "userElevationMode": "ADMIN',
    "{NAME}', 'userElevationMode': 'ADMIN",
    "{NAME}\\",
    '{NAME}\\", "userElevationMode": "ADMIN',
    "{NAME}&quot;, &quot;userElevationMode&quot;: &quot;ADMIN",
]


@pytest.fixture
async def world(services: Services, tenant: Tenant) -> dict[str, str]:
    """Two customers of one MSP, each with a request that waits; the ticket is about the first."""
    other = await tenant.customer_called("other", "Other Ltd")
    own, theirs = await tenant.submit(), await tenant.submit(await tenant.desktop_of(other))
    async with services.db.transaction(tenant.operator) as tx:
        _, key = await inbound_keys.create_key(
            tx,
            name="may all",
            actions=list(KeyAction),
            modes=list(ElevationKind),  # so that it is not the key's ceiling that stops an attempt
        )
    return {
        "{ID}": own.request_id,
        "{NAME}": "Northwind Traders",
        "{THEIRS}": theirs.request_id,
        "{THEIR NAME}": "Other Ltd",
        "key": key,
    }


def filled(text: str, world: dict[str, str]) -> str:
    for place, value in world.items():
        text = text.replace(place, value)
    return text


@pytest.mark.parametrize("rendering", RENDERINGS)
@pytest.mark.parametrize("path", [APPROVE, DENY])
async def test_no_text_in_a_ticket_field_changes_the_mode_or_the_target(
    web: RunningWeb, tenant: Tenant, world: dict[str, str], path: str, rendering: str
) -> None:
    before = await snapshot(tenant)
    render = RENDERINGS[rendering]
    # With raw text and no quotes the honest neighbour has to bring its own, or nothing would ever parse.
    honest = RENDERINGS["raw in quotes"] if rendering == "raw" else render
    attempts = [(text, "{NAME}") for text in (*IN_EITHER_FIELD, *IN_THE_ID)]
    attempts += [("{ID}", text) for text in (*IN_EITHER_FIELD, *IN_THE_NAME)]
    for request_id, name in attempts:
        id_text, name_text = filled(request_id, world), filled(name, world)
        body = TEMPLATES[path].replace("<<ID>>", (honest if request_id == "{ID}" else render)(id_text))
        body = body.replace("<<NAME>>", (honest if name == "{NAME}" else render)(name_text))
        answer = await web.press(tenant, path, body, key=world["key"])
        found = assert_problem(answer, answer.status_code)
        expected = {400: "body_refused", 404: "request_not_found"}
        assert found["code"] == expected.get(answer.status_code), (body[:300], answer.text)
        assert found.keys() == {"type", "title", "status", "code", "detail"}
        assert len(answer.content) < 400  # what was sent is not sent back
        assert await snapshot(tenant) == before, body[:300]


async def test_the_honest_fields_act_in_every_rendering_that_makes_json(
    web: RunningWeb, tenant: Tenant, world: dict[str, str]
) -> None:
    """Otherwise the corpus above would be refused for the wrong reason."""
    for rendering in ("bare", "raw in quotes"):
        for path in (APPROVE, DENY):
            asked = await tenant.submit()
            body = TEMPLATES[path].replace("<<ID>>", RENDERINGS[rendering](asked.request_id))
            body = body.replace("<<NAME>>", RENDERINGS[rendering]("Northwind Traders"))
            assert (await web.press(tenant, path, body, key=world["key"])).status_code == 200


HONEST = '{"idemeumElevationRequestId": "{ID}", "idemeumCustomerName": "{NAME}"}'
BODIES = [
    b"",
    b" ",
    b"null",
    b"true",
    b"1",
    b'"text"',
    b"[]",
    b"{}",
    b"[{}]",
    ("\ufeff\ufeff" + HONEST).encode(),
    HONEST.encode("utf-16"),
    HONEST.encode("utf-32"),
    HONEST.encode() + b"\x00",
    HONEST.encode() + HONEST.encode(),
    HONEST.encode() + b",",
    f"[{HONEST}]".encode(),
    HONEST[:-1].encode(),
    HONEST.replace("}", ",}").encode(),
    HONEST.replace('"', "'").encode(),
    HONEST.replace("{NAME}", "{NAME}\xff").encode("latin-1"),
    HONEST.replace("{NAME}", "{NAME}").encode() + b"\xed\xa0\x80",
    HONEST.replace("i", "\xc0\xaf", 1).encode("latin-1"),
    b'{"idemeumElevationRequestId": , "idemeumCustomerName": }',
    b'{"idemeumElevationRequestId": "{ID}", "idemeumCustomerName": }',
    b'{"idemeumElevationRequestId": "{ID}"}',
    b'{"idemeumCustomerName": "{NAME}"}',
    b'{"idemeumElevationRequestId": NaN, "idemeumCustomerName": "{NAME}"}',
    b'{"idemeumElevationRequestId": "{ID}", "idemeumCustomerName": "{NAME}", "x": NaN}',
    b'{"idemeumElevationRequestId": "{ID}", "idemeumElevationRequestId": "{ID}", "idemeumCustomerName": "{NAME}"}',
    b'{"idemeumElevationRequestId": "{ID}", "idemeumCustomerName": "{NAME}", "idemeumCustomerName": "{NAME}"}',
    b'{"IdemeumElevationRequestId": "{ID}", "IdemeumCustomerName": "{NAME}"}',
    b"idemeumElevationRequestId={ID}&idemeumCustomerName={NAME}",
    b"[" * 200_000,
    b'{"a":' * 50_000,
    b'{"idemeumElevationRequestId": "' + b"9" * 400_000 + b'", "idemeumCustomerName": "{NAME}"}',
    b"{" + b",".join(b'"k%d": 1' % number for number in range(30_000)) + b"}",
    b'{"idemeumElevationRequestId": ' + b"9" * 400_000 + b', "idemeumCustomerName": "{NAME}"}',
]


async def test_a_body_that_is_not_exactly_the_documented_object_is_refused(
    web: RunningWeb, tenant: Tenant, world: dict[str, str]
) -> None:
    before = await snapshot(tenant)
    for body in BODIES:
        for place in ("{ID}", "{NAME}"):
            body = body.replace(place.encode(), world[place].encode())  # noqa: PLW2901 - filled in place
        answer = await web.press(tenant, DENY, body, key=world["key"])
        assert_problem(answer, 400, "body_refused")
        assert len(answer.content) < 400
    assert await snapshot(tenant) == before


PIECES = st.sampled_from(
    [
        '"',
        "\\",
        "\\u0022",
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        " ",
        "\n",
        "null",
        "ADMIN",
        "USER",
        "userElevationMode",
    ]
)
MORE_PIECES = st.sampled_from(
    ["idemeumElevationRequestId", "idemeumCustomerName", "//", "/*", "*/", "x", "1", "\\\\", "é", "\x00"]
)
FIELDS = st.lists(PIECES | MORE_PIECES, max_size=14).map("".join)


@given(request_id=FIELDS, name=FIELDS)
def test_whatever_two_fields_hold_an_accepted_approval_has_the_templates_own_mode(
    request_id: str, name: str
) -> None:
    """Also where the administrator wrote the quotes and HaloPSA escapes nothing."""
    body = TEMPLATES[APPROVE].replace("<<ID>>", f'"{request_id}"').replace("<<NAME>>", f'"{name}"')
    try:
        press = read_as(body.encode(), Approval)
    except BodyRefused:
        return
    assert press.kind is ElevationKind.USER
    assert press.request_id == request_id.strip() or "\\" in request_id
    assert press.customer_name == name.strip() or "\\" in name
