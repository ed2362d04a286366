"""`stepladder halopsa check`: after a set-up all is well; each thing that is wrong is found by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
import pytest
from tests.setup.halopsa.conftest import CREDENTIAL, Stage, new_tenant, staged
from tests.support.web import RunningWeb, running_web

from stepladder.app import Services
from stepladder.kit.findings import Finding, Result
from stepladder.mapping import service as mapping
from stepladder.remedies import Remedy
from stepladder.setup.halopsa import parts
from stepladder.setup.halopsa.access import Credential, SetupNotPermitted
from stepladder.setup.halopsa.service import set_up
from stepladder.setup.halopsa.system import Options
from stepladder.tickets.trial import NoLinkedCustomer, try_ticket
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.testing import RunningSandbox

APPROVE, DENY = "Idemeum - approve elevation request", "Idemeum - deny elevation request"
SEEN_BY_A_PRESS = {"agent.adds_tickets", "agent.closes_tickets", "self_test.approve", "self_test.deny"}


def _not(found: dict[str, Finding], result: Result) -> dict[str, str]:
    return {name: each.detail for name, each in found.items() if each.result is not result}


async def test_after_a_set_up_all_that_can_be_seen_passes(stage: Stage) -> None:
    await stage.set_up(fill_client_references=True)
    found = await stage.check()
    assert _not(found, Result.PASS).keys() == SEEN_BY_A_PRESS
    assert {found[name].result for name in SEEN_BY_A_PRESS} == {Result.CANNOT_KNOW}
    assert {part.key for part in parts.PARTS} < found.keys()


async def test_a_check_counts_the_machines_that_have_no_asset(stage: Stage) -> None:
    """HALO-06: short name and full name meet, and who has none is named."""
    await stage.set_up()
    await stage.tenant.desktop_of(stage.tenant.customer, "nw-lap-014.northwind.local")
    found = (await stage.check())["assets.found"]
    assert found.result is Result.PASS
    assert found.detail == (
        "1 of 2 machines have no asset of their name: DESK-1. Their tickets come without one."
    )


async def test_without_the_stronger_credential_what_is_hidden_is_unknown_and_nothing_fails(
    stage: Stage,
) -> None:
    await stage.set_up(fill_client_references=True)
    found = await stage.check(stronger=False)
    unknown = _not(found, Result.PASS)
    assert {found[name].result for name in unknown} == {Result.CANNOT_KNOW}
    assert {
        "method.deny",
        "wiring.deny",
        "integration.decisions",
        "workflow.deny",
        "tab.portal",
    } < unknown.keys()
    assert {"field.request_id", "action.deny", "lookup.urgency", "application.permissions"}.isdisjoint(
        unknown
    )


async def test_nothing_set_up_fails_by_name(stage: Stage) -> None:
    found = await stage.check()
    failed = {name for name, each in found.items() if each.result is Result.FAIL}
    assert {part.key for part in parts.BUTTONS} | {"wiring.approve", "wiring.deny"} <= failed
    # USE-03: what nobody asked for is not missed.
    assert [name for name, each in found.items() if each.result is Result.WARNING] == []
    assert parts.OPTIONAL.isdisjoint(found)
    assert "customers.references" not in found


async def test_a_set_up_makes_what_works_today_and_its_check_asks_for_no_more(stage: Stage) -> None:
    """USE-03: no tab before there is a portal, nothing for JIT accounts before there are any."""
    report = await stage.set_up(tab=False, jit=False)
    assert {each.key for each in report.items} == {part.key for part in parts.BUTTONS}
    config = stage.halo.state.config
    assert (config.tabs, config.webhooks, config.triggers) == ((), (), ())
    assert [each.name for each in config.integrations] == ["Idemeum API integration"]
    found = await stage.check()
    assert {each.result for each in found.values()} == {Result.PASS, Result.CANNOT_KNOW}
    assert parts.OPTIONAL.isdisjoint(found)


@pytest.mark.parametrize(("option", "made"), [("tab", (parts.TAB,)), ("jit", parts.RUNBOOK_PARTS)])
async def test_the_tab_and_what_ends_jit_accounts_are_made_where_they_are_asked_for(
    stage: Stage, option: str, made: tuple[Any, ...]
) -> None:
    """USE-03: each by its own option, and from then on they are checked."""
    await stage.set_up(**{"tab": False, "jit": False, option: True})
    found = await stage.check()
    assert {part.key for part in made} == parts.OPTIONAL & found.keys()
    assert {found[part.key].result for part in made} == {Result.PASS}


async def test_a_tab_that_a_person_made_and_that_differs_is_no_failure(stage: Stage) -> None:
    """USE-03: nobody asked us for it, and it leads nowhere yet in any case."""
    await stage.set_up()
    await stage.sql("delete from halopsa_object where key = 'tab.portal' returning key")
    stage.change("tabs", "idemeum", url="https://other.example")
    assert (await stage.check())["tab.portal"].result is Result.WARNING


@pytest.mark.parametrize(
    ("part", "name", "changes", "names"),
    [
        ("outcomes", DENY, {"method_id": "approve"}, {"action.deny", "wiring.deny"}),
        ("outcomes", APPROVE, {"method_id": 0}, {"action.approve", "wiring.approve"}),
        ("outcomes", APPROVE, {"for_users": True}, {"action.approve"}),
        ("outcomes", APPROVE, {"is_quick": False}, {"action.approve"}),
        ("outcomes", DENY, {"new_status_id": 2}, {"action.deny"}),
        ("outcomes", DENY, None, {"action.deny", "workflow.deny", "wiring.deny"}),
        (
            "methods",
            "idemeum - deny elevation request",
            {"path": parts.APPROVE_PATH},
            {"method.deny", "wiring.deny"},
        ),
        ("methods", "idemeum - approve elevation request", {"headers": {}}, {"method.approve"}),
        ("methods", "idemeum - approve elevation request", {"verb": "GET"}, {"method.approve"}),
        ("integrations", "Idemeum API integration", {"header_name": "X-Other"}, {"integration.decisions"}),
        ("integrations", "Idemeum API integration", {"key_in_query": True}, {"integration.decisions"}),
        ("custom_fields", "CFidemeumElevationRequestId", None, {"field.request_id"}),
        (
            "workflows",
            "Incident Management",
            {"always_allowed": (7, 8, 12)},
            {"workflow.approve", "workflow.deny"},
        ),
        ("tabs", "idemeum", None, {"tab.portal"}),
        ("webhooks", "Idemeum - disable JIT accounts", {"active": False}, {"runbook.disable_jit"}),
        ("triggers", "Ticket Closed", None, {"runbook.trigger"}),
        ("categories", "Business Applications", None, {"lookup.category"}),
        ("lookups", "Medium", None, {"lookup.urgency"}),
        ("lookups", "Single User Affected", None, {"lookup.impact"}),
        ("statuses", "Closed", {"name": "Done"}, {"lookup.closed_status", "action.approve", "action.deny"}),
        ("clients", "Northwind Traders", {"ref": "other"}, {"customers.references"}),
        ("agents", "Stepladder API", {"isapiagent": False}, {"agent.api_only"}),
        ("agents", "Stepladder API", {"rights": {"assets": "none"}}, {"agent.reads_assets"}),
    ],
)
async def test_each_thing_that_is_removed_or_miswired_is_found_by_name(
    stage: Stage, part: str, name: str, changes: dict[str, Any] | None, names: set[str]
) -> None:
    await stage.set_up(fill_client_references=True)
    if changes is None:
        kept = tuple(
            each
            for each in getattr(stage.halo.state.config, part)
            if name
            not in (getattr(each, "value", ""), getattr(each, "outcome", ""), getattr(each, "name", ""))
        )
        stage.halo.state.configure(**{part: kept})
    else:
        if changes.get("method_id") == "approve":
            changes = {"method_id": stage.the("methods", "idemeum - approve elevation request").id}
        if "rights" in changes:
            agent = stage.the("agents", name)
            changes = {"rights": msgspec.structs.replace(agent.rights, **changes["rights"])}
        stage.change(part, name, **changes)
    found = await stage.check()
    wrong = {name for name, each in found.items() if each.result in (Result.FAIL, Result.WARNING)}
    assert wrong == names
    assert all(found[name].advice or found[name].remedy for name in names)


async def test_deny_that_approves_is_named_as_such_even_with_the_daily_credential(stage: Stage) -> None:
    await stage.set_up()
    stage.change("outcomes", DENY, method_id=stage.the("methods", "idemeum - approve elevation request").id)
    for stronger in (True, False):
        found = await stage.check(stronger=stronger)
        assert found["wiring.deny"].result is Result.FAIL
        assert found["wiring.deny"].detail == "Deny sends approve."


@pytest.mark.parametrize("stronger", [True, False])
async def test_more_permissions_than_the_four_are_a_warning_and_fewer_a_failure(
    stage: Stage, stronger: bool
) -> None:
    (application,) = stage.halo.state.config.applications
    stage.halo.state.configure(
        applications=(msgspec.structs.replace(application, scopes=(*application.scopes, "edit:customers")),)
    )
    more = (await stage.check(stronger=stronger))["application.permissions"]
    assert (more.result, "edit:customers" in more.detail) == (Result.WARNING, True)
    stage.halo.state.configure(
        applications=(msgspec.structs.replace(application, scopes=application.scopes[:3]),)
    )
    fewer = (await stage.check(stronger=stronger))["application.permissions"]
    assert (fewer.result, "read:assets" in fewer.detail) == (Result.FAIL, True)


async def test_customers_that_are_not_linked_are_named(stage: Stage) -> None:
    await stage.tenant.customer_called("odd", "Nobody Knows Ltd")
    found = (await stage.check())["customers.mapped"]
    assert (found.result, "Nobody Knows Ltd" in found.detail) == (Result.FAIL, True)


async def test_a_revoked_key_is_found(stage: Stage) -> None:
    await stage.set_up()
    await stage.sql(
        "update inbound_key set revoked_at = now() where name = 'HaloPSA: Idemeum API integration' returning 1"
    )
    assert (await stage.check())["key.decisions"].result is Result.FAIL


async def test_a_key_is_good_however_many_were_made_and_revoked_since(stage: Stage) -> None:
    await stage.set_up()
    await stage.sql(
        """insert into inbound_key (id, msp_id, key_id, key_hash, name, actions, modes, requires_technician,
                                    created_at, expires_at, revoked_at)
           select gen_random_uuid(), msp_id, 'old' || number, 'x', 'old', actions, modes, false,
                  now() + interval '1 hour', now() + interval '1 day', now()
           from inbound_key, generate_series(1, 1001) number
           where name = 'HaloPSA: Idemeum API integration' returning 1"""
    )
    assert (await stage.check())["key.decisions"].result is Result.PASS


async def test_a_weak_credential_sets_nothing_up(stage: Stage) -> None:
    weak = Credential(demo.CLIENT_ID, CREDENTIAL.secret.__class__(demo.CLIENT_SECRET))
    before = stage.configured()
    with pytest.raises(SetupNotPermitted):
        await set_up(stage.services.halopsa_setup, stage.tenant.operator, weak, Options())
    assert stage.configured() == before


# --- The self-test -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def web(own_services: Services) -> AsyncIterator[RunningWeb]:
    async with running_web(own_services) as running:
        yield running


@pytest.fixture
async def live(own_services: Services, web: RunningWeb, halo: RunningSandbox) -> Stage:
    """A tenant at the address at which its application really is, set up."""
    tenant = await new_tenant(own_services, host=web.url)
    stage = await staged(own_services, tenant, halo)
    await stage.set_up(fill_client_references=True)
    return stage


async def _press(stage: Stage, **pressed: str) -> None:
    """Press the named button in the ticket of each."""
    rows = await stage.sql("select button, ticket_id from self_test where closed_at is null")
    for row in rows:
        name = pressed.get(row["button"])
        if name:
            await stage.halo.press(int(row["ticket_id"]), name, demo.NIK)


async def test_a_self_test_shows_that_each_button_sends_its_own_verdict(live: Stage) -> None:
    opened = await live.check(start_self_test=True)
    assert opened["self_test.deny"].result is Result.CANNOT_KNOW
    # USE-10: what this very check did is known to it, and it does not ask for what it has just begun.
    assert opened["agent.adds_tickets"].result is Result.PASS
    closes = opened["agent.closes_tickets"]
    assert (closes.result, closes.remedy) == (Result.CANNOT_KNOW, Remedy.SETUP_CHECK)
    assert "press Deny" in opened["self_test.deny"].detail
    again = await live.check(start_self_test=True)
    assert again["self_test.deny"].detail == opened["self_test.deny"].detail
    await _press(live, approve="approve", deny="deny")
    found = await live.check()
    # The address of a test is plain http.
    assert _not(found, Result.PASS).keys() == {"address.https"}
    tests = await live.sql(
        "select arrived, closed_at is not null as over, ticket_id, names_match from self_test order by button"
    )
    assert [(each["arrived"], each["over"], each["names_match"]) for each in tests] == [
        (["approve"], True, True),
        (["deny"], True, True),
    ]
    assert all(live.halo.ticket(int(each["ticket_id"])).is_closed for each in tests)
    assert len(tests) == 2
    assert await live.sql("select 1 from elevation_request") == []
    assert await live.sql("select 1 from decision") == []


async def test_a_test_ticket_that_was_closed_shows_the_rights(stage: Stage) -> None:
    """USE-10: what `halopsa test-ticket` did is seen by the check."""
    services = stage.services
    outcome = await try_ticket(
        services.connections, partial(services.jobs.drive, services.drains.run), stage.tenant.operator
    )
    assert outcome.ok
    found = await stage.check()
    for name in ("agent.adds_tickets", "agent.closes_tickets"):
        assert found[name].result is Result.PASS


async def test_a_self_test_s_ticket_has_no_link_to_a_page_that_is_not_there(live: Stage) -> None:
    """USE-04: nothing in it leads anywhere."""
    await live.check(start_self_test=True)
    (ticket, *_) = live.halo.state.store.newest_first()
    assert "http" not in f"{ticket.details}{ticket.details_html}"


async def test_a_ticket_that_cannot_be_closed_is_told_and_tried_again(live: Stage) -> None:
    await live.check(start_self_test=True)
    await _press(live, approve="approve", deny="deny")
    live.halo.fail_next("refused", method="POST", path="/api/actions", times=100)
    found = await live.check()
    assert found["self_test.deny"].result is Result.PASS
    assert found["agent.closes_tickets"].result is Result.FAIL
    live.halo.state.faults.clear()
    assert (await live.check())["agent.closes_tickets"].result is Result.PASS


async def test_deny_that_sends_approve_is_told_and_its_ticket_closed(live: Stage) -> None:
    live.change(
        "outcomes",
        DENY,
        method_id=live.the("methods", "idemeum - approve elevation request").id,
        new_status_id=0,
    )
    await live.check(start_self_test=True)
    await _press(live, deny="deny")
    found = (await live.check(stronger=False))["self_test.deny"]
    assert (found.result, found.detail) == (Result.FAIL, "Deny sent approve.")
    (ticket,) = await live.sql("select ticket_id from self_test where button = 'deny'")
    assert live.halo.ticket(int(ticket["ticket_id"])).is_closed


async def test_a_press_that_never_arrived_is_told(live: Stage) -> None:
    live.change("integrations", "Idemeum API integration", header_value="pak_wrong")
    await live.check(start_self_test=True)
    await _press(live, approve="approve")
    found = (await live.check())["self_test.approve"]
    assert found.result is Result.FAIL
    assert "no call arrived" in found.detail


async def test_the_other_button_in_a_ticket_says_nothing_of_its_own(live: Stage) -> None:
    await live.check(start_self_test=True)
    await _press(live, deny="approve")
    found = (await live.check())["self_test.deny"]
    assert (found.result, "Press Deny" in found.detail) == (Result.CANNOT_KNOW, True)


async def test_a_self_test_needs_a_key_of_the_msp_and_ends(live: Stage, web: RunningWeb) -> None:
    await live.check(start_self_test=True)
    (row,) = await live.sql("select token, customer_name from self_test where button = 'deny'")
    wrong = await web.deny(live.tenant, row["token"], row["customer_name"], key="pak_12345678_" + "a" * 49)
    assert wrong.status_code == 401
    unknown = await web.approve(live.tenant, "selftest-unknown", row["customer_name"])
    assert unknown.status_code == 404
    right = await web.deny(live.tenant, row["token"], row["customer_name"])
    assert (right.status_code, right.json()["status"]) == (200, "SELF_TEST")
    await live.check()
    assert (await web.deny(live.tenant, row["token"], row["customer_name"])).status_code == 404


@pytest.mark.parametrize("sent", ["Northwind&#32;Traders", "northwind&#x20;TRADERS", " Northwind Traders "])
async def test_a_self_test_passes_with_every_name_that_a_press_decides_with(
    live: Stage, web: RunningWeb, sent: str
) -> None:
    """HALO-13: HaloPSA may show the characters of a name as HTML entities, and a request is decided with it."""
    await live.check(start_self_test=True)
    (row,) = await live.sql("select token from self_test where button = 'approve'")
    answer = await web.approve(live.tenant, row["token"], sent)
    assert answer.json()["status"] == "SELF_TEST"
    assert (await live.check())["self_test.approve"].result is Result.PASS


async def test_a_self_test_of_another_msp_is_unknown(live: Stage, web: RunningWeb) -> None:
    await live.check(start_self_test=True)
    (row,) = await live.sql("select token, customer_name from self_test where button = 'deny'")
    other = await new_tenant(live.services)
    import asyncio

    await asyncio.sleep(1.1)  # a host that was asked for too early is unknown for a second
    answer = await web.deny(other, row["token"], row["customer_name"])
    assert answer.status_code == 404
    assert (await live.sql("select arrived from self_test where button = 'deny'"))[0]["arrived"] == []


async def test_without_a_linked_customer_there_is_no_self_test(stage: Stage) -> None:
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        await mapping.unlink(tx, stage.tenant.customer)
    with pytest.raises(NoLinkedCustomer):
        await stage.check(start_self_test=True)
