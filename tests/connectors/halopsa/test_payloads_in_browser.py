"""What a real browser makes of a ticket's details: the same page for a thousand hostile names (threat T13)."""

from __future__ import annotations

import os
import random
import shutil

import pytest
from playwright.async_api import async_playwright
from tests.connectors.halopsa.test_payloads import PIECES, draft_naming

from stepladder.connectors.halopsa import payloads
from stepladder.connectors.ticket_system import Closing

pytestmark = pytest.mark.browser

CHROMIUM = (
    os.environ.get("STEPLADDER_CHROMIUM")
    or ("/usr/bin/chromium" if os.access("/usr/bin/chromium", os.X_OK) else None)
    or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome-stable"))), None)
)
QUIET = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"

SHAPES = """pages => pages.map(html => {
    const walk = node => node.nodeType === Node.TEXT_NODE
        ? 'text'
        : [node.nodeName, [...(node.attributes || [])].map(a => [a.name, a.value]), [...node.childNodes].map(walk)];
    return JSON.stringify(walk(new DOMParser().parseFromString(html, 'text/html').documentElement));
})"""


def a_name(dice: random.Random) -> str:
    pieces = dice.choices([*PIECES, *"<>&\"'`/=!-?\\ax \0\r\n\u202e"], k=dice.randrange(1, 12))
    return "".join(pieces) * dice.choice([1, 1, 1, 1, 30])


async def test_a_browser_builds_the_same_page_from_a_thousand_hostile_names():
    dice = random.Random(13)
    names = ["x", *(a_name(dice) for _ in range(1000))]
    details = [payloads.write_details_html(draft_naming(name)) for name in names]
    notes = [
        payloads.build_closing_action(
            "7", Closing("SL-X", f"Denied by {name}.", 5), outcome_id=1, status_id=9
        )["note_html"]
        for name in names
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        page = await browser.new_page()
        for pages in (details, notes):
            shapes = await page.evaluate(SHAPES, pages)
            assert len(shapes) == 1001
            assert set(shapes) == {shapes[0]}
        await browser.close()
