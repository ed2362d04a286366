"""Lists of every shape: rows are found where they are, and what cannot be read is never taken for an empty list."""

from __future__ import annotations

from typing import Any

import pytest
from tests.connectors.halopsa.sandboxed import (
    NORTHWIND,
    Reply,
    closing_of,
    connected,
    draft_for,
    scripted,
)

from stepladder.connectors.base import TryLater
from stepladder.connectors.halopsa.client import rows_in
from stepladder.kit.findings import Result
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.testing import RunningSandbox

ROW = {"id": 1, "name": "a"}


@pytest.mark.parametrize(
    "answer",
    [
        [ROW],
        {"agents": [ROW]},
        {"Agents": [ROW], "columns": [{"id": 9}]},
        {"record_count": 1, "results": [ROW]},
        {"record_count": 1, "page": None, "data": [ROW], "view": {"id": 3}},
    ],
)
def test_rows_are_found_under_their_own_name_or_in_the_only_array(answer: Any) -> None:
    """HALO-02: some HaloPSA wraps its lists under a name that no fact sheet has."""
    assert rows_in(answer, "agents") == [ROW]


@pytest.mark.parametrize("answer", [[], None, {"agents": []}, {"agents": None}, {"results": []}])
def test_an_empty_list_is_what_says_so(answer: Any) -> None:
    """HALO-02: an array without rows, or null in its place."""
    assert rows_in(answer, "agents") == []


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"record_count": 3},
        {"record_count": 1, "results": {"1": ROW}},
        {"one": [ROW], "other": [ROW]},
        {"one": [], "other": [ROW]},
        {"agents": "none"},
        {"agents": {"id": 1}},
        {"agents": ["Nik", "Dana"]},
        "text",
        7,
    ],
)
def test_what_cannot_be_read_is_never_an_empty_list(answer: Any) -> None:
    """HALO-02: no array, two arrays, or rows that are none."""
    with pytest.raises(TryLater, match="not data"):
        rows_in(answer, "agents")


async def test_the_daily_path_works_where_every_list_is_wrapped_under_another_name(
    halo: RunningSandbox,
) -> None:
    """HALO-02: tickets, actions, statuses, agents and the check-up alike."""
    halo.switches.list_member = "results"
    async with connected(halo) as found:
        assert {each.result for each in await found.connector.check()} == {Result.PASS}
        assert len(await found.connector.list_customers()) == 10
        draft = draft_for(NORTHWIND, endpoint_name="NW-LAP-014")
        assert await found.connector.find_ticket(draft) is None
        ticket = await found.connector.open_ticket(draft)
        assert await found.connector.find_ticket(draft) == ticket
        nik = await found.connector.find_person("nik@nikpot.example")
        closing = closing_of(draft, approver=nik)
        await found.connector.add_closing_note(ticket.id, closing)
        assert await found.connector.has_closing_note(ticket.id, closing)
    seen = halo.ticket(int(ticket.id))
    assert (seen.agent_id, seen.asset_ids) == (demo.NIK, [300])


async def test_an_agent_is_found_where_the_search_looks_into_names_only(halo: RunningSandbox) -> None:
    """HALO-03: a search that finds nobody is followed by one look through the whole list."""
    halo.switches.agent_search = "names"
    async with connected(halo) as found:
        person = await found.connector.find_person("nik@nikpot.example")
        assert person is not None
        assert person.id == str(demo.NIK)
        assert await found.connector.find_person("nobody@nikpot.example") is None


async def test_the_check_says_whether_agents_are_shown(halo: RunningSandbox) -> None:
    """HALO-02: a line of its own, because a closed ticket without its approver looks like every other."""

    async def line(found: Any) -> Any:
        (finding,) = [each for each in await found.connector.check() if each.name == "Agents"]
        return finding

    async with connected(halo) as found:
        assert (await line(found)).result is Result.PASS
        halo.fail_next("empty_list", method="GET", path="/api/agent")
        assert (await line(found)).result is Result.WARNING
        halo.fail_next("expired_token", method="GET", path="/api/agent", times=2)
        refused = await line(found)
        assert (refused.result, "without being assigned" in refused.detail) == (Result.WARNING, True)


async def test_a_list_that_cannot_be_read_fails_the_check() -> None:
    """HALO-02: closing waits for a list of agents that cannot be read, so the check is not content with it."""
    body = {"record_count": 4, "a": [ROW], "b": [ROW]}
    async with scripted(Reply(body=body)) as script, connected(script.url) as found:
        (agents,) = [each for each in await found.connector.check() if each.name == "Agents"]
    assert agents.result is Result.FAIL
