"""The pages in a real browser: by eye, by keyboard, by phone, and for those who need neither script nor light."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect
from tests.sandbox.conftest import Api, MovableClock, SleptSeconds, StepladderStub, client, stub_served

from stepladder_sandbox.halopsa.config import SandboxConfig
from stepladder_sandbox.halopsa.demo import APPROVE, CLOSED, DANA, NIK, RUNBOOK, TAB
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox

# One browser for all of them, which lives in one event loop; a start of it takes longer than most of these tests.
IN_ONE_LOOP: Final = "module"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope=IN_ONE_LOOP),
    pytest.mark.xdist_group("browser"),
]

CHROMIUM = (
    os.environ.get("STEPLADDER_CHROMIUM")
    or ("/usr/bin/chromium" if os.access("/usr/bin/chromium", os.X_OK) else None)
    or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome-stable"))), None)
)
QUIET = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
DESKTOP, PHONE, NARROWEST = (1280, 900), (390, 844), (320, 640)
WCAG_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

REFUSAL = '{"title": "Already decided", "status": 409, "detail": "Nik Potnis approved it at 09:30."}'
LONG = "C:\\Users\\amelia\\Downloads\\" + "A" * 90 + ".exe"


@pytest_asyncio.fixture(scope="module", loop_scope=IN_ONE_LOOP)
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope=IN_ONE_LOOP)
async def stepladder() -> AsyncIterator[StepladderStub]:
    async with stub_served() as stub:
        yield stub


@pytest_asyncio.fixture(loop_scope=IN_ONE_LOOP)
async def sandbox(
    config: SandboxConfig, clock: MovableClock, slept: SleptSeconds
) -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(config, clock=clock, sleep=slept) as running:
        yield running


@pytest_asyncio.fixture(loop_scope=IN_ONE_LOOP)
async def api(sandbox: RunningSandbox) -> AsyncIterator[Api]:
    async with client(sandbox.url) as signed_in:
        await signed_in.sign_in()
        yield signed_in


@pytest_asyncio.fixture(loop_scope=IN_ONE_LOOP)
async def admin(sandbox: RunningSandbox) -> AsyncIterator[Api]:
    async with client(sandbox.url) as signed_in:
        await signed_in.sign_in_for_setup()
        yield signed_in


@pytest.fixture
def look(browser: Browser, sandbox: RunningSandbox) -> Callable[..., AbstractAsyncContextManager[Page]]:
    """Opens pages in a window; complains about anything in the console and anything fetched from elsewhere."""

    @asynccontextmanager
    async def opened(
        path: Any,
        *,
        size: Any = DESKTOP,
        scheme: Any = "light",
        script: bool = True,
        also: Any = None,
        missing: int = 0,
    ) -> AsyncIterator[Any]:
        context = await browser.new_context(
            base_url=sandbox.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        page = await context.new_page()
        troubles = []
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        known = (sandbox.url, also or sandbox.url)
        page.on(
            "request", lambda request: troubles.extend([] if request.url.startswith(known) else [request.url])
        )
        await page.goto(path)
        yield page
        await context.close()
        # Chromium itself notes a page that is not there.
        assert [each for each in troubles if "status of 404" not in each] == []
        assert len(troubles) == missing

    return opened


@pytest_asyncio.fixture(loop_scope=IN_ONE_LOOP)
async def ticket_id(api: Api) -> int:
    created = await api.create(
        summary="Elevation request: Setup.exe on NW-LAP-014 [SL-1]",
        details=f"Amelia asks to run {LONG}\nApprove: http://127.0.0.1:8080/requests/1",
        site_id=11,
        user_id=500,
        assets=[{"id": 300}],
        customfields=[
            {"name": "CFidemeumElevationRequestId", "value": "8f3d2c1b-5a77-4b0e-9c0e-0f6d7f1f2a3b"}
        ],
    )
    await api.act(created["id"], note="Looked at by the night shift", timetaken=0.0833, hiddenfromuser=True)
    return int(created["id"])


async def check(page: Any) -> None:
    results = await Axe().run(page, options=WCAG_AA)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_page(
    look: Callable[..., AbstractAsyncContextManager[Page]],
    api: Api,
    sandbox: RunningSandbox,
    stepladder: StepladderStub,
    ticket_id: int,
    size: tuple[int, int],
    scheme: str,
) -> None:
    await sandbox.press(ticket_id, "approve", NIK)
    stepladder.status, stepladder.body = 409, REFUSAL
    await sandbox.press(ticket_id, "deny", DANA)
    await api.update(ticket_id, closure_note="Approved by Nik Potnis for this user, once.")
    sandbox.fail_next("504_after_commit")
    await api.get("Status")
    for path in ("/?show=all", "/?show=closed", f"/tickets/{ticket_id}", "/log"):
        async with look(path, size=size, scheme=scheme) as page:
            if path.startswith("/tickets"):
                await page.get_by_text("Request and answer").first.click()
                await page.get_by_role("button", name="Deny elevation").click()
                await expect(page.get_by_role("status")).to_contain_text("Nik Potnis approved it")
            await check(page)


@pytest_asyncio.fixture(loop_scope=IN_ONE_LOOP)
async def full(
    admin: Api, api: Api, sandbox: RunningSandbox, stepladder: StepladderStub, ticket_id: int
) -> int:
    """A ticket with everything on it: a failed runbook, a merge, tabs of both sorts, actions for customers."""
    await admin.put("Webhook", id=RUNBOOK, active=True)
    await admin.put("Outcome", id=APPROVE, show_to_user=True)
    await admin.put("Tabs", name="Elsewhere", url="https://elsewhere.example/", open_in_new_tab=True)
    other = (await admin.create(summary="The one that stays"))["id"]
    stepladder.status, stepladder.body = 503, '{"title": "Not now"}'
    await admin.update(ticket_id, merged_into_id=other, domerge=True)
    await sandbox.runbooks_done()
    stepladder.status, stepladder.body, stepladder.media_type = 200, FRAMED, "text/html"
    return ticket_id


FRAMED = "<!doctype html><html lang='en'><title>Stepladder</title><h1>Stepladder in a frame</h1></html>"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_the_pages_about_set_up_customers_and_portal(
    look: Callable[..., AbstractAsyncContextManager[Page]],
    full: int,
    stepladder: StepladderStub,
    size: tuple[int, int],
    scheme: str,
) -> None:
    for path in (
        f"/tickets/{full}",
        f"/tickets/{full}/tabs/{TAB}",
        f"/portal/tickets/{full}",
        "/customers",
        "/setup",
        "/log",
    ):
        async with look(path, size=size, scheme=scheme, also=stepladder.url) as page:
            for details in await page.locator("details").all():
                await details.evaluate("element => element.open = true")
            await check(page)
            wide = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide == 0, path


async def test_a_deleted_ticket_and_bare_pages_are_fit_to_read_too(
    look: Callable[..., AbstractAsyncContextManager[Page]],
    admin: Api,
    sandbox: RunningSandbox,
    ticket_id: int,
) -> None:
    ticket = sandbox.ticket(ticket_id)
    sandbox.state.store.delete(ticket)
    sandbox.state.configure(
        integrations=(), methods=(), workflows=(), webhooks=(), tabs=(), custom_fields=(), clients=()
    )
    for path in ("/setup", "/customers", "/tickets/2003"):
        async with look(path, size=PHONE) as page:
            await check(page)
    async with look("/setup") as page:
        await expect(page.get_by_text("every action is allowed")).to_be_visible()


async def test_a_tab_shows_the_page_of_another_origin_in_a_frame(
    look: Callable[..., AbstractAsyncContextManager[Page]], full: int, stepladder: StepladderStub
) -> None:
    async with look(f"/tickets/{full}", also=stepladder.url) as page:
        await page.get_by_role("link", name="Stepladder", exact=True).click()
        framed = page.frame_locator("iframe.frame")
        await expect(framed.get_by_role("heading", name="Stepladder in a frame")).to_be_visible()
        assert stepladder.calls[-1].path == "/"
        assert await page.evaluate("document.querySelector('iframe').contentDocument === null")
        await page.get_by_role("link", name="Ticket", exact=True).click()
        await expect(page.get_by_role("button", name="Approve elevation")).to_be_visible()


async def test_a_frame_of_any_other_origin_is_blocked_by_the_policy(
    look: Callable[..., AbstractAsyncContextManager[Page]],
    full: int,
    stepladder: StepladderStub,
    browser: Browser,
    sandbox: RunningSandbox,
) -> None:
    context = await browser.new_context(base_url=sandbox.url)
    page = await context.new_page()
    await page.goto(f"/tickets/{full}/tabs/{TAB}")
    blocked = await page.evaluate(
        """() => new Promise(resolve => {
            document.addEventListener("securitypolicyviolation", event => resolve(event.violatedDirective));
            document.querySelector("iframe").src = "http://127.0.0.1:9/";
            setTimeout(() => resolve("nothing"), 5000);
        })"""
    )
    assert blocked == "frame-src"
    await context.close()


@pytest.mark.parametrize(("attribute", "ran"), [("", True), ("allow-scripts", True), ("allow-forms", False)])
async def test_a_sandboxed_frame_runs_no_script(
    browser: Browser,
    full: int,
    stepladder: StepladderStub,
    sandbox: RunningSandbox,
    attribute: str,
    ran: bool,
) -> None:
    sandbox.switches.iframe_sandbox = attribute
    stepladder.body = FRAMED.replace("</html>", "<script>document.body.append('Scripts run')</script></html>")
    context = await browser.new_context(base_url=sandbox.url)
    page = await context.new_page()
    await page.goto(f"/tickets/{full}/tabs/{TAB}")
    framed = page.frame_locator("iframe.frame")
    await expect(framed.get_by_role("heading", name="Stepladder in a frame")).to_be_visible()
    await expect(framed.get_by_text("Scripts run")).to_have_count(1 if ran else 0)
    await context.close()


async def test_a_customers_user_presses_on_the_portal(
    look: Callable[..., AbstractAsyncContextManager[Page]], full: int, stepladder: StepladderStub
) -> None:
    async with look(f"/portal/tickets/{full}") as page:
        await page.get_by_label("Signed in as").select_option("501")
        await page.get_by_role("button", name="Approve elevation").click()
        await expect(page.get_by_role("listitem").filter(has_text="Ben Okafor")).to_be_visible()
        assert await page.get_by_label("Signed in as").input_value() == "501"
    assert stepladder.calls[-1].path.endswith("/approve")


async def test_a_runbook_that_ends_appears_without_a_reload(
    look: Callable[..., AbstractAsyncContextManager[Page]],
    admin: Api,
    api: Api,
    stepladder: StepladderStub,
    ticket_id: int,
) -> None:
    await admin.put("Webhook", id=RUNBOOK, active=True)
    async with look(f"/tickets/{ticket_id}") as page:
        await page.evaluate("window.sameDocument = true")
        await api.update(ticket_id, status_id=CLOSED)
        entry = page.get_by_role("listitem").filter(has_text="Runbook: Idemeum - disable JIT accounts")
        await expect(entry).to_contain_text("Completed")
        await expect(entry).to_contain_text("HTTP 200")
        assert await page.evaluate("window.sameDocument")


async def test_a_ticket_and_a_customer_are_changed_by_their_forms(
    look: Callable[..., AbstractAsyncContextManager[Page]], sandbox: RunningSandbox, ticket_id: int
) -> None:
    async with look(f"/tickets/{ticket_id}", missing=1) as page:
        await page.get_by_text("Change this ticket").click()
        await page.get_by_label("Move to another customer").select_option("2")
        await page.get_by_role("button", name="Move").click()
        await expect(page.get_by_label("Properties").first).to_contain_text("Contoso Dental")
        await page.get_by_text("Change this ticket").click()
        await page.get_by_role("button", name="Delete this ticket").click()
        await expect(page.get_by_role("heading", name=f"There is no ticket {ticket_id}")).to_be_visible()
        await page.get_by_role("button", name="Undelete it").click()
        await expect(page.get_by_role("button", name="Approve elevation")).to_be_visible()
        await page.goto("/customers")
        await page.get_by_text("Change Tailspin Toys").click()
        await page.get_by_role("button", name="Make inactive").click()
        await expect(page.get_by_role("row", name="Tailspin Toys")).to_contain_text("Inactive")


async def test_axe_finds_nothing_where_there_is_nothing_to_show(
    look: Callable[..., AbstractAsyncContextManager[Page]], api: Api
) -> None:
    for ticket in (2002, 2003, 2004):
        await api.update(ticket, status_id=CLOSED)
    async with look("/") as page:
        await expect(page.get_by_text("No open tickets")).to_be_visible()
        await check(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE, NARROWEST], ids=["desktop", "phone", "narrowest"])
async def test_no_page_scrolls_sideways(
    look: Callable[..., AbstractAsyncContextManager[Page]],
    sandbox: RunningSandbox,
    ticket_id: int,
    size: tuple[int, int],
) -> None:
    await sandbox.press(ticket_id, "approve", NIK)
    for path in ("/?show=all", f"/tickets/{ticket_id}", "/log"):
        async with look(path, size=size) as page:
            for summary in await page.get_by_text("Request and answer").all():
                await summary.click()
            wide = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide == 0, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_colours_follow_the_readers_system(
    look: Callable[..., AbstractAsyncContextManager[Page]], scheme: str
) -> None:
    async with look("/", scheme=scheme) as page:
        red = "Number(getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0])"
        assert (await page.evaluate(red) < 128) is (scheme == "dark")
        before = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        await page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
        # Not `wait_for_function`: it evaluates a string in the page, which the pages' content policy forbids.
        await expect(page.locator("body")).not_to_have_css("background-color", before)
        assert (await page.evaluate(red) < 128) is (scheme == "light")


async def test_a_new_ticket_appears_without_a_reload(
    look: Callable[..., AbstractAsyncContextManager[Page]], api: Api
) -> None:
    async with look("/") as page:
        await page.evaluate("window.sameDocument = true")
        await api.create(summary="Just now")
        await expect(page.get_by_role("link", name="Just now")).to_be_visible()
        assert await page.evaluate("window.sameDocument")


async def test_a_change_through_the_api_appears_without_a_reload(
    look: Callable[..., AbstractAsyncContextManager[Page]], api: Api, ticket_id: int
) -> None:
    async with look(f"/tickets/{ticket_id}") as page:
        await api.act(ticket_id, note="Approved by Nik", new_status=CLOSED, new_agent=NIK)
        await expect(page.get_by_text("Approved by Nik")).to_be_visible()
        await expect(page.locator("#head")).to_contain_text("Closed")
        await expect(page.get_by_label("Properties").first).to_contain_text("Nik Potnis")


async def test_live_updates_leave_focus_choice_and_open_parts_alone(
    look: Callable[..., AbstractAsyncContextManager[Page]], api: Api, sandbox: RunningSandbox, ticket_id: int
) -> None:
    await sandbox.press(ticket_id, "approve", NIK)
    async with look(f"/tickets/{ticket_id}") as page:
        await page.get_by_label("Act as").select_option(str(DANA))
        await page.get_by_text("Request and answer").click()
        await page.get_by_text("Request and answer").focus()
        await api.act(ticket_id, note="Something new")
        await expect(page.get_by_text("Something new")).to_be_visible()
        assert await page.get_by_label("Act as").input_value() == str(DANA)
        await expect(page.get_by_text("userElevationMode")).to_be_visible()
        await expect(page.get_by_text("Request and answer")).to_be_focused()


async def test_a_press_shows_the_verdict_and_the_closed_ticket_without_a_reload(
    look: Callable[..., AbstractAsyncContextManager[Page]], stepladder: StepladderStub, ticket_id: int
) -> None:
    stepladder.body = '{"message": "Approved for Amelia Hart, once."}'
    async with look(f"/tickets/{ticket_id}") as page:
        await page.evaluate("window.sameDocument = true")
        await page.get_by_label("Act as").select_option(str(DANA))
        await page.get_by_role("button", name="Approve elevation").click()
        await expect(page.get_by_role("status")).to_contain_text("Approved for Amelia Hart, once.")
        await expect(page.get_by_role("status")).to_contain_text("HTTP 200")
        await expect(page.locator("#head")).to_contain_text("Closed")
        await expect(page.get_by_role("listitem").filter(has_text="Dana Whitfield")).to_contain_text(
            "New → Closed"
        )
        assert await page.evaluate("window.sameDocument")
    assert len(stepladder.calls) == 1


async def test_a_refusal_shows_why(
    look: Callable[..., AbstractAsyncContextManager[Page]], stepladder: StepladderStub, ticket_id: int
) -> None:
    stepladder.status, stepladder.body = 409, REFUSAL
    async with look(f"/tickets/{ticket_id}") as page:
        await page.get_by_role("button", name="Deny elevation").click()
        await expect(page.get_by_role("status")).to_contain_text("Nik Potnis approved it at 09:30.")
        await expect(page.get_by_role("status")).to_contain_text("HTTP 409")


async def test_who_one_is_stays_from_ticket_to_ticket(
    look: Callable[..., AbstractAsyncContextManager[Page]], api: Api, ticket_id: int
) -> None:
    other = (await api.create())["id"]
    async with look(f"/tickets/{ticket_id}") as page:
        await page.get_by_label("Act as").select_option(str(DANA))
        await page.get_by_role("button", name="Approve elevation").click()
        await expect(page.get_by_role("status")).to_contain_text("HTTP 200")
        await page.goto(f"/tickets/{other}")
        assert await page.get_by_label("Act as").input_value() == str(DANA)


async def test_everything_can_be_done_by_keyboard(
    look: Callable[..., AbstractAsyncContextManager[Page]], stepladder: StepladderStub, ticket_id: int
) -> None:
    async with look("/") as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        await page.keyboard.press("Enter")
        link = page.get_by_role("link", name="Elevation request")
        while not await link.evaluate("element => element === document.activeElement"):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/tickets/{ticket_id}")
        deny = page.get_by_role("button", name="Deny elevation")
        while not await deny.evaluate("element => element === document.activeElement"):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("HTTP 200")
        await expect(deny).to_be_focused()
    assert stepladder.calls[0].path.endswith("/deny")


async def test_pages_work_without_script(
    look: Callable[..., AbstractAsyncContextManager[Page]], stepladder: StepladderStub, ticket_id: int
) -> None:
    stepladder.body = '{"message": "Approved for Amelia Hart, once."}'
    async with look(f"/tickets/{ticket_id}", script=False) as page:
        await page.get_by_role("button", name="Approve elevation").click()
        await expect(page.get_by_text("Approved for Amelia Hart, once.", exact=True)).to_be_visible()
        await expect(page.locator("#head")).to_contain_text("Closed")


async def test_the_log_fills_itself(look: Callable[..., AbstractAsyncContextManager[Page]], api: Api) -> None:
    async with look("/log") as page:
        await api.get("Status", type="ticket")
        await expect(page.get_by_text("GET /api/status?type=ticket")).to_be_visible()


async def test_a_decided_ticket_no_longer_calls_for_a_press(
    look: Callable[..., AbstractAsyncContextManager[Page]],
    sandbox: RunningSandbox,
    stepladder: StepladderStub,
    ticket_id: int,
) -> None:
    """USE-33: the buttons recede, and a denial is not shown as good news."""
    async with look(f"/tickets/{ticket_id}") as page:
        deny = page.get_by_role("button", name="Deny elevation")
        before = await deny.evaluate("each => getComputedStyle(each).backgroundColor")
        stepladder.body = '{"status": "DENIED"}'
        await deny.click()
        await expect(page.locator("#head .chip-closed")).to_be_visible()
        await expect(page.locator("#result .chip")).to_have_class("chip chip-closed")
        await expect(deny).not_to_have_css("background-color", before)
        await expect(deny).to_have_css("background-color", "rgba(0, 0, 0, 0)")


async def test_inputs_have_the_page_s_own_dark(
    look: Callable[..., AbstractAsyncContextManager[Page]], ticket_id: int
) -> None:
    """USE-33: not the library's."""
    async with look(f"/tickets/{ticket_id}", scheme="dark") as page:
        card = await page.locator(".card.actions").evaluate("each => getComputedStyle(each).backgroundColor")
        await expect(page.locator("#agent")).to_have_css("background-color", card)


async def test_a_summary_stands_on_one_line_where_there_is_room(
    look: Callable[..., AbstractAsyncContextManager[Page]], api: Api
) -> None:
    """USE-33: the columns beside it take what they need and no more."""
    created = await api.create(summary="Admin rights: env on desk-17 for root [SL-7Q2MZK4H8WNB3XRT]")
    async with look("/") as page:
        link = page.locator(f"#row-{created['id']} .summary a")
        assert await link.evaluate("each => each.getClientRects().length") == 1


async def test_an_id_breaks_at_its_hyphens_and_a_query_stands_behind_its_path(
    look: Callable[..., AbstractAsyncContextManager[Page]], api: Api, ticket_id: int
) -> None:
    """USE-33: on the narrowest phone, and in the log."""
    async with look(f"/tickets/{ticket_id}", size=NARROWEST) as page:
        field = page.locator(".facts-stacked dd code", has_text="8f3d2c1b")
        lines = await field.evaluate(
            """each => {
                const range = document.createRange(), tops = new Map();
                for (const node of each.childNodes) {
                    if (node.nodeType !== Node.TEXT_NODE) continue;
                    range.selectNodeContents(node);
                    if (range.getClientRects().length > 1) tops.set(node.data, range.getClientRects().length);
                }
                return [...tops.keys()];
            }"""
        )
        assert lines == []
    await api.get("Tickets", search="needle")
    async with look("/log") as page:
        call = page.locator(".calls .summary", has_text="needle").first
        await expect(call.locator("code")).not_to_contain_text("needle")
        await expect(call.locator(".query")).to_contain_text("search=needle")
