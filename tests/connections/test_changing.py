"""Changing a connector with sandboxes: checked first, whole or not at all, and no secret to where it was not given."""

from __future__ import annotations

import asyncio

import httpx2
import msgspec
import pytest
from tests.connectors.halopsa.sandboxed import Reply, scripted
from tests.support.halo import connect, connector_row, drain

from stepladder.app import open_services
from stepladder.connections import changing, service as connections
from stepladder.connections.changing import (
    ConnectorChangedMeanwhile,
    NothingToChange,
    OtherInstance,
    SecretNeeded,
)
from stepladder.connections.kinds import UnknownSetting
from stepladder.connections.service import CheckFailed, NoConnector
from stepladder.connectors.base import TryLater
from stepladder.errors import Invalid
from stepladder.kit.findings import Result
from stepladder.kit.secret import Secret
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.records import Client, TicketType
from stepladder_sandbox.halopsa.testing import running_sandbox

OTHER_SECRET = "77777777-51d7-4c2f-8d3e-7a9c1e5b2d46-93c1f7e2-4a6b-4d8c-b5e0-1f2a3b4c5d6e"


@pytest.fixture
async def second():
    """Another address of the same HaloPSA: the same customers under the same ids, and a secret of its own."""
    config = msgspec.structs.replace(demo.demo_config("http://127.0.0.1:9", "not-set-yet"), tickets=())
    (application,) = config.applications
    other = msgspec.structs.replace(application, client_secret=OTHER_SECRET)
    async with running_sandbox(msgspec.structs.replace(config, applications=(other,))) as sandbox:
        yield sandbox


@pytest.fixture
async def services(settings, urls, second):
    """The product, which may call both."""
    settings = settings.model_copy(update={"outbound_allow": (*settings.outbound_allow, second.url)})
    async with open_services(settings, urls) as opened:
        yield opened


async def change(services, tenant, changes=None, **more):
    return await changing.change(services.connections, tenant.operator, changes, **more)


async def trail(services, tenant) -> list[list[str]]:
    async with services.db.transaction(tenant.operator) as tx:
        rows = await tx.dicts("select facts from audit_event where tag = 'connector.changed' order by id")
    return [row["facts"]["changed"] for row in rows]


# --- What is kept --------------------------------------------------------------------------------------------------


async def test_any_subset_changes_and_what_is_not_named_stays(services, tenant, halo, connected):
    before = await connector_row(services, tenant)
    changed = await change(services, tenant, {"category": "Hardware", "closure_minutes": "12"})
    after = await connector_row(services, tenant)
    assert changed.names == ("category", "closure_minutes")
    assert after.settings == {**before.settings, "category": "Hardware", "closure_minutes": 12.0}
    assert bytes(after.sealed_secret) == bytes(before.sealed_secret)
    assert await trail(services, tenant) == [["category", "closure_minutes"]]


async def test_the_new_settings_act_on_the_next_ticket_and_old_look_ups_are_forgotten(
    services, tenant, halo, connected
):
    await tenant.submit()
    await drain(services, tenant)
    await change(
        services,
        tenant,
        {
            "category": "none",
            "urgency": "High",
            "team": "infrastructure",
            "source": "7",
            "ticket_type": "Problem",
        },
    )
    async with services.db.transaction(tenant.operator) as tx:
        assert await tx.scalar("select count(*) from connection_lookup") == 0
    await tenant.submit()
    await drain(services, tenant)
    old, new = halo.ticket(2001), halo.ticket(2002)
    assert (old.team, old.source) == ("1st Line Support", 0)
    assert (new.categories[0], new.urgency, new.team, new.source) == ("", 1, "Infrastructure", 7)
    assert halo.state.directory.ticket_type(new.tickettype_id).name == "Problem"


async def test_taken_back_a_setting_has_its_default_again(services, tenant, halo, connected):
    await change(services, tenant, {"urgency": "High", "close_denied": "no"})
    assert (await change(services, tenant, {"urgency": None, "close_denied": None})).names == (
        "close_denied",
        "urgency",
    )
    row = await connector_row(services, tenant)
    assert (row.settings["urgency"], row.settings["close_denied"]) == ("Medium", True)


async def test_what_is_so_already_is_no_change_and_leaves_no_trace(services, tenant, halo, connected):
    assert (await change(services, tenant, {"urgency": "Medium"}, call_budget=1_000_000)).names == ()
    assert await trail(services, tenant) == []


async def test_a_call_budget_alone_needs_no_halopsa(services, tenant, halo, connected):
    halo.switches.outage = "reset"
    assert (await change(services, tenant, call_budget=40)).names == ("call_budget",)
    row = await connector_row(services, tenant)
    assert row.call_budget == 40
    async with services.db.transaction(tenant.operator) as tx:
        assert await tx.scalar("select tokens from drain") == 20


async def test_a_change_ends_the_pause_and_has_everything_tried_again(services, tenant, halo, connected):
    halo.reconfigure(ticket_types=(TicketType(id=5, name="Elevation"),))
    await tenant.submit()
    await drain(services, tenant)
    assert (await connector_row(services, tenant)).needs_attention
    await change(services, tenant, {"ticket_type": "Elevation"})
    row = await connector_row(services, tenant)
    assert (row.paused_until, row.failures, row.needs_attention, row.error) == (None, 0, False, None)
    await drain(services, tenant)
    assert len(halo.events("ticket.created")) == 1


async def test_a_drain_at_work_stops_before_its_next_call(services, tenant, halo, connected):
    """It has the old values: a changed address must not be followed by calls to the old one for a slice's length."""
    await tenant.submit()
    halo.fail_next("slow", path="/api/tickettype", seconds=1)
    drained = asyncio.create_task(drain(services, tenant))
    for _ in range(1000):
        if halo.events("fault.fired"):
            break
        await asyncio.sleep(0.01)
    await change(services, tenant, {"urgency": "High"})
    await drained
    assert halo.events("ticket.created") == []
    await drain(services, tenant)
    assert len(halo.events("ticket.created")) == 1
    assert halo.ticket(2001).urgency == 1


# --- What is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        (
            {"ticket_typ": "Incident"},
            UnknownSetting,
            "There is no setting 'ticket_typ'. There are: url, auth_url",
        ),
        ({"secret": "x"}, UnknownSetting, "closing_outcome"),
        ({"closure_minutes": "soon"}, Invalid, "closure_minutes"),
        ({"closure_minutes": "-1"}, Invalid, "closure_minutes"),
        ({"close_denied": "perhaps"}, Invalid, "close_denied"),
        ({"source": "Email"}, Invalid, "source: Give the number"),
        ({"url": None}, Invalid, "url"),
        ({"client_id": None}, Invalid, "client_id"),
        ({"auth_url": "https://northstar.halopsa.com/api"}, Invalid, "auth_url: That is the resource server"),
        ({"url": "ftp://northstar.halopsa.com"}, Invalid, "url: Give the address as in"),
        (
            {"ticket_type": "Elevation", "closed_status": "Shut"},
            CheckFailed,
            "Ticket type: .* Closed status: ",
        ),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, CheckFailed, "client id and secret"),
    ],
)
async def test_a_change_that_is_wrong_names_what_and_keeps_nothing(
    services, tenant, halo, connected, changes, error, words
):
    before = await connector_row(services, tenant)
    with pytest.raises(error, match=words):
        await change(services, tenant, {"urgency": "High", **changes})
    assert await connector_row(services, tenant) == before
    assert await trail(services, tenant) == []


async def test_nothing_and_a_budget_that_makes_no_sense_are_refused(services, tenant, halo, connected):
    with pytest.raises(NothingToChange):
        await change(services, tenant, {})
    with pytest.raises(Invalid, match="call budget"):
        await change(services, tenant, call_budget=0)


async def test_without_a_connector_there_is_nothing_to_change_or_check_or_show(services, tenant):
    for call in (
        change(services, tenant, {"urgency": "High"}),
        connections.check(services.connections, tenant.operator),
        connections.describe(services.connections, tenant.operator),
    ):
        with pytest.raises(NoConnector):
            await call


async def test_of_two_who_change_at_once_one_is_told_and_neither_change_is_lost(
    services, tenant, halo, connected
):
    results = await asyncio.gather(
        change(services, tenant, {"urgency": "High"}),
        change(services, tenant, {"impact": "Company Wide"}),
        changing.change(services.connections, tenant.operator, secret=Secret(demo.CLIENT_SECRET)),
        change(services, tenant, call_budget=500),
        return_exceptions=True,
    )
    refused = [each for each in results if isinstance(each, Exception)]
    assert {type(each) for each in refused} <= {ConnectorChangedMeanwhile}
    assert len(await trail(services, tenant)) == len(results) - len(refused)
    row = await connector_row(services, tenant)
    kept = [
        row.settings["urgency"] == "High",
        row.settings["impact"] == "Company Wide",
        row.call_budget == 500,
    ]
    assert kept == [not isinstance(results[number], Exception) for number in (0, 1, 3)]


# --- Where the secret goes (threat T12) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["url", "auth_url", "both", "path of the sign-in", "another scheme"], ids=lambda name: name
)
async def test_the_stored_secret_never_reaches_a_new_address(
    services, settings, urls, tenant, halo, connected, name
):
    """The secret is a canary, and the server at the new address writes down everything."""
    before = await connector_row(services, tenant)
    async with scripted(Reply()) as elsewhere:
        values = {
            "url": {"url": elsewhere.url},
            "auth_url": {"auth_url": elsewhere.url},
            "both": {"url": elsewhere.url, "auth_url": elsewhere.url},
            "path of the sign-in": {"auth_url": f"{halo.url}/t/other/auth"},
            "another scheme": {"url": halo.url.replace("http:", "https:")},
        }[name]
        allowing = settings.model_copy(update={"outbound_allow": (halo.url, elsewhere.url)})
        async with open_services(allowing, urls) as opened:
            with pytest.raises(SecretNeeded):
                await change(opened, tenant, values)
        assert elsewhere.tokens_asked == elsewhere.asked == []
    assert await connector_row(services, tenant) == before


async def test_with_a_secret_for_it_the_address_changes_and_only_the_new_secret_is_sent_there(
    services, settings, urls, tenant, halo, connected
):
    async with scripted(Reply(body={"record_count": 0})) as elsewhere:
        allowing = settings.model_copy(update={"outbound_allow": (halo.url, elsewhere.url)})
        async with open_services(allowing, urls) as opened:
            with pytest.raises(CheckFailed):
                await change(opened, tenant, {"url": elsewhere.url}, secret=Secret(OTHER_SECRET))
        heard = [*elsewhere.tokens_asked, *elsewhere.asked]
    assert elsewhere.tokens_asked
    assert all(demo.CLIENT_SECRET not in repr(each) for each in heard)
    assert any(OTHER_SECRET in repr(each) for each in elsewhere.tokens_asked)


async def test_after_a_move_every_call_goes_to_the_new_address_with_the_new_secret(
    services, tenant, halo, second, connected
):
    first = await tenant.submit()
    await drain(services, tenant)
    calls, token_tries = len(halo.events("api.call")), len(second.events("token.refused"))
    changed = await change(services, tenant, {"url": f"{second.url}/api/"}, secret=Secret(OTHER_SECRET))
    assert changed.names == ("url", "secret")
    assert await trail(services, tenant) == [["url", "secret"]]
    await tenant.submit()
    await drain(services, tenant)
    assert len(second.events("ticket.created")) == 1
    assert len(halo.events("api.call")) == calls
    assert len(second.events("token.refused")) == token_tries
    assert first.request_id not in repr(second.events("ticket.created"))


async def test_an_address_in_another_spelling_is_the_same_place(services, tenant, halo, connected):
    changed = await change(services, tenant, {"url": f" {halo.url.upper().replace('HTTP', 'http')}/API/ "})
    assert changed.names == ("url",)
    await tenant.submit()
    await drain(services, tenant)
    assert len(halo.events("ticket.created")) == 1


async def test_another_halopsa_is_not_taken_for_the_one_that_we_know(
    services, tenant, halo, second, connected
):
    """Customer 1 is another company there: tickets would go to a stranger, and strangers' tickets be closed."""
    await tenant.submit()
    await drain(services, tenant)
    before = await connector_row(services, tenant)
    clients = second.state.config.clients
    for others in (
        clients[1:],
        (msgspec.structs.replace(clients[0], name="Umbra"), *clients[1:]),
        (*clients[1:], Client(id=77, name="Northwind Traders")),
    ):
        second.reconfigure(clients=others)
        with pytest.raises(OtherInstance):
            await change(services, tenant, {"url": second.url}, secret=Secret(OTHER_SECRET))
    assert await connector_row(services, tenant) == before
    second.reconfigure(clients=clients)
    await change(services, tenant, {"url": second.url}, secret=Secret(OTHER_SECRET))


async def test_a_move_is_not_kept_while_the_customers_cannot_be_compared(
    services, tenant, halo, second, connected
):
    before = await connector_row(services, tenant)
    second.fail_next("500", path="/api/client", skip=1)
    with pytest.raises(TryLater):
        await change(services, tenant, {"url": second.url}, secret=Secret(OTHER_SECRET))
    assert await connector_row(services, tenant) == before


# --- Looking -------------------------------------------------------------------------------------------------------


async def test_the_check_looks_at_what_is_there_now(services, tenant, halo, connected):
    """Ids are remembered for a day; what was deleted an hour ago must show."""
    await tenant.submit()
    await drain(services, tenant)
    halo.reconfigure(ticket_types=(TicketType(id=1, name="Request"),), categories=())
    findings = {each.name: each for each in await connections.check(services.connections, tenant.operator)}
    assert findings["Ticket type"].result is Result.FAIL
    assert findings["Category"].result is Result.WARNING


async def test_everything_but_the_secret_is_shown_and_what_nobody_set_is_called_a_default(
    services, tenant, halo
):
    await connect(services, tenant, halo, call_budget=600, team="Infrastructure", category="none")
    shown = await connections.describe(services.connections, tenant.operator)
    assert demo.CLIENT_SECRET not in repr(shown)
    assert (shown["team"], shown["category"], shown["urgency"]) == ("Infrastructure", "", "Medium")
    assert {"urgency", "closed_status", "close_denied", "source", "call_budget"} <= set(shown["defaults"])
    assert not {"team", "category", "url", "client_id"} & set(shown["defaults"])


async def test_a_row_of_an_older_program_shows_the_new_settings_with_their_defaults(
    services, tenant, halo, connected
):
    async with services.db.transaction(tenant.operator) as tx:
        await tx.run("update connection set settings = settings - 'team' - 'close_denied'")
    shown = await connections.describe(services.connections, tenant.operator)
    assert (shown["team"], shown["close_denied"]) == ("", True)
    assert (await change(services, tenant, {"team": "Infrastructure"})).names == ("team",)


async def test_the_refusal_of_a_change_holds_no_secret(services, tenant, halo, second, connected):
    for secret in (OTHER_SECRET, "short"):
        with pytest.raises((CheckFailed, httpx2.HTTPError)) as refused:
            await change(services, tenant, {"urgency": "High"}, secret=Secret(secret))
        assert secret not in repr(refused.value) + str(refused.value)
