"""`POST /api/Tickets` without an id (HaloPSA facts 7 to 10)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

import pytest
from tests.sandbox.conftest import Api

from stepladder_sandbox.halopsa.config import SandboxConfig
from stepladder_sandbox.halopsa.demo import API_AGENT, CLOSED, DANA, FORMER, NEW, NIK
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox


async def test_an_array_of_one_creates_a_ticket_and_is_answered_with_one_object(api: Api) -> None:
    answer = await api.try_create(summary="Run Setup.exe [SL-1]", third_party_id_string="SL-1")
    assert answer.status_code == 201
    ticket = answer.json()
    assert (ticket["summary"], ticket["third_party_id_string"]) == ("Run Setup.exe [SL-1]", "SL-1")
    assert (ticket["client_name"], ticket["status_id"], ticket["agent_id"]) == ("Northwind Traders", NEW, 1)


@pytest.mark.parametrize("status", [201, 200])
async def test_a_create_is_answered_with_201_or_on_older_servers_with_200(
    api: Api, sandbox: RunningSandbox, status: Literal[200, 201]
) -> None:
    sandbox.switches.create_status = status
    assert (await api.try_create()).status_code == status


async def test_several_elements_create_several_and_answer_the_last(api: Api) -> None:
    body = [{"summary": name, "details": "d", "category_1": "Network", "client_id": 1} for name in ("a", "b")]
    assert (await api.post("Tickets", body)).json()["summary"] == "b"
    answer = await api.post("Tickets", body, returnall="true")
    assert [ticket["summary"] for ticket in answer.json()] == ["a", "b"]


@pytest.mark.parametrize("position", ["refused", "accepted"])
async def test_a_bare_object_is_refused_or_accepted(
    api: Api, sandbox: RunningSandbox, position: Literal["refused", "accepted"]
) -> None:
    """HALO-23: what HaloPSA does is unknown; two of six public clients send one. Ours sends arrays in both."""
    sandbox.switches.bare_object = position
    body = {"summary": "s", "details": "d", "category_1": "Network", "client_id": 1}
    assert (await api.post("Tickets", body)).status_code == (400 if position == "refused" else 201)


async def test_the_object_address_takes_one_object_always(api: Api) -> None:
    body = {"summary": "s", "details": "d", "category_1": "Network", "client_id": 1}
    created = await api.post("Tickets/Object", body)
    assert created.status_code == 201
    changed = await api.post("Tickets/Object", {"id": created.json()["id"], "summary": "t"})
    assert changed.json()["summary"] == "t"
    assert (await api.post("Tickets/Object", [body])).status_code == 400


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"7", b'["text"]', b"\xff"])
async def test_a_body_that_is_no_array_of_objects_is_refused(api: Api, body: bytes) -> None:
    answer = await api.http.post("/api/Tickets", content=body)
    assert answer.status_code == 400


@pytest.mark.parametrize("position", [True, False])
async def test_field_names_have_no_case_unless_switched(
    api: Api, sandbox: RunningSandbox, position: bool
) -> None:
    sandbox.switches.case_insensitive_fields = position
    answer = await api.try_create(Reportedby="amelia@northwind.example")
    assert answer.json()["reportedby"] == ("amelia@northwind.example" if position else "")


async def test_dates_carry_seven_decimals_and_no_date_is_1900(api: Api) -> None:
    ticket = await api.create()
    assert re.fullmatch(r"2026-11-24T09:30:15\.\d{7}Z", ticket["dateoccurred"])
    assert ticket["dateclosed"] == "1900-01-01T00:00:00"


@pytest.mark.parametrize("position", [True, False])
async def test_dates_may_lack_zone_and_fraction(api: Api, sandbox: RunningSandbox, position: bool) -> None:
    sandbox.switches.plain_dates = position
    ticket = await api.create()
    assert ticket["dateoccurred"].endswith("Z") is not position
    assert (ticket["dateoccurred"] == "2026-11-24T09:30:15") is position


async def test_null_fields_are_left_out(api: Api) -> None:
    ticket = await api.create()
    assert None not in ticket.values()
    assert "third_party_id_string" not in ticket
    assert all("value" not in field for field in ticket["customfields"])


@pytest.mark.parametrize("position", [False, True])
async def test_ids_may_come_as_strings(api: Api, sandbox: RunningSandbox, position: bool) -> None:
    sandbox.switches.ids_as_strings = position
    ticket = await api.create()
    kind = str if position else int
    assert isinstance(ticket["id"], kind)
    assert isinstance(ticket["client_id"], kind)
    assert isinstance(ticket["customfields"][0]["id"], kind)


async def test_plain_details_come_back_with_breaks_and_escaped(api: Api) -> None:
    ticket = await api.create(details='Run <b>"Setup"</b>\nnow')
    assert ticket["details"] == 'Run &lt;b&gt;"Setup"&lt;/b&gt;<br>now'


async def test_both_forms_of_details_are_kept(api: Api) -> None:
    ticket = await api.create(details="plain", details_html="<p>rich</p>")
    assert (ticket["details"], ticket["details_html"]) == ("plain", "<p>rich</p>")


async def test_html_alone_gives_the_plain_details(api: Api, sandbox: RunningSandbox) -> None:
    ticket = await api.create(
        details=None, details_html="<p>Run<script>alert(1)</script></p><p>&lt;now&gt;</p>"
    )
    assert sandbox.ticket(ticket["id"]).details == "Run\n<now>"


@pytest.mark.parametrize("value", [95.0, "x", True, [1]])
async def test_a_customer_that_is_no_integer_is_refused_at_its_place(
    api: Api, value: float | str | bool | list[int]
) -> None:
    answer = await api.try_create(client_id=value)
    assert answer.status_code == 400
    assert list(answer.json()) == ["[0].client_id"]


async def test_digits_in_a_string_are_a_number(api: Api) -> None:
    assert (await api.create(client_id="2"))["client_id"] == 2
    assert (await api.create(client_id=" ", site_id=12))["client_id"] == 2


async def test_mandatory_fields_of_the_type_are_named_when_missing(api: Api) -> None:
    answer = await api.try_create(details=None, category_1=None)
    assert answer.status_code == 400
    assert answer.json()["Message"] == "Details and Category were required"
    assert answer.json()["ClassName"] == "System.Exception"


async def test_no_validation_can_be_asked_for(api: Api) -> None:
    assert (await api.try_create(details=None, category_1=None, _novalidate=True)).status_code == 201


async def test_a_custom_field_can_become_mandatory(api: Api, sandbox: RunningSandbox) -> None:
    kinds = sandbox.state.config.ticket_types
    named = type(kinds[0])(id=1, name="Incident", mandatory=("CFidemeumCustomerName",))
    sandbox.reconfigure(ticket_types=(named, *kinds[1:]))
    assert (await api.try_create()).status_code == 400
    fields = [{"name": "CFidemeumCustomerName", "value": "Northwind"}]
    assert (await api.try_create(customfields=fields)).status_code == 201


async def test_a_nested_type_is_ignored_and_the_first_type_taken(api: Api) -> None:
    ticket = await api.create(tickettype_id=None, tickettype={"id": 3})
    assert ticket["tickettype_id"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client_id", 999),
        ("tickettype_id", 999),
        ("agent_id", 999),
        ("user_id", 999),
        ("assets", [{"id": 999}]),
    ],
)
async def test_what_does_not_exist_is_refused(
    api: Api, field: str, value: int | list[dict[str, int]]
) -> None:
    answer = await api.try_create(**{field: value})
    assert answer.status_code == 400
    assert "does not exist" in answer.json()["Message"]


@pytest.mark.parametrize("agent_id", [API_AGENT, FORMER])
async def test_an_api_agent_or_a_disabled_one_cannot_have_a_ticket(api: Api, agent_id: int) -> None:
    answer = await api.try_create(agent_id=agent_id)
    assert answer.status_code == 400


async def test_a_human_agent_can_have_it(api: Api) -> None:
    assert (await api.create(agent_id=NIK))["agent_id"] == NIK


@pytest.mark.parametrize("busy", [(), (DANA,)])
async def test_a_busy_agent_needs_force(api: Api, sandbox: RunningSandbox, busy: tuple[int, ...]) -> None:
    sandbox.switches.busy_agents = busy
    assert (await api.try_create(agent_id=DANA)).status_code == (400 if busy else 201)
    assert (await api.try_create(agent_id=DANA, _forcereassign=True)).status_code == 201


async def test_without_a_user_the_customers_general_user_asks(api: Api) -> None:
    ticket = await api.create(client_id=2, userlookup={"id": -1, "lookupdisplay": "Somebody"})
    assert ticket["user_name"] == "General User"
    assert ticket["site_id"] == 12


@pytest.mark.parametrize("position", [True, False])
async def test_a_user_needs_the_site_as_well(api: Api, sandbox: RunningSandbox, position: bool) -> None:
    sandbox.switches.site_required_with_user = position
    assert (await api.try_create(user_id=500)).status_code == (400 if position else 201)
    ticket = await api.create(user_id=500, site_id=11)
    assert (ticket["user_name"], ticket["user_email"]) == ("Amelia Hart", "amelia.hart@northwind.example")


@pytest.mark.parametrize("wrong", [{"site_id": 12}, {"site_id": 11, "user_id": 502}])
async def test_a_site_or_user_of_another_customer_is_refused(api: Api, wrong: dict[str, int]) -> None:
    assert (await api.try_create(client_id=1, **wrong)).status_code == 400


async def test_the_site_alone_tells_the_customer(api: Api) -> None:
    assert (await api.create(client_id=None, site_id=13))["client_name"] == "Fabrikam Legal"


async def test_assets_must_be_an_array(api: Api) -> None:
    answer = await api.try_create(assets={"id": 300})
    assert list(answer.json()) == ["[0].assets"]
    ticket = await api.create(assets=[{"id": 300}, {"id": "301"}])
    assert [asset["inventory_number"] for asset in ticket["assets"]] == ["NW-LAP-014", "NW-LAP-022"]


@pytest.mark.parametrize(
    "reference", [{"name": "CFidemeumCustomerName"}, {"name": "cfidemeumcustomername"}, {"id": 181}]
)
async def test_a_custom_field_is_written_by_name_or_id(api: Api, reference: dict[str, Any]) -> None:
    ticket = await api.create(customfields=[reference | {"value": "Northwind"}])
    written = next(field for field in ticket["customfields"] if field["name"] == "CFidemeumCustomerName")
    assert (written["value"], written["display"]) == ("Northwind", "Northwind")


@pytest.mark.parametrize("position", ["ignored", "400"])
async def test_an_unknown_custom_field_is_ignored_or_refused(
    api: Api, sandbox: RunningSandbox, position: Literal["ignored", "400"]
) -> None:
    sandbox.switches.unknown_custom_field = position
    answer = await api.try_create(customfields=[{"name": "CFnobodyKnows", "value": "x"}])
    assert answer.status_code == (201 if position == "ignored" else 400)


@pytest.mark.parametrize("honoured", [False, True])
async def test_the_status_of_a_create_is_ignored_or_honoured(
    api: Api, sandbox: RunningSandbox, honoured: bool
) -> None:
    sandbox.switches.status_on_create = honoured
    ticket = await api.create(status_id=CLOSED)
    assert (ticket["status_id"], ticket["hasbeenclosed"]) == ((CLOSED, True) if honoured else (NEW, False))


@pytest.mark.parametrize("other_type", [0, 3])
async def test_a_ticket_rule_may_change_the_type(api: Api, sandbox: RunningSandbox, other_type: int) -> None:
    sandbox.switches.rule_changes_type_to = other_type
    assert (await api.create())["tickettype_id"] == (other_type or 1)


@pytest.mark.parametrize("clears", [False, True])
async def test_a_ticket_rule_may_clear_the_reference(api: Api, sandbox: RunningSandbox, clears: bool) -> None:
    sandbox.switches.rule_clears_reference = clears
    await api.create(third_party_id_string="SL-1")
    assert len(await api.found(third_party_id_string="SL-1")) == (0 if clears else 1)


@pytest.mark.parametrize("fails", [False, True])
async def test_a_create_may_fail_while_another_is_under_way(
    config: SandboxConfig, client_of: Callable[[str], AbstractAsyncContextManager[Api]], fails: bool
) -> None:
    both_have_arrived = asyncio.Barrier(2)

    async def until_both_have(seconds: float) -> None:
        await both_have_arrived.wait()

    async with running_sandbox(config, sleep=until_both_have) as sandbox, client_of(sandbox.url) as api:
        await api.sign_in()
        sandbox.switches.concurrent_creates_fail = fails
        sandbox.switches.latency_s = 1
        answers = await asyncio.gather(api.try_create(), api.try_create())
    assert sorted(answer.status_code for answer in answers) == ([201, 500] if fails else [201, 201])


async def test_nothing_identifies_a_repeat_so_it_makes_a_second_ticket(api: Api) -> None:
    for _ in range(2):
        await api.create(third_party_id_string="SL-1")
    assert len(await api.found(third_party_id_string="SL-1")) == 2


async def test_details_become_the_first_action(api: Api) -> None:
    ticket = await api.create(details="What happened")
    actions = (await api.get("Actions", ticket_id=ticket["id"])).json()["actions"]
    assert [(action["id"], action["note"]) for action in actions] == [(1, "What happened")]


async def test_when_it_happened_may_be_told(api: Api) -> None:
    ticket = await api.create(dateoccurred="2026-11-23T08:00:00")
    assert ticket["dateoccurred"].startswith("2026-11-23T08:00:00")
    assert (await api.create(dateoccurred=""))["dateoccurred"].startswith("2026-11-24")
    assert list((await api.try_create(dateoccurred="yesterday")).json()) == ["[0].dateoccurred"]


async def test_a_number_serves_as_text_but_an_object_does_not(api: Api) -> None:
    assert (await api.create(summary=42))["summary"] == "42"
    assert list((await api.try_create(summary={"text": "x"})).json()) == ["[0].summary"]


async def test_only_the_collection_takes_writes(api: Api) -> None:
    assert (await api.post("Tickets/2001", [{"summary": "x"}])).status_code == 404
