"""Where HaloPSA is: every form in which an administrator may copy its addresses leads to the same two places."""

from __future__ import annotations

from typing import Literal

import httpx2
import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError
from tests.connectors.halopsa.sandboxed import NORTHWIND, Reply, connected, draft_for, payload, scripted

from stepladder.connectors.base import NeedsAttention, TryLater
from stepladder.connectors.halopsa.config import HaloConfig
from stepladder.kit.findings import Result
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.app import create_app
from stepladder_sandbox.halopsa.demo import demo_config
from stepladder_sandbox.halopsa.testing import RunningSandbox, served


def config(url: str, auth_url: str = "") -> HaloConfig:
    return HaloConfig(url=url, auth_url=auth_url, client_id="an-id")


@pytest.mark.parametrize(
    "url",
    [
        "northstar.halopsa.com",
        "northstar.halopsa.com/",
        "northstar.halopsa.com/api",
        "https://northstar.halopsa.com",
        "https://northstar.halopsa.com/",
        "https://northstar.halopsa.com/api",
        "https://northstar.halopsa.com/api/",
        "https://NORTHSTAR.HaloPSA.com/api//",
        "  https://northstar.halopsa.com/api  ",
        "https://northstar.halopsa.com/auth",
        "https://northstar.halopsa.com/Auth/Token/",
        "https://northstar.halopsa.com/home",
        "https://northstar.halopsa.com/tickets/1234",
        "https://northstar.halopsa.com/api/Tickets",
    ],
)
def test_every_form_of_the_address_means_the_same(url: str) -> None:
    found = config(url)
    assert found.api_base == "https://northstar.halopsa.com/api"
    assert found.token_url == "https://northstar.halopsa.com/auth/token"


@pytest.mark.parametrize(
    "host",
    [
        "acme.haloitsm.com",
        "acme.haloservicedesk.com",
        "support.customer.example",
        "10.0.0.7:8443",
        "[::1]:8443",
    ],
)
def test_every_family_of_hosts_is_taken(host: str) -> None:
    assert config(host).api_base == f"https://{host}/api"
    assert config(host).token_url == f"https://{host}/auth/token"


@pytest.mark.parametrize(
    ("url", "api_base", "token_url"),
    [
        ("support.customer.example/halo", "/halo/api", "/auth/token"),
        ("support.customer.example/halo/api", "/halo/api", "/auth/token"),
        ("support.customer.example/halo/auth", "/halo/api", "/auth/token"),
        ("support.customer.example/home", "/home/api", "/auth/token"),
    ],
)
def test_below_a_host_of_the_msps_own_halopsa_may_be_anywhere(
    url: str, api_base: str, token_url: str
) -> None:
    found = config(url)
    assert found.api_base == f"https://support.customer.example{api_base}"
    assert found.token_url == f"https://support.customer.example{token_url}"


@pytest.mark.parametrize(
    ("one", "other", "is_same_place"),
    [
        ("https://NORTHSTAR.halopsa.com:443/API", "northstar.halopsa.com", True),
        ("northstar.halopsa.com/home", "northstar.halopsa.com", True),
        ("northstar.halopsa.com:8443", "northstar.halopsa.com", False),
        ("http://northstar.halopsa.com", "northstar.halopsa.com", False),
        ("northstar.halopsa.com.evil.example", "northstar.halopsa.com", False),
        ("support.customer.example/a", "support.customer.example/b", False),
    ],
)
def test_two_addresses_are_one_place_where_nothing_but_their_spelling_differs(
    one: str, other: str, is_same_place: bool
) -> None:
    """Whether the stored secret may be sent hangs on it, so scheme, host and port all count."""
    assert (config(one).places == config(other).places) is is_same_place


def test_another_sign_in_is_another_place_for_the_secret_and_the_same_instance() -> None:
    plain, other = config("northstar.halopsa.com"), config("northstar.halopsa.com", "auth.halopsa.com/auth")
    assert plain.places.secret_goes_to != other.places.secret_goes_to
    assert plain.places.instance == other.places.instance


@pytest.mark.parametrize(
    ("auth_url", "token_url"),
    [
        ("northstar.halopsa.com", "https://northstar.halopsa.com/auth/token"),
        ("https://NORTHSTAR.halopsa.com/", "https://northstar.halopsa.com/auth/token"),
        ("auth.halopsa.com", "https://auth.halopsa.com/token"),
        ("https://auth.halopsa.com/auth", "https://auth.halopsa.com/auth/token"),
        ("https://auth.halopsa.com/auth/", "https://auth.halopsa.com/auth/token"),
        ("https://auth.halopsa.com/auth/token", "https://auth.halopsa.com/auth/token"),
        ("https://auth.halopsa.com/auth/Token/", "https://auth.halopsa.com/auth/Token"),
    ],
)
def test_an_authorisation_server_is_asked_for_tokens_where_it_is(auth_url: str, token_url: str) -> None:
    assert config("northstar.halopsa.com", auth_url).token_url == token_url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "ftp://northstar.halopsa.com",
        "javascript://northstar.halopsa.com/%0aalert(1)",
        "https://user:password@northstar.halopsa.com",
        "https://",
        "https:///api",
        "https://northstar.halopsa.com?tenant=x",
        "https://northstar.halopsa.com/#/tickets",
        "https://northstar.halopsa.com:99999",
        "https://northstar.halopsa.com:0",
        "https://north star.halopsa.com",
        "https://northstar..halopsa.com",
        "https://northstar.halopsa.com/a b",
        "https://northstar.halopsa.com\\evil",
        "https://[::1",
        "https://\u202enorthstar.halopsa.com",
        f"https://{'a' * 70}.halopsa.com",
        "/api",
    ],
)
def test_what_cannot_be_an_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValidationError):
        config(url)


def test_the_resource_server_is_not_taken_for_the_authorisation_server() -> None:
    with pytest.raises(ValidationError, match="That is the resource server"):
        config("northstar.halopsa.com", "https://northstar.halopsa.com/api/")


@given(st.text(max_size=60) | st.text("https://.:@[]%-ü/a1 \\?#", max_size=40))
def test_an_address_that_is_taken_can_be_called(text: str) -> None:
    """A fault in it shows when it is set, not in the middle of the night."""
    try:
        found = config(text)
    except ValidationError:
        return
    for url in (found.api_base, found.token_url):
        request = httpx2.Request("GET", url)
        assert request.url.host
        request.url.host.encode("idna")


@pytest.mark.parametrize("form", ["{}", "{}/", "{}/api", "{}/api/", "{}/API"])
async def test_every_form_reaches_the_sandbox(halo: RunningSandbox, form: str) -> None:
    async with connected(form.format(halo.url)) as found:
        assert all(finding.result is not Result.FAIL for finding in await found.connector.check())


async def test_tokens_can_come_from_another_origin(halo: RunningSandbox) -> None:
    app = create_app(demo_config("http://127.0.0.1:9", "not-set-yet"))
    async with (
        served(app) as resource_server,
        served(app) as authorisation_server,
        connected(resource_server, auth_url=f"{authorisation_server}/auth") as found,
    ):
        opened = await found.connector.open_ticket(draft_for(NORTHWIND))
        assert not opened.is_closed
        calls = [event["path"] for event in app.state.world.log if event["kind"] == "api.call"]
        assert calls.count("/auth/token") == 1


async def test_the_tenant_is_named_where_it_has_to_be(halo: RunningSandbox) -> None:
    halo.switches.tenant_required = True
    async with connected(halo, tenant="northstar") as found:
        await found.connector.open_ticket(draft_for(NORTHWIND))
    async with connected(halo) as found:
        with pytest.raises(TryLater, match="tenant"):
            await found.connector.open_ticket(draft_for(NORTHWIND))


@pytest.mark.parametrize(("how", "kind"), [("500", TryLater), ("html", NeedsAttention)])
async def test_a_wrong_tenant_is_said_to_be_a_likely_cause(
    halo: RunningSandbox, how: Literal["500", "html"], kind: type[Exception]
) -> None:
    halo.switches.wrong_tenant = how
    async with connected(halo, tenant="southstar") as found:
        with pytest.raises(kind, match="tenant"):
            await found.connector.list_customers()
        (finding,) = await found.connector.check()
    assert finding.result is Result.FAIL
    assert "tenant" in finding.detail


async def test_the_web_application_instead_of_the_api_is_told_apart() -> None:
    page = Reply(200, payload("200_sign_in_page.html"), {"content-type": "text/html"})
    async with scripted(page) as script, connected(script.url) as found:
        with pytest.raises(TryLater, match="check the instance's address"):
            await found.connector.list_customers()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed_and_sends_no_credentials_on(status: int) -> None:
    async with scripted(Reply()) as elsewhere:
        moved = Reply(status, payload("301_to_sign_in.html"), {"location": f"{elsewhere.url}/api/Client"})
        async with scripted(moved) as script, connected(script.url) as found:
            with pytest.raises(NeedsAttention, match="Check the instance's address") as refused:
                await found.connector.list_customers()
            assert refused.value.whole_instance
        assert elsewhere.asked == []
        assert elsewhere.tokens_asked == []


async def test_ids_and_names_are_taken_with_blanks_around_them(halo: RunningSandbox) -> None:
    """HALO-14: a client id is pasted with the blank behind it."""
    pasted = {"client_id": f" {demo.CLIENT_ID}\t", "ticket_type": " Incident "}
    async with connected(halo, **pasted) as found:
        assert found.config.client_id == demo.CLIENT_ID
        assert (await found.connector.check())[0].result is Result.PASS


async def test_nothing_at_the_address_is_said_to_be_that(halo: RunningSandbox) -> None:
    async with scripted(Reply(404)) as script, connected(script.url) as found:
        with pytest.raises(NeedsAttention, match=r"There is no HaloPSA at that address \(404\)"):
            await found.connector.list_customers()


async def test_nobody_listening_is_unreachable_and_nothing_happened() -> None:
    async with served(create_app(demo_config("http://127.0.0.1:9", "x"))) as gone:
        pass
    async with connected(gone) as found:
        with pytest.raises(TryLater, match="cannot be reached") as failed:
            await found.connector.open_ticket(draft_for(NORTHWIND))
    assert not failed.value.may_have_happened
