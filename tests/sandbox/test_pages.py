"""The pages as the server sends them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.sandbox.conftest import Api, StepladderStub

from stepladder_sandbox import halopsa
from stepladder_sandbox.halopsa.demo import APPROVE, CLOSED, DANA, NIK
from stepladder_sandbox.halopsa.testing import RunningSandbox

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def page(guest: Api) -> Callable[..., Awaitable[str]]:
    async def fetch(path: Any, **params: Any) -> Any:
        answer = await guest.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.text

    return fetch


async def test_every_page_is_labelled_as_a_sandbox(page: Callable[..., Awaitable[str]], api: Api) -> None:
    ticket = await api.create()
    for path in ("/", f"/tickets/{ticket['id']}", "/log"):
        markup = await page(path)
        assert "Sandbox HaloPSA" in markup
        assert '<html lang="en">' in markup


async def test_the_list_shows_open_tickets_newest_first(
    page: Callable[..., Awaitable[str]], api: Api
) -> None:
    await api.create(summary="The newest")
    markup = await page("/")
    positions = [markup.index(text) for text in ("The newest", "New starter on Monday", "VPN drops")]
    assert positions == sorted(positions)
    assert "Scanner on the front desk" not in markup


@pytest.mark.parametrize(("show", "count"), [("open", 3), ("closed", 1), ("all", 4), ("nonsense", 3)])
async def test_open_closed_or_all_tickets_are_shown(
    page: Callable[..., Awaitable[str]], show: str, count: int
) -> None:
    markup = await page("/live/tickets", show=show)
    assert f"{count} ticket" in markup


async def test_an_empty_list_says_what_will_happen(
    page: Callable[..., Awaitable[str]], api: Api, sandbox: RunningSandbox
) -> None:
    for ticket_id in (2002, 2003, 2004):
        await api.update(ticket_id, status_id=CLOSED)
    assert "No open tickets. A new one appears here by itself." in await page("/")


async def test_the_list_has_pages(page: Callable[..., Awaitable[str]], api: Api) -> None:
    for number in range(30):
        await api.create(summary=f"Number {number:02}")
    first, second = await page("/", page=1), await page("/", page=2)
    assert "page 1 of 2" in first
    assert "Number 29" in first
    assert "Number 29" not in second
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    for beyond in ("99", "0", "-1", "nonsense"):
        assert "of 2" in await page("/", page=beyond)


async def test_a_ticket_shows_all_that_is_known_of_it(page: Callable[..., Awaitable[str]], api: Api) -> None:
    ticket = await api.create(
        summary="Setup [SL-1]",
        details="First line\nSecond line",
        site_id=11,
        user_id=500,
        agent_id=NIK,
        impact=3,
        urgency=2,
        assets=[{"id": 302}],
        third_party_id_string="SL-1",
        customfields=[{"name": "CFidemeumElevationRequestId", "value": "r-1"}],
    )
    await api.act(ticket["id"], note="Looked at it", timetaken=1.25, hiddenfromuser=True)
    markup = await page(f"/tickets/{ticket['id']}")
    for text in (
        *(
            "Setup [SL-1]",
            "First line\nSecond line",
            "Northwind Traders",
            "Amelia Hart",
            "NW-DESK-003",
            "Nik Potnis",
        ),
        *(
            "Single User Affected",
            "Medium",
            "CFidemeumElevationRequestId",
            "r-1",
            "SL-1",
            "Business Applications",
        ),
        *("Looked at it", "Internal Note", "1 h 15 min", "Private", "24 Nov 2026, 09:30:15"),
    ):
        assert text in markup, text


async def test_what_others_wrote_is_shown_and_never_acts(
    page: Callable[..., Awaitable[str]], api: Api, sandbox: RunningSandbox
) -> None:
    people = tuple(
        type(each)(
            id=each.id, name=HOSTILE, client_id=each.client_id, site_id=each.site_id, emailaddress=HOSTILE
        )
        for each in sandbox.state.config.users
    )
    sandbox.reconfigure(users=people)
    ticket = await api.create(
        summary=HOSTILE,
        details=None,
        details_html=f"<p onclick='x'>{HOSTILE}</p><iframe srcdoc='x'></iframe>",
        reportedby=HOSTILE,
        third_party_id_string=HOSTILE,
        customfields=[{"id": 181, "value": HOSTILE}],
    )
    await api.act(ticket["id"], note=HOSTILE, note_html=HOSTILE)
    await api.update(ticket["id"], closure_note=HOSTILE)
    await api.get("Tickets", search=HOSTILE)
    for path in ("/", f"/tickets/{ticket['id']}", "/log"):
        markup = await page(path)
        assert "<img src=x" not in markup
        assert "<script>" not in markup
        assert "<iframe" not in markup


async def test_addresses_in_details_are_links_that_tell_nothing_and_scripts_are_not(
    page: Callable[..., Awaitable[str]], api: Api
) -> None:
    details = "Approve: https://step.example/r/1?a=b&c=d. Not this: javascript:alert(1)"
    ticket = await api.create(details=details)
    markup = await page(f"/tickets/{ticket['id']}")
    link = re.search(r'<a href="(https://step\.example[^"]*)"([^>]*)>', markup)
    assert link is not None
    assert link[1] == "https://step.example/r/1?a=b&amp;c=d"
    assert 'rel="noopener noreferrer"' in link[2]
    assert 'href="javascript' not in markup


async def test_nothing_on_a_page_needs_inline_code_and_the_policy_forbids_it(guest: Api, api: Api) -> None:
    ticket = await api.create()
    for path in ("/", f"/tickets/{ticket['id']}", "/log", "/tickets/999999"):
        answer = await guest.http.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|https?://(?!127)", answer.text)


async def test_the_live_part_of_a_ticket_brings_its_heading_along(
    page: Callable[..., Awaitable[str]], api: Api
) -> None:
    ticket = await api.create(summary="Setup [SL-1]")
    markup = await page(f"/live/tickets/{ticket['id']}")
    assert "<html" not in markup
    assert '<hx-partial hx-target="#head"' in markup
    assert "Setup [SL-1]" in markup


async def test_a_ticket_that_is_not_there_is_said_so(guest: Api) -> None:
    for path in ("/tickets/999999", "/live/tickets/999999"):
        answer = await guest.http.get(path)
        assert answer.status_code == 404
        assert "There is no ticket 999999" in answer.text


async def press(guest: Any, ticket_id: int, headers: Any = None, **form: Any) -> Any:
    fields = {"button_id": APPROVE, "agent_id": DANA} | form
    return await guest.http.post(f"/tickets/{ticket_id}/press", data=fields, headers=headers)


async def test_a_press_without_script_leads_back_to_the_ticket_with_its_result(
    guest: Api, api: Api, page: Callable[..., Awaitable[str]], stepladder: StepladderStub
) -> None:
    stepladder.body = '{"detail": "Approved for Amelia Hart"}'
    ticket = await api.create()
    answer = await press(guest, ticket["id"])
    assert (answer.status_code, answer.headers["location"]) == (303, f"/tickets/{ticket['id']}")
    markup = await page(f"/tickets/{ticket['id']}")
    assert "Approved for Amelia Hart" in markup
    assert "HTTP 200" in markup
    assert "New → Closed" in markup
    assert f'<option value="{DANA}" selected' in markup


async def test_a_press_by_script_is_answered_with_its_result_alone(
    guest: Api, api: Api, stepladder: StepladderStub
) -> None:
    stepladder.status, stepladder.body = 409, '{"title": "Already decided", "detail": "Nik was first."}'
    ticket = await api.create()
    answer = await press(guest, ticket["id"], {"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.headers["hx-trigger"] == "pressed"
    assert "Nik was first." in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (200, "{}", "Stepladder accepted the decision."),
        (200, "not json", "Stepladder accepted the decision."),
        (403, "[]", "Stepladder refused."),
        (403, '{"title": "Not permitted"}', "Not permitted"),
        (200, '{"verdict": "APPROVED"}', "APPROVED"),
    ],
)
async def test_an_answer_becomes_a_sentence(
    guest: Api, api: Api, stepladder: StepladderStub, status: int, body: str, sentence: str
) -> None:
    stepladder.status, stepladder.body = status, body
    ticket = await api.create()
    assert sentence in (await press(guest, ticket["id"], {"HX-Request": "true"})).text


async def test_no_answer_becomes_a_sentence_too(guest: Api, api: Api, sandbox: RunningSandbox) -> None:
    sandbox.point_at("http://127.0.0.1:9", "key")
    ticket = await api.create()
    answer = await press(guest, ticket["id"], {"HX-Request": "true"})
    assert "Stepladder did not answer." in answer.text
    assert "No answer" in answer.text


@pytest.mark.parametrize("form", [{"agent_id": 1}, {"agent_id": "nobody"}, {"button_id": 99}])
async def test_an_impossible_press_is_explained(
    guest: Api, api: Api, stepladder: StepladderStub, form: dict[str, Any]
) -> None:
    ticket = await api.create()
    for headers in ({}, {"HX-Request": "true"}):
        answer = await press(guest, ticket["id"], headers, **form)
        assert answer.status_code == 400
        assert "Not possible" in answer.text
    assert stepladder.calls == []


@pytest.mark.parametrize(
    ("site", "allowed"), [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False)]
)
async def test_another_site_cannot_press(
    guest: Api, api: Api, stepladder: StepladderStub, site: str, allowed: bool
) -> None:
    ticket = await api.create()
    answer = await press(guest, ticket["id"], {"Sec-Fetch-Site": site})
    assert answer.status_code == (303 if allowed else 403)
    assert len(stepladder.calls) == (1 if allowed else 0)


async def test_a_type_without_quick_actions_says_so(page: Callable[..., Awaitable[str]], api: Api) -> None:
    ticket = await api.create(tickettype_id=4)
    assert "This type of ticket has no quick actions." in await page(f"/tickets/{ticket['id']}")


async def test_the_log_shows_calls_of_both_directions_and_faults(
    page: Callable[..., Awaitable[str]], guest: Api, api: Api, sandbox: RunningSandbox
) -> None:
    ticket = await api.create()
    sandbox.fail_next("504_after_commit")
    await api.act(ticket["id"])
    await sandbox.press(ticket["id"], "deny", NIK)
    sandbox.fail_next("reset_before")
    with pytest.raises(httpx2.ReadError):
        await api.get("Status")
    markup = await page("/log")
    assert "No answer" in await page("/live/log")
    assert "POST /api/tickets" in markup
    assert "fault: 504 after commit" in markup
    assert "POST /api/integrations/elevation/request/deny" in markup
    assert "of 700 calls in the last 300 s" in markup


async def test_an_untouched_log_says_that_it_fills_itself(page: Callable[..., Awaitable[str]]) -> None:
    assert "No calls yet. They appear here by themselves." in await page("/log")


def test_vendored_files_are_named_with_version_and_licence() -> None:
    vendor = Path(halopsa.__file__).parent / "static" / "vendor"
    told = (vendor / "VENDORED.md").read_text()
    for file in vendor.iterdir():
        assert file.name == "VENDORED.md" or file.name in told
    assert "Tabler v1.6.1" in (vendor / "tabler.min.css").read_text()[:200]
    assert '"4.0.1"' in (vendor / "htmx.min.js").read_text()
