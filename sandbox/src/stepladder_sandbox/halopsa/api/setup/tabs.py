"""`/api/Tabs`: custom tabs of the ticket page."""

from __future__ import annotations

from typing import Any

from stepladder_sandbox.halopsa.api.calls import Query
from stepladder_sandbox.halopsa.api.setup.kinds import Kind, flag_or, guid_of, number_or, text_or
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.records import Tab
from stepladder_sandbox.halopsa.refusals import invalid
from stepladder_sandbox.halopsa.world import World

_KNOWN = frozenset({"id", "guid", "name", "url", "icon", "sequence", "open_in_new_tab", "new_iframe_secret"})


def _merged(world: World, element: Element, old: Tab | None) -> Tab:
    name = text_or(element, "name", old.name if old else "").strip()
    if not name:
        raise invalid("Please enter a Name")
    return Tab(
        id=old.id if old else world.next_id("tabs"),
        name=name,
        url=text_or(element, "url", old.url if old else "").strip(),
        icon=text_or(element, "icon", old.icon if old else ""),
        sequence=number_or(element, "sequence", old.sequence if old else 0),
        open_in_new_tab=flag_or(element, "open_in_new_tab", old.open_in_new_tab if old else False),
        other=(old.other if old else {}) | element.besides(_KNOWN),
    )


def _row(world: World, tab: Tab, query: Query | None = None) -> dict[str, Any]:
    return tab.other | {
        "id": tab.id,
        "guid": guid_of(0xA006, tab.id),
        "name": tab.name,
        "url": tab.url,
        "icon": tab.icon,
        "sequence": tab.sequence,
        "open_in_new_tab": tab.open_in_new_tab,
    }


TABS = Kind(
    name="Tabs",
    part="tabs",
    rows_name="tabs",
    switch="tabs_writable",
    merged=_merged,
    row=_row,
    whole=_row,
)
