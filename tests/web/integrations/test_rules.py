"""Standing rules by the API: what is kept, what is refused whole, who says yes to an approval."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.support.integrations import (
    HASH,
    approval_rule,
    call,
    confirm,
    denial_rule,
    everything,
    in_days,
    program,
    save,
    staff,
)
from tests.support.tenants import Tenant
from tests.support.web import MovedClock, RunningWeb, assert_problem, audit_events, count, other_id

from stepladder.elevation.rules import service as standing
from stepladder.elevation.rules.policy import MOST_AT_ONCE, RuleRefused
from stepladder.elevation.rules.service import NotAConfirmer, NothingToConfirm, RuleNotFound
from stepladder.errors import NotFound
from stepladder.tenancy.technicians import Role

OTHER_HASH = "cd" * 32
MSP, CUSTOMER = "/msp/rules", "/customers/northwind/rules"


async def listed(web: RunningWeb, tenant: Tenant, path: str = MSP) -> list[dict[str, Any]]:
    answer = await call(web, tenant, "GET", path)
    found: list[dict[str, Any]] = answer.json()["rules"]
    return found


async def refused(web: RunningWeb, tenant: Tenant, rules: Any, status: int, code: str | None = None) -> str:
    """The list is refused and nothing of it was kept; gives the sentence."""
    before, events = await everything(tenant), await audit_events(tenant)
    answer = await call(web, tenant, "POST", MSP, {"rules": rules})
    found = assert_problem(answer, status, code)
    assert await everything(tenant) == before
    assert [event["tag"] for event in (await audit_events(tenant))[len(events) :]] in (
        [],
        ["integration_call.refused"],
    )
    return str(found["detail"])


# Kept whole or not at all.


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": None},
        {"sha256": None, "programName": "setup.exe"},
        {"sha256": None, "publisher": "Example Ltd"},
        {"publisher": "Example Ltd", "programName": "setup.exe"},
        {"programName": "setup.exe"},
        {"sha256": HASH.upper()},
        {"sha256": HASH[:-1]},
        {"userElevationMode": None},
        {"expiresAt": "2020-01-01T00:00:00Z"},
        {"expiresAt": "9999-12-31T23:59:59-23:59"},
        {"expiresAt": "0001-01-01T00:00:00+23:59"},
    ],
)
async def test_a_rule_that_may_not_be_kept_is_refused_with_the_whole_list(
    web: RunningWeb, tenant: Tenant, changes: dict[str, Any]
) -> None:
    bad = approval_rule(tenant, **changes)
    detail = await refused(web, tenant, [denial_rule(tenant), bad], 400)
    assert detail.startswith("Rule 2 of the list: ")


async def test_by_a_name_or_a_path_alone_there_is_no_rule(web: RunningWeb, tenant: Tenant) -> None:
    named = approval_rule(tenant, sha256=None, programName="setup.exe")
    assert "never by a name alone" in await refused(web, tenant, [named], 400, "rule_refused")
    assert "path" in await refused(web, tenant, [{**named, "path": "/opt/setup.exe"}], 400, "body_refused")


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "APPROVE"},
        {"verdict": "approved"},
        {"verdict": 1},
        {"userElevationMode": "user"},
        {"userElevationMode": ["USER"]},
        {"sha256": 1},
        {"sha256": ["x"]},
        {"note": ""},
        {"note": "x" * 501},
        {"note": "a\u202eb"},
        {"note": 1},
        {"arguments": "--quiet"},
        {"arguments": [1]},
        {"arguments": [["x"]]},
        {"arguments": {"0": "x"}},
        {"arguments": ["x"] * 257},
        {"arguments": ["x" * 8193]},
        {"expiresAt": 1800000000},
        {"expiresAt": "2027-01-01"},
        {"expiresAt": "2027-01-01T00:00:00"},
        {"expiresAt": "2027-13-01T00:00:00Z"},
        {"expiresAt": "tomorrow"},
        {"id": "1"},
        {"id": 1},
        {"id": ""},
        {"surprise": True},
        {"path": "/opt/setup.exe"},
        {"customer": "northwind"},
    ],
)
async def test_a_member_of_the_wrong_form_is_refused_with_the_whole_list(
    web: RunningWeb, tenant: Tenant, changes: dict[str, Any]
) -> None:
    detail = await refused(
        web, tenant, [denial_rule(tenant), approval_rule(tenant, **changes)], 400, "body_refused"
    )
    assert detail.startswith("Rule 2 of the list: ")


@pytest.mark.parametrize("rules", [[], {}, "x", None, 1, [1], [None], [[]], ["x"]])
async def test_what_is_no_list_of_rules_is_refused(web: RunningWeb, tenant: Tenant, rules: Any) -> None:
    await refused(web, tenant, rules, 400)


async def test_a_doubled_member_inside_a_rule_is_refused(web: RunningWeb, tenant: Tenant) -> None:
    """Text that breaks out of a template in a note must not turn a denial into an approval (threat T4)."""
    rule = json.dumps(denial_rule(tenant, note="x"))
    body = f'{{"rules": [{rule[:-1]}, "verdict": "APPROVED"}}]}}'.encode()
    before = await everything(tenant)
    assert_problem(await call(web, tenant, "POST", MSP, body), 400, "body_refused")
    assert await everything(tenant) == before


async def test_a_list_is_bounded_and_says_nothing_twice(web: RunningWeb, tenant: Tenant) -> None:
    many = [denial_rule(tenant, sha256=f"{number:064x}") for number in range(MOST_AT_ONCE + 1)]
    await refused(web, tenant, many, 400, "rule_refused")
    assert len(await save(web, tenant, *many[:-1])) == MOST_AT_ONCE
    await refused(web, tenant, [denial_rule(tenant), denial_rule(tenant, note="again")], 400, "rule_refused")
    (kept,) = await save(web, tenant, denial_rule(tenant))
    twice = [
        {**denial_rule(tenant), "id": kept["id"]},
        {**denial_rule(tenant, sha256=OTHER_HASH), "id": kept["id"]},
    ]
    await refused(web, tenant, twice, 400, "rule_refused")


async def test_there_is_a_bound_to_how_many_rules_there_are(
    web: RunningWeb, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "MOST_OF_A_SCOPE", 3)
    await save(web, tenant, *(denial_rule(tenant, sha256=f"{number:064x}") for number in range(3)))
    await refused(web, tenant, [denial_rule(tenant)], 409, "too_many_rules")
    await save(web, tenant, denial_rule(tenant, sha256=f"{1:064x}", note="changed"))
    await save(web, tenant, denial_rule(tenant), path=CUSTOMER)


# Adding and changing.


async def test_a_list_adds_and_changes_and_takes_nothing_away(web: RunningWeb, tenant: Tenant) -> None:
    (first,) = await save(web, tenant, denial_rule(tenant))
    (second,) = await save(web, tenant, denial_rule(tenant, sha256=OTHER_HASH))
    assert {rule["id"] for rule in await listed(web, tenant)} == {first["id"], second["id"]}
    (changed,) = await save(web, tenant, {**denial_rule(tenant, note="better"), "id": first["id"]})
    assert (changed["id"], changed["note"]) == (first["id"], "better")
    assert len(await listed(web, tenant)) == 2
    tags = [event["tag"] for event in await audit_events(tenant, first["id"])]
    assert tags == ["rule.created", "rule.changed"]


async def test_a_rule_that_says_the_same_is_the_same_rule(web: RunningWeb, tenant: Tenant) -> None:
    """A script that runs every night extends its rules; it does not heap them up."""
    (first,) = await save(web, tenant, denial_rule(tenant, expiresAt=in_days(tenant, 2)))
    (again,) = await save(web, tenant, denial_rule(tenant, expiresAt=in_days(tenant, 9)))
    assert again["id"] == first["id"]
    assert again["expiresAt"] > first["expiresAt"]
    for different in (
        denial_rule(tenant, userElevationMode="USER"),
        denial_rule(tenant, sha256=OTHER_HASH),
        approval_rule(tenant),
        approval_rule(tenant, arguments=[]),
    ):
        (other,) = await save(web, tenant, different)
        assert other["id"] != first["id"]
    assert len(await listed(web, tenant)) == 5
    (elsewhere,) = await save(web, tenant, denial_rule(tenant), path=CUSTOMER)
    assert elsewhere["id"] != first["id"]


async def test_scripts_that_run_at_once_make_one_rule(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant
) -> None:
    rule = denial_rule(tenant)
    await asyncio.gather(*(save(process, tenant, rule) for process in (web, other_process) for _ in range(4)))
    assert len(await listed(web, tenant)) == 1


async def test_a_rule_is_changed_only_where_it_is_kept(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    (mine,) = await save(web, tenant, denial_rule(tenant), path=CUSTOMER)
    (theirs,) = await save(web, other_msp, denial_rule(other_msp))
    ended = (await save(web, tenant, denial_rule(tenant, sha256=OTHER_HASH)))[0]
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await standing.end(tx, ended["id"])
    details = {
        await refused(web, tenant, [{**denial_rule(tenant), "id": rule_id}], 404, "rule_not_found")
        for rule_id in (mine["id"], theirs["id"], ended["id"], other_id())
    }
    assert len(details) == 1


async def test_a_customers_rules_and_the_msps_are_listed_apart(web: RunningWeb, tenant: Tenant) -> None:
    (own,) = await save(web, tenant, denial_rule(tenant), path=CUSTOMER)
    (everywhere,) = await save(web, tenant, denial_rule(tenant))
    assert [rule["id"] for rule in await listed(web, tenant, CUSTOMER)] == [own["id"]]
    assert [rule["id"] for rule in await listed(web, tenant)] == [everywhere["id"]]


async def test_what_has_expired_or_was_ended_is_not_listed_and_stays_in_the_database(
    web: RunningWeb, tenant: Tenant, clock: MovedClock
) -> None:
    (short,) = await save(web, tenant, denial_rule(tenant, expiresAt=in_days(tenant, 1)))
    (ended,) = await save(web, tenant, denial_rule(tenant, sha256=OTHER_HASH))
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await standing.end(tx, ended["id"])
        with pytest.raises(RuleNotFound):
            await standing.end(tx, ended["id"])
    clock.move(timedelta(days=1))
    assert await listed(web, tenant) == []
    assert await count(tenant, "select count(*) from rule") == 2
    assert [event["tag"] for event in await audit_events(tenant, ended["id"])] == [
        "rule.created",
        "rule.ended",
    ]
    await refused(web, tenant, [{**denial_rule(tenant), "id": short["id"]}], 404, "rule_not_found")


# Interpreters.


@pytest.mark.parametrize(
    "name", ["cmd.exe", "powershell.exe", "python.exe", "msiexec.exe", "rundll32.exe", "sh", "BASH"]
)
async def test_a_rule_that_would_approve_an_interpreter_is_refused(
    web: RunningWeb, tenant: Tenant, name: str
) -> None:
    named = approval_rule(tenant, sha256=None, publisher="Microsoft", programName=name)
    assert "interpreter" in await refused(web, tenant, [denial_rule(tenant), named], 400, "rule_refused")
    (denied,) = await save(
        web, tenant, denial_rule(tenant, sha256=None, publisher="Microsoft", programName=name)
    )
    assert denied["state"] == "ACTIVE"


async def test_a_hash_that_a_machine_knows_as_an_interpreter_is_refused_under_any_name(
    web: RunningWeb, tenant: Tenant
) -> None:
    await tenant.submit(program=program(name="tool", path="/usr/bin/python3.11"))
    await refused(web, tenant, [approval_rule(tenant)], 400, "rule_refused")
    (other,) = await save(web, tenant, approval_rule(tenant, sha256=OTHER_HASH))
    await tenant.submit(program=program(name="bash", sha256=OTHER_HASH))
    with pytest.raises(RuleRefused):
        await confirm(tenant, other["id"])


async def test_what_another_msps_machines_say_is_not_heard(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    await other_msp.submit(program=program(name="bash"))
    await save(web, tenant, approval_rule(tenant))


# The second person.


async def test_an_approval_waits_for_an_administrator(web: RunningWeb, tenant: Tenant) -> None:
    (rule,) = await save(web, tenant, approval_rule(tenant))
    assert (rule["state"], "administrator confirms it" in rule["stateDetail"]) == ("WAITING", True)
    confirmed = await confirm(tenant, rule["id"])
    assert confirmed.confirmed_by == "Grace"
    (now,) = await listed(web, tenant)
    assert (now["state"], now["confirmedBy"], now["confirmedUntil"]) == ("ACTIVE", "Grace", now["expiresAt"])
    (*_, event) = await audit_events(tenant, rule["id"])
    assert (event["tag"], event["actor_kind"]) == ("rule.confirmed", "technician")


@pytest.mark.parametrize(
    ("role", "active"),
    [(Role.TECHNICIAN, True), (Role.READ_ONLY, True), (Role.ADMIN, False), (Role.GLOBAL_ADMIN, False)],
)
async def test_only_an_active_administrator_confirms(
    web: RunningWeb, tenant: Tenant, role: Role, active: bool
) -> None:
    (rule,) = await save(web, tenant, approval_rule(tenant))
    await staff(tenant, "x@nikpot.example", role, active=active)
    with pytest.raises(NotAConfirmer):
        await confirm(tenant, rule["id"], "x@nikpot.example")
    with pytest.raises(NotFound):
        await confirm(tenant, rule["id"], "nobody@nikpot.example")
    assert (await listed(web, tenant))[0]["state"] == "WAITING"


async def test_nobody_confirms_their_own_rule(web: RunningWeb, tenant: Tenant) -> None:
    (rule,) = await save(web, tenant, approval_rule(tenant))
    grace = await staff(tenant, "grace@nikpot.example", Role.GLOBAL_ADMIN)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tx.run(
            "update rule set written_by_kind = 'technician', written_by_id = %(id)s", {"id": str(grace.id)}
        )
    with pytest.raises(NotAConfirmer):
        await confirm(tenant, rule["id"])


async def test_there_is_nothing_to_confirm_but_a_waiting_approval(
    web: RunningWeb, tenant: Tenant, clock: MovedClock
) -> None:
    denial, stored, active, expired = await save(
        web,
        tenant,
        denial_rule(tenant),
        approval_rule(tenant, sha256=None, publisher="Example Ltd", programName="setup.exe"),
        approval_rule(tenant),
        approval_rule(tenant, sha256=OTHER_HASH, expiresAt=in_days(tenant, 1)),
    )
    await confirm(tenant, active["id"])
    clock.move(timedelta(days=2))
    for rule in (denial, stored, active, expired):
        with pytest.raises(NothingToConfirm):
            await confirm(tenant, rule["id"])
    for rule_id in (other_id(), "x", ""):
        with pytest.raises(RuleNotFound):
            await confirm(tenant, rule_id)


async def test_a_key_never_widens_what_somebody_confirmed(web: RunningWeb, tenant: Tenant) -> None:
    """Another hash, other arguments, another kind, or longer: each is a new question (threats T5, T23)."""
    ten_days = in_days(tenant, 10)
    (rule,) = await save(web, tenant, approval_rule(tenant, expiresAt=ten_days))
    await confirm(tenant, rule["id"])
    (confirmed,) = await listed(web, tenant)
    changes: dict[str, Any]
    for changes in ({"sha256": OTHER_HASH}, {"arguments": ["--all"]}, {"arguments": []}):
        (changed,) = await save(web, tenant, {**approval_rule(tenant, **changes), "id": rule["id"]})
        assert (changed["state"], "confirmedUntil" in changed) == ("WAITING", False)
        (back,) = await save(web, tenant, {**approval_rule(tenant, expiresAt=ten_days), "id": rule["id"]})
        assert back["state"] == "WAITING"
        await confirm(tenant, rule["id"])
    (longer,) = await save(web, tenant, approval_rule(tenant, expiresAt=in_days(tenant, 300)))
    assert (longer["state"], longer["confirmedUntil"]) == ("ACTIVE", confirmed["expiresAt"])
    (shorter,) = await save(web, tenant, approval_rule(tenant, expiresAt=in_days(tenant, 1)))
    assert shorter["confirmedUntil"] == shorter["expiresAt"]
    (long_again,) = await save(web, tenant, approval_rule(tenant, expiresAt=in_days(tenant, 9)))
    assert long_again["confirmedUntil"] == shorter["expiresAt"]


async def test_a_denial_that_becomes_an_approval_waits(web: RunningWeb, tenant: Tenant) -> None:
    (denial,) = await save(web, tenant, denial_rule(tenant))
    (approval,) = await save(web, tenant, {**approval_rule(tenant), "id": denial["id"]})
    assert (approval["id"], approval["state"]) == (denial["id"], "WAITING")


async def test_what_machines_called_the_file_is_told_to_who_confirms(web: RunningWeb, tenant: Tenant) -> None:
    (rule,) = await save(web, tenant, approval_rule(tenant))
    await tenant.submit(program=program())
    async with tenant.services.db.transaction(tenant.operator) as tx:
        found, seen = await standing.describe(tx, rule["id"])
    assert found.sha256 == HASH
    assert [(one.program_name, one.program_path) for one in seen] == [("setup.exe", "/opt/setup.exe")]
