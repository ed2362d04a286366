"""Tokens: one for many calls, renewed in time, renewed once when refused, and every refusal in a plain sentence."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

import msgspec
import pytest
from tests.connectors.halopsa.sandboxed import (
    NORTHWIND,
    Reply,
    closing_of,
    connected,
    draft_for,
    lookup_of,
    payload,
    scripted,
)
from tests.support.clock import ManualClock

from stepladder.connectors.base import NeedsAttention, RemoteGone, TryLater
from stepladder.connectors.halopsa.config import SCOPES
from stepladder.kit import outbound
from stepladder.kit.findings import Result
from stepladder_sandbox.halopsa.demo import demo_config
from stepladder_sandbox.halopsa.testing import running_sandbox


def token_calls(halo) -> int:
    return sum(event["path"] == "/auth/token" for event in halo.events("api.call"))


async def test_one_token_serves_many_calls(halo):
    async with connected(halo) as found:
        for _ in range(5):
            await found.connector.open_ticket(draft_for(NORTHWIND))
    assert token_calls(halo) == 1


async def test_exactly_the_four_documented_scopes_are_asked_for():
    async with scripted(Reply(body=[])) as script, connected(script.url, tenant="north star") as found:
        with pytest.raises(TryLater):
            await found.connector.list_customers()
    (url, body), *_ = script.tokens_asked
    form = parse_qs(body.decode())
    assert url.endswith(("/auth/token?tenant=north%20star", "/auth/token?tenant=north+star"))
    assert form["grant_type"] == ["client_credentials"]
    assert form["scope"] == [SCOPES] == ["read:tickets edit:tickets read:customers read:assets"]
    assert sorted(form) == ["client_id", "client_secret", "grant_type", "scope"]


@pytest.mark.parametrize("lifetime", [3600, 60, 2])
async def test_a_token_is_renewed_before_it_ends(lifetime):
    clock = ManualClock()
    async with running_sandbox(demo_config("http://127.0.0.1:9", "x"), clock=clock.now) as halo:
        halo.switches.token_lifetime_s = lifetime
        async with connected(halo, clock=clock) as found:
            for _ in range(10):
                await found.connector.list_customers()
                clock.move(timedelta(seconds=lifetime / 4))
        refused = [event for event in halo.events("api.answer") if event["status"] == 401]
        assert refused == []
        assert 2 <= token_calls(halo) <= 6


@pytest.mark.parametrize("status", [401, 400])
async def test_a_token_that_ends_early_is_renewed_and_the_call_sent_again(halo, status):
    halo.switches.expired_token_status = status
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND)
        opened = await found.connector.open_ticket(draft)
        for call in (
            lambda: found.connector.find_ticket(draft),
            lambda: found.connector.open_ticket(draft_for(NORTHWIND)),
            lambda: found.connector.add_closing_note(opened.id, closing_of(draft)),
            lambda: found.connector.close_ticket(opened.id, closing_of(draft)),
        ):
            halo.state.tokens.revoke_all()
            await call()
    assert token_calls(halo) == 5
    assert len(halo.events("ticket.created")) == 2
    assert len([each for each in halo.ticket(int(opened.id)).actions if not each.is_system]) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_call_that_stays_refused_is_tried_once_more_and_then_never(status):
    async with scripted(Reply(status)) as script, connected(script.url) as found:
        with pytest.raises(NeedsAttention) as refused:
            await found.connector.list_customers()
    assert (len(script.asked), len(script.tokens_asked)) == (2, 2)
    assert refused.value.code == "halopsa_forbidden"
    assert refused.value.whole_instance


@pytest.mark.parametrize("status", [404, 409, 422, 429, 500, 502, 503, 504])
async def test_a_write_is_never_sent_twice_for_another_reason(halo, status):
    async with scripted(Reply(status)) as script, connected(script.url) as found:
        for kind, name in (("ticket_type", "Incident"), ("status", "Closed")):
            await found.lookups.put(lookup_of(kind, name), "1")
        for kind, name in (
            ("category", "Business Applications"),
            ("urgency", "Medium"),
            ("impact", "Single User Affected"),
            ("asset", "1/desk-1"),
            ("user", "1/ada@customer.example"),
        ):
            await found.lookups.put(lookup_of(kind, name), None)
        with pytest.raises((TryLater, NeedsAttention, RemoteGone, Exception)):
            await found.connector.open_ticket(draft_for(NORTHWIND))
    assert [method for method, _, _ in script.asked] == ["POST"]


@pytest.mark.parametrize(
    ("status", "body", "kind", "sentence"),
    [
        (401, "token_401_invalid_client.json", NeedsAttention, "does not accept the client id and secret"),
        (400, "token_401_invalid_client.json", NeedsAttention, "does not accept the client id and secret"),
        (400, "token_400_invalid_scope.json", NeedsAttention, "Add them to the application"),
        (500, "token_500_wrong_tenant.html", TryLater, "check the tenant's name"),
        (200, "token_500_wrong_tenant.html", TryLater, "check the instance's address"),
        (404, "401_page.html", NeedsAttention, "Check the instance's address and tenant"),
        (302, "301_to_sign_in.html", NeedsAttention, "Check the instance's address and tenant"),
        (429, "429_limit.txt", TryLater, "sign-in service does not work"),
        (503, "500_empty.txt", TryLater, "sign-in service does not work"),
        (200, "500_empty.txt", TryLater, "not data"),
    ],
)
async def test_a_refused_token_is_told_in_a_sentence_and_nothing_has_happened(status, body, kind, sentence):
    async with (
        scripted(Reply(), token=Reply(status, payload(body))) as script,
        connected(script.url) as found,
    ):
        with pytest.raises(kind, match=sentence) as refused:
            await found.connector.open_ticket(draft_for(NORTHWIND))
        assert not getattr(refused.value, "may_have_happened", False)
        assert getattr(refused.value, "whole_instance", True)
        (finding,) = await found.connector.check()
        assert finding.result is Result.FAIL
        assert sentence in finding.detail
    assert script.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "line\nbreak"},
        {"access_token": "tökén"},
    ],
)
async def test_a_token_answer_without_a_usable_token_is_not_data(answer):
    async with scripted(Reply(body=[]), token=Reply(200, answer)) as script, connected(script.url) as found:
        with pytest.raises(TryLater) as failed:
            await found.connector.list_customers()
    assert not failed.value.may_have_happened
    assert len(script.tokens_asked) == 1


@pytest.mark.parametrize("lifetime", [None, "3600", -5, 0, 1e9, True, 0.5])
async def test_whatever_lifetime_a_token_claims_calls_go_through(lifetime):
    token = Reply(body={"access_token": "token-1", "expires_in": lifetime})
    rows = Reply(body={"record_count": 1, "clients": [{"id": 1, "name": "Northwind Traders"}]})
    async with scripted(rows, token=token) as script, connected(script.url) as found:
        for _ in range(3):
            assert len(await found.connector.list_customers()) == 1
    assert 1 <= len(script.tokens_asked) <= 3


async def test_the_wait_that_the_sign_in_service_asks_for_is_passed_on():
    token = Reply(429, payload("429_limit.txt"), {"retry-after": "17"})
    async with scripted(Reply(), token=token) as script, connected(script.url) as found:
        with pytest.raises(TryLater) as failed:
            await found.connector.list_customers()
    assert failed.value.after == 17


async def test_a_wrong_secret_and_a_disabled_agent_look_like_wrong_credentials(halo):
    async with connected(halo, secret="wrong") as found:
        with pytest.raises(NeedsAttention, match="client id and secret"):
            await found.connector.list_customers()
    agents = halo.state.config.agents
    halo.reconfigure(
        agents=tuple(msgspec.structs.replace(each, isdisabled=each.isapiagent) for each in agents)
    )
    async with connected(halo) as found:
        with pytest.raises(NeedsAttention, match="client id and secret"):
            await found.connector.list_customers()


async def test_every_call_and_every_token_asks_before_it_is_made(halo):
    async with connected(halo) as found:
        await found.connector.check()
        halo.state.tokens.revoke_all()
        await found.connector.list_customers()
        assert found.calls == len(halo.events("api.call"))


async def test_connectors_of_one_process_share_a_token_and_a_changed_secret_gets_its_own(halo):
    for _ in range(3):
        async with connected(halo) as found:
            await found.connector.list_customers()
    assert token_calls(halo) == 1
    async with connected(halo, secret="wrong") as found:
        with pytest.raises(NeedsAttention, match="client id and secret"):
            await found.connector.list_customers()
    assert token_calls(halo) == 2


async def test_a_check_signs_in_anew(halo):
    """What was granted an hour ago says nothing of what is granted now."""
    async with connected(halo) as found:
        await found.connector.check()
        await found.connector.check()
    assert token_calls(halo) == 2


@pytest.mark.parametrize(("seconds", "is_sent"), [(0, True), (4, True), (6, False), (3600, False)])
async def test_a_call_that_was_held_up_after_its_permission_is_not_sent(halo, monkeypatch, seconds, is_sent):
    """A process that sleeps here may have lost its lease, and another may have written the ticket meanwhile."""
    clock = ManualClock()
    async with connected(halo, clock=clock) as found:
        draft = draft_for(NORTHWIND)
        await found.connector.open_ticket(draft_for(NORTHWIND))
        send = outbound.send

        async def after_a_while(client, request):
            clock.move(timedelta(seconds=seconds))
            return await send(client, request)

        monkeypatch.setattr(outbound, "send", after_a_while)
        if is_sent:
            await found.connector.open_ticket(draft)
        else:
            with pytest.raises(TryLater, match="held up") as failed:
                await found.connector.open_ticket(draft)
            assert not failed.value.may_have_happened
    assert len(halo.tickets_with(draft.reference)) == int(is_sent)
