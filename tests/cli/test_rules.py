"""Standing rules on the command line: seen, confirmed by a second person, ended; and keys for scripts."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.cli.conftest import Installation
from tests.support.installations import settings_in

from stepladder import app
from stepladder.elevation.policy import Verdict
from stepladder.elevation.rules import service as standing
from stepladder.elevation.rules.policy import Draft, Match
from stepladder.elevation.rules.service import Scope
from stepladder.kit.db import Actor, ActorKind
from stepladder.tenancy.service import list_msps
from stepladder_protocol.messages import ElevationKind

pytestmark = pytest.mark.xdist_group("cli")
HASH = "ab" * 32


def written_by_a_script(installation: Installation, verdict: Verdict, sha256: str = HASH) -> str:
    """A rule as the integration API keeps it."""

    async def write() -> str:
        settings = settings_in(installation.directory)
        async with app.open_services(settings, app.locate_database(settings)) as services:
            (msp,) = await list_msps(services.db)
            now = services.clock.now()
            draft = Draft(verdict, Match(sha256), now + timedelta(days=9), ElevationKind.USER, note="monthly")
            async with services.db.transaction(Actor(msp.id, ActorKind.INBOUND_KEY, "abcdefgh")) as tx:
                (rule,) = await standing.save(tx, Scope(), [draft], list(ElevationKind))
        return str(rule.id)

    return asyncio.run(write())


def test_an_approval_is_seen_confirmed_and_ended(installation: Installation) -> None:
    rule = written_by_a_script(installation, Verdict.APPROVED)
    shown = installation.json("rule", "show", rule)
    assert (shown["state"], shown["matches"], shown["arguments"]) == ("waiting", f"sha256 {HASH}", [])
    assert (shown["customer"], shown["written_by"], shown["seen_as"]) == ("all", "abcdefgh", [])
    refused = installation.run("rule", "confirm", rule, "--as", "nik@nikpot.example", "--json")
    assert (refused.status, refused.json["error"]["code"]) == (1, "not_a_confirmer")
    installation.json("technician", "create", "dana@nikpot.example", "--name", "Dana Boss", "--role", "admin")
    confirmed = installation.json("rule", "confirm", rule, "--as", "dana@nikpot.example")
    assert (confirmed["state"], confirmed["confirmed_by"]) == ("active", "Dana Boss")
    again = installation.run("rule", "confirm", rule, "--as", "dana@nikpot.example", "--json")
    assert again.json["error"]["code"] == "nothing_to_confirm"
    assert rule in installation.run("rule", "list").out
    assert installation.json("rule", "end", rule)["state"] == "ended"
    assert rule not in installation.run("rule", "list").out
    assert installation.run("rule", "show", rule, "--json").json["error"]["code"] == "rule_not_found"


def test_what_is_no_rule_is_told_so(installation: Installation) -> None:
    for command in (("show",), ("end",), ("confirm", "--as", "nik@nikpot.example")):
        done = installation.run("rule", command[0], "4711", *command[1:])
        assert done.status == 1
        assert "stepladder rule list" in done.err


def test_a_key_for_a_script_takes_the_wider_actions(installation: Installation) -> None:
    wanted = ["read", "manage_customers", "manage_delegation", "manage_rules", "read_audit"]
    made = installation.json(
        "key", "create", "script", *(part for one in wanted for part in ("--action", one))
    )
    assert made["actions"] == wanted
    usual = installation.json("key", "create", "buttons")
    assert usual["actions"] == ["approve", "deny"]
    told = installation.run("key", "create", "--help", COLUMNS="200").out
    assert [action for action in wanted if action not in told] == []
