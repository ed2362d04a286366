"""Custom tabs: the address filled from the ticket, and a policy that lets in just that origin."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import httpx2
import pytest
from hypothesis import given, strategies as st
from tests.sandbox.conftest import Api, StepladderStub

from stepladder_sandbox.halopsa.demo import DANA, TAB
from stepladder_sandbox.halopsa.tabaddress import origin_of
from stepladder_sandbox.halopsa.testing import RunningSandbox


def source_of(markup: Any) -> Any:
    found = re.search(r'<iframe class="frame"[^>]* src="([^"]*)"', markup)
    return found and found[1].replace("&amp;", "&")


@pytest.fixture
def shown(admin: Api, guest: Api) -> Callable[..., Awaitable[tuple[httpx2.Response, str | None]]]:
    """The answer and the frame's address of a ticket's tab with this address."""

    async def show(ticket_id: int, url: str | None = None, agent: str = "") -> Any:
        if url is not None:
            await admin.put("Tabs", id=TAB, url=url)
        headers = {"Cookie": f"sandbox_agent={agent}"}
        answer = await guest.http.get(f"/tickets/{ticket_id}/tabs/{TAB}", headers=headers)
        return answer, source_of(answer.text)

    return show


async def test_the_demo_leads_to_the_customer_of_the_ticket(
    api: Api, shown: Callable[..., Awaitable[tuple[httpx2.Response, str | None]]], stepladder: StepladderStub
) -> None:
    """HALO-22: in the one form of the address that set-up makes, too."""
    ticket = await api.create()
    answer, source = await shown(ticket["id"])
    assert source == f"{stepladder.url}?customerDisplayName=northwind"
    assert f"frame-src {stepladder.url}" in answer.headers["content-security-policy"].split("; ")


async def test_only_the_page_of_a_tab_may_show_a_frame(api: Api, guest: Api) -> None:
    ticket = await api.create()
    for path in ("/", f"/tickets/{ticket['id']}", "/setup", f"/portal/tickets/{ticket['id']}"):
        assert "frame-src" not in (await guest.http.get(path)).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("$CLIENT_REFERENCE", "northwind"),
        ("{$CLIENT_REFERENCE}", "northwind"),
        ("$client_name", "Northwind%20Traders"),
        ("$ID-$CLIENT_ID", "{id}-1"),
        ("$USER_EMAIL", "amelia.hart%40northwind.example"),
        ("$USER_NAME/$SITE_NAME/$STATUS", "Amelia%20Hart/Main/New"),
        ("$AGENT_EMAIL", "dana%40nikpot.example"),
        ("$CFidemeumElevationRequestId", "r-1"),
        ("$SUMMARY", "a%20%26%20b%20%23%20c%3F"),
        ("$NOT_A_VARIABLE", "$NOT_A_VARIABLE"),
        ("$$ $", "$$ $"),
    ],
)
async def test_variables_are_filled_and_the_rest_stays(
    api: Api, shown: Callable[..., Awaitable[tuple[httpx2.Response, str | None]]], written: str, filled: str
) -> None:
    ticket = await api.create(
        summary="a & b # c?",
        site_id=11,
        user_id=500,
        customfields=[{"name": "CFidemeumElevationRequestId", "value": "r-1"}],
    )
    _, source = await shown(ticket["id"], f"https://msp.example/?c={written}", agent=DANA)
    assert source == "https://msp.example/?c=" + filled.format(id=ticket["id"])


@pytest.mark.parametrize(
    ("encoding", "filled"),
    [
        ("percent", "Z%C3%B6e%20%26%20Co%20%231"),
        ("plus", "Z%C3%B6e+%26+Co+%231"),
        ("spaces", "Zöe%20&%20Co%20#1"),
        ("none", "Zöe & Co #1"),
    ],
)
async def test_how_values_are_encoded_is_a_switch(
    admin: Api,
    api: Api,
    sandbox: RunningSandbox,
    shown: Callable[..., Awaitable[tuple[httpx2.Response, str | None]]],
    encoding: Literal["percent", "plus", "spaces", "none"],
    filled: str,
) -> None:
    sandbox.switches.tab_url_encoding = encoding
    await admin.put("Client", id=1, ref="Zöe & Co #1")
    ticket = await api.create()
    _, source = await shown(ticket["id"], "https://msp.example/?c=$CLIENT_REFERENCE")
    assert source == f"https://msp.example/?c={filled}"


async def test_the_sandbox_of_the_frame_is_a_switch(
    api: Api, sandbox: RunningSandbox, shown: Callable[..., Awaitable[tuple[httpx2.Response, str | None]]]
) -> None:
    ticket = await api.create()
    answer, _ = await shown(ticket["id"])
    assert "sandbox=" not in answer.text
    sandbox.switches.iframe_sandbox = "allow-scripts allow-forms"
    answer, _ = await shown(ticket["id"])
    assert 'sandbox="allow-scripts allow-forms"' in answer.text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "$SUMMARY",
        "//msp.example/",
        "https://",
        "https://a b/",
        "https://x:99999/",
        "https://[bad/",
        "https://*/",
        "https://msp.example;script-src/",
    ],
)
async def test_an_address_that_no_policy_can_name_is_not_framed(
    api: Api, shown: Callable[..., Awaitable[tuple[httpx2.Response, str | None]]], url: str
) -> None:
    ticket = await api.create(summary="javascript:alert(document.domain)")
    answer, source = await shown(ticket["id"], url)
    assert answer.status_code == 200
    assert source is None
    assert "frame-src" not in answer.headers["content-security-policy"]
    assert "cannot be shown in a frame" in answer.text


@given(st.text())
def test_an_origin_never_adds_to_the_policy(text: str) -> None:
    for url in (text, f"https://{text}", f"https://msp.example{text}"):
        assert re.fullmatch(r"|https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d+)?", origin_of(url))


async def test_which_types_show_which_tabs(admin: Api, api: Api, guest: Api, sandbox: RunningSandbox) -> None:
    second = await admin.put("Tabs", name="Second", url="https://second.example", sequence=-5)
    await admin.put("Tabs", name="No address", url="")
    ticket = await api.create()

    async def names() -> Any:
        markup = (await guest.http.get(f"/tickets/{ticket['id']}")).text
        part = markup[markup.index('class="subtabs"') :].split("</nav>")[0]
        return re.findall(r">([A-Z][a-z]+)</a>", part)

    assert await names() == ["Ticket", "Second", "Stepladder"]
    only = [{"iframetab_id": second["id"]}]
    await admin.put("TicketType", id=1, allowall_iframe_customtabs=False, allowed_iframe_customtabs=only)
    assert await names() == ["Ticket", "Second"]
    assert (await guest.http.get(f"/tickets/{ticket['id']}/tabs/{TAB}")).status_code == 404
    assert (await guest.http.get(f"/tickets/9999/tabs/{TAB}")).status_code == 404


async def test_a_tab_for_a_window_of_its_own_is_a_link(admin: Api, api: Api, guest: Api) -> None:
    await admin.put("Tabs", id=TAB, open_in_new_tab=True, url="https://msp.example/?c=$ID")
    ticket = await api.create()
    markup = (await guest.http.get(f"/tickets/{ticket['id']}")).text
    address = f"https://msp.example/?c={ticket['id']}"
    assert f'<a href="{address}" target="_blank" rel="noopener">' in markup
