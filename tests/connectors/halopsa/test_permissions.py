"""The four documented permissions suffice for the whole daily path, and each missing one is named."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import pytest
from tests.connectors.halopsa.sandboxed import NORTHWIND, closing_of, connected, draft_for

from stepladder.connectors.base import NeedsAttention
from stepladder.kit.findings import Result
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.records import Rights
from stepladder_sandbox.halopsa.testing import RunningSandbox

SCOPES = ("read:tickets", "edit:tickets", "read:customers", "read:assets")


def grant(halo: RunningSandbox, *scopes: str) -> None:
    (application,) = halo.state.config.applications
    halo.reconfigure(applications=(msgspec.structs.replace(application, scopes=scopes),))


def allow(halo: RunningSandbox, **rights: Any) -> None:
    halo.reconfigure(
        agents=tuple(
            msgspec.structs.replace(agent, rights=Rights(**rights)) if agent.id == demo.API_AGENT else agent
            for agent in halo.state.config.agents
        )
    )


async def whole_path(connector: Any) -> None:
    await connector.list_customers()
    draft = draft_for(NORTHWIND, endpoint_name="NW-LAP-014")
    opened = await connector.open_ticket(draft)
    await connector.find_ticket(draft)
    approver = await connector.find_person("dana@nikpot.example")
    closing = closing_of(draft, approver)
    await connector.add_closing_note(opened.id, closing)
    await connector.has_closing_note(opened.id, closing)
    await connector.close_ticket(opened.id, closing)
    assert (await connector.read_ticket(opened.id)).is_closed


@pytest.mark.parametrize("scopes", [SCOPES, ("edit:tickets", "read:customers", "read:assets"), ("all",)])
async def test_the_documented_permissions_suffice(halo: RunningSandbox, scopes: tuple[str, ...]) -> None:
    """`edit:` includes `read:` of the same thing, where the whole request is not refused for the missing name."""
    grant(halo, *scopes, *SCOPES) if scopes == ("all",) else grant(halo, *scopes)
    async with connected(halo) as found:
        assert [finding for finding in await found.connector.check() if finding.result is Result.FAIL] == []
        await whole_path(found.connector)
    (created,) = halo.events("ticket.created")
    assert created["asset_ids"] == [300]


async def test_everything_is_shown_to_be_there_on_a_tenant_set_up_as_the_guide_says(
    halo: RunningSandbox,
) -> None:
    async with connected(halo) as found:
        findings = await found.connector.check()
    assert {finding.name: finding.result for finding in findings} == {
        "Sign-in and permission read:tickets": Result.PASS,
        "Permission edit:tickets": Result.PASS,
        "Permission read:customers": Result.PASS,
        "Permission read:assets": Result.PASS,
        "Ticket type": Result.PASS,
        "Closed status": Result.PASS,
        "Closing outcome": Result.PASS,
        "Agents": Result.PASS,
        "Category": Result.PASS,
        "Urgency": Result.PASS,
        "Impact": Result.PASS,
        "Users": Result.PASS,
        "Custom fields": Result.PASS,
    }
    assert halo.events("ticket.created") == []


@pytest.mark.parametrize("missing", SCOPES)
@pytest.mark.parametrize("ungranted", ["dropped", "refused"])
async def test_each_missing_permission_fails_the_check_and_is_named(
    halo: RunningSandbox, missing: str, ungranted: Literal["dropped", "refused"]
) -> None:
    halo.switches.ungranted_scope = ungranted
    left = [scope for scope in SCOPES if scope != missing]
    if missing == "read:tickets":
        left.remove("edit:tickets")
    grant(halo, *left)
    async with connected(halo) as found:
        failed = [finding for finding in await found.connector.check() if finding.result is Result.FAIL]
    assert failed
    assert any(missing in f"{finding.name} {finding.detail}" for finding in failed)
    assert all(finding.detail.endswith(".") for finding in failed)


async def test_without_edit_tickets_the_refused_ticket_names_it(halo: RunningSandbox) -> None:
    grant(halo, "read:tickets", "read:customers", "read:assets")
    async with connected(halo) as found:
        with pytest.raises(NeedsAttention, match="needs the permission edit:tickets") as refused:
            await found.connector.open_ticket(draft_for(NORTHWIND))
    assert refused.value.whole_instance
    assert halo.events("ticket.created") == []


async def test_without_read_assets_tickets_go_without_their_asset(halo: RunningSandbox) -> None:
    grant(halo, "read:tickets", "edit:tickets", "read:customers")
    async with connected(halo) as found:
        await found.connector.open_ticket(draft_for(NORTHWIND, endpoint_name="NW-LAP-014"))
    (created,) = halo.events("ticket.created")
    assert created["asset_ids"] == []


async def test_a_token_without_any_scope_works_nowhere_and_says_so(halo: RunningSandbox) -> None:
    grant(halo)
    for status in (401, 403):
        halo.switches.omitted_scope_status = status
        async with connected(halo) as found:
            with pytest.raises(NeedsAttention, match="read:customers"):
                await found.connector.list_customers()


@pytest.mark.parametrize(
    ("rights", "named"),
    [
        ({"tickets": "read"}, "edit:tickets"),
        ({"add_tickets": False}, "edit:tickets"),
        ({"tickets": "none"}, "read:tickets"),
    ],
)
async def test_what_the_agents_role_withholds_is_told_like_a_missing_permission(
    halo: RunningSandbox, rights: dict[str, Any], named: str
) -> None:
    allow(halo, **rights)
    async with connected(halo) as found:
        call = found.connector.find_ticket if named == "read:tickets" else found.connector.open_ticket
        with pytest.raises(NeedsAttention, match="its agent the rights") as refused:
            await call(draft_for(NORTHWIND))
    assert named in refused.value.message


async def test_a_permission_that_is_added_works_with_the_next_token(halo: RunningSandbox) -> None:
    grant(halo, "read:tickets", "read:customers", "read:assets")
    async with connected(halo) as found:
        with pytest.raises(NeedsAttention):
            await found.connector.open_ticket(draft_for(NORTHWIND))
        grant(halo, *SCOPES)
        await found.connector.open_ticket(draft_for(NORTHWIND))


async def test_without_the_two_custom_fields_the_check_says_what_will_not_work(halo: RunningSandbox) -> None:
    halo.reconfigure(custom_fields=halo.state.config.custom_fields[:1])
    async with connected(halo) as found:
        (finding,) = [each for each in await found.connector.check() if each.name == "Custom fields"]
    assert finding.result is Result.WARNING
    assert "the buttons in HaloPSA do not work" in finding.detail
