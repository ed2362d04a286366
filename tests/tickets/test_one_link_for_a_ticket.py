"""A ticket belongs to one request: an answer that shows another's is not taken, so that no decision closes that one."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import psycopg
import pytest
from tests.campaigns.stage import Fuse, Onward, Stage, stage

from stepladder.app import DatabaseUrls
from stepladder.elevation.policy import Verdict


async def links_of(on: Stage) -> dict[str, tuple[str, str | None, str | None]]:
    """Each request's link: what was seen, which ticket, what went wrong."""
    async with on.services.db.transaction(on.ours.tenant.operator) as tx:
        rows = await tx.dicts("select subject_id, observed, ticket_id, error_code from ticket_link")
    return {str(row["subject_id"]): (row["observed"], row["ticket_id"], row["error_code"]) for row in rows}


async def test_an_answer_with_the_id_of_another_requests_ticket_is_not_taken(
    tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    """SEC-12: our own element came back, with the id of the first ticket. The second one is denied."""
    async with stage(tmp_path, own_urls) as on:
        first = await on.ask()
        await on.run(Fuse())
        (_, ticket_id, _) = (await links_of(on))[first]
        assert ticket_id
        lied: list[str] = []

        async def lie(request: httpx2.Request, onward: Onward) -> httpx2.Response:
            response = await onward(request)
            if request.method != "POST" or request.url.path != "/api/Tickets" or lied:
                return response
            told = json.loads(await response.aread())
            lied.append(str(told["id"]))
            return httpx2.Response(response.status_code, json={**told, "id": int(ticket_id)})

        on.factory.meddle = lie
        second = await on.ask()
        await on.run(Fuse())
        assert (await links_of(on))[second] == ("absent", None, "halopsa_wrong_ticket")
        await on.decide(second, Verdict.DENIED)
        await on.heal([])
        found = await links_of(on)
        assert found[second] == ("closed", lied[0], None)
        assert found[first] == ("open", ticket_id, None)
        ticket = on.ours.halo.state.store.get(int(ticket_id))
        assert ticket is not None
        assert not ticket.is_closed


async def test_the_database_refuses_a_second_link_to_a_ticket(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    """SEC-12: whoever writes it."""
    async with stage(tmp_path, own_urls) as on:
        await on.ask()
        await on.ask()
        await on.run(Fuse())
    with (
        psycopg.connect(own_urls.owner) as owner,
        pytest.raises(psycopg.errors.UniqueViolation, match="uq_ticket_link_ticket"),
    ):
        owner.execute("update ticket_link set ticket_id = '7'")
