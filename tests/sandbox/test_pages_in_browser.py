"""The pages in a real browser: by eye, by keyboard, by phone, and for those who need neither script nor light."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect

from stepladder.sandbox.halopsa.demo import CLOSED, DANA, NIK

pytestmark = pytest.mark.browser

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


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield launched
        await launched.close()


@pytest.fixture
def look(browser, sandbox):
    """Opens pages in a window; complains about anything in the console and anything fetched from elsewhere."""

    @asynccontextmanager
    async def opened(path, *, size=DESKTOP, scheme="light", script=True):
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
        page.on(
            "request", lambda request: request.url.startswith(sandbox.url) or troubles.append(request.url)
        )
        await page.goto(path)
        yield page
        await context.close()
        assert troubles == []

    return opened


@pytest.fixture
async def ticket_id(api):
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
    return created["id"]


async def check(page):
    results = await Axe().run(page, options=WCAG_AA)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_page(look, api, sandbox, stepladder, ticket_id, size, scheme):
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


async def test_axe_finds_nothing_where_there_is_nothing_to_show(look, api):
    for ticket in (2002, 2003, 2004):
        await api.update(ticket, status_id=CLOSED)
    async with look("/") as page:
        await expect(page.get_by_text("No open tickets")).to_be_visible()
        await check(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE, NARROWEST], ids=["desktop", "phone", "narrowest"])
async def test_no_page_scrolls_sideways(look, sandbox, ticket_id, size):
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
async def test_the_colours_follow_the_readers_system(look, scheme):
    async with look("/", scheme=scheme) as page:
        red = "Number(getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0])"
        assert (await page.evaluate(red) < 128) is (scheme == "dark")
        await page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
        await page.wait_for_function(f"({red} < 128) === {'false' if scheme == 'dark' else 'true'}")


async def test_a_new_ticket_appears_without_a_reload(look, api):
    async with look("/") as page:
        await page.evaluate("window.sameDocument = true")
        await api.create(summary="Just now")
        await expect(page.get_by_role("link", name="Just now")).to_be_visible()
        assert await page.evaluate("window.sameDocument")


async def test_a_change_through_the_api_appears_without_a_reload(look, api, ticket_id):
    async with look(f"/tickets/{ticket_id}") as page:
        await api.act(ticket_id, note="Approved by Nik", new_status=CLOSED, new_agent=NIK)
        await expect(page.get_by_text("Approved by Nik")).to_be_visible()
        await expect(page.locator("#head")).to_contain_text("Closed")
        await expect(page.get_by_label("Properties").first).to_contain_text("Nik Potnis")


async def test_live_updates_leave_focus_choice_and_open_parts_alone(look, api, sandbox, ticket_id):
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


async def test_a_press_shows_the_verdict_and_the_closed_ticket_without_a_reload(look, stepladder, ticket_id):
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


async def test_a_refusal_shows_why(look, stepladder, ticket_id):
    stepladder.status, stepladder.body = 409, REFUSAL
    async with look(f"/tickets/{ticket_id}") as page:
        await page.get_by_role("button", name="Deny elevation").click()
        await expect(page.get_by_role("status")).to_contain_text("Nik Potnis approved it at 09:30.")
        await expect(page.get_by_role("status")).to_contain_text("HTTP 409")


async def test_who_one_is_stays_from_ticket_to_ticket(look, api, ticket_id):
    other = (await api.create())["id"]
    async with look(f"/tickets/{ticket_id}") as page:
        await page.get_by_label("Act as").select_option(str(DANA))
        await page.get_by_role("button", name="Approve elevation").click()
        await expect(page.get_by_role("status")).to_contain_text("HTTP 200")
        await page.goto(f"/tickets/{other}")
        assert await page.get_by_label("Act as").input_value() == str(DANA)


async def test_everything_can_be_done_by_keyboard(look, stepladder, ticket_id):
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


async def test_pages_work_without_script(look, stepladder, ticket_id):
    stepladder.body = '{"message": "Approved for Amelia Hart, once."}'
    async with look(f"/tickets/{ticket_id}", script=False) as page:
        await page.get_by_role("button", name="Approve elevation").click()
        await expect(page.get_by_text("Approved for Amelia Hart, once.", exact=True)).to_be_visible()
        await expect(page.locator("#head")).to_contain_text("Closed")


async def test_the_log_fills_itself(look, api):
    async with look("/log") as page:
        await api.get("Status", type="ticket")
        await expect(page.get_by_text("GET /api/status?type=ticket")).to_be_visible()
