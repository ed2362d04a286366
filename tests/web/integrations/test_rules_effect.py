"""What standing rules do to requests, from a machine that asks to the grant it gets, and what they never do."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.support.integrations import (
    HASH,
    NAME,
    approval_rule,
    confirm,
    denial_rule,
    in_days,
    program,
    save,
    staff,
)
from tests.support.tenants import Tenant, body
from tests.support.web import (
    Machine,
    MovedClock,
    RunningWeb,
    assert_problem,
    audit_events,
    count,
    machine,
)

from stepladder.elevation import queries
from stepladder.elevation.rules import service as standing
from stepladder.tenancy.technicians import Role
from stepladder_protocol.messages import ElevationKind

OTHER_HASH = "cd" * 32
CUSTOMER = "/customers/northwind/rules"


async def approving(web: RunningWeb, tenant: Tenant, path: str = "/msp/rules", **changes: Any) -> str:
    """A confirmed rule that approves the usual program; gives its id."""
    (rule,) = await save(web, tenant, approval_rule(tenant, **changes), path=path)
    await confirm(tenant, rule["id"])
    return str(rule["id"])


async def ask(web: RunningWeb, desk: Machine, **changes: Any) -> dict[str, Any]:
    answer = await desk.asking(**changes).to(web)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def decision_of(tenant: Tenant, request_id: str) -> dict[str, Any]:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        (found,) = await tx.dicts("select * from decision where request_id = %(id)s", {"id": request_id})
    return found


async def test_a_confirmed_rule_approves_at_once_by_hash(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    rule_id = await approving(web, tenant, note="quarterly tool")
    asked = await ask(web, desk)
    assert (asked["state"], asked["decided_by"], asked["decision_reason"]) == (
        "approved",
        "a standing rule",
        "quarterly tool",
    )
    grant = (await desk.fetching(asked["request_id"]).to(web)).json()["grant"]
    assert (grant["file"]["sha256"], grant["kind"], grant["person"]) == (HASH, "USER", "ada")
    decision = await decision_of(tenant, asked["request_id"])
    assert (decision["verdict"], decision["channel"], str(decision["rule_id"])) == (
        "approved",
        "policy",
        rule_id,
    )
    assert (decision["actor_kind"], decision["actor_id"], decision["technician_id"]) == (
        "system",
        "policy",
        None,
    )


async def test_every_use_is_recorded_with_the_request_and_with_the_rule(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    rule_id = await approving(web, tenant)
    asked = [(await ask(web, desk))["request_id"] for _ in range(3)]
    for request_id in asked:
        submitted, approved = await audit_events(tenant, request_id)
        assert (submitted["tag"], submitted["actor_kind"]) == ("elevation_request.submitted", "endpoint")
        assert (approved["tag"], approved["actor_kind"], approved["actor_id"]) == (
            "elevation_request.approved",
            "system",
            "policy",
        )
        assert approved["facts"] == {
            "channel": "policy",
            "kind": "USER",
            "scope": "once",
            "technician_id": None,
            "rule_id": rule_id,
        }
    used = [event for event in await audit_events(tenant, rule_id) if event["tag"] == "rule.used"]
    assert [event["facts"] for event in used] == [{"request_id": request_id} for request_id in asked]


async def test_a_denial_denies_at_once_by_hash_and_by_publisher_and_name(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    await save(
        web,
        tenant,
        denial_rule(tenant, sha256=OTHER_HASH, note="known to be harmful"),
        denial_rule(tenant, sha256=None, publisher="Shady Ltd", programName="miner.exe"),
    )
    denied = await ask(
        web, desk, program=program(sha256=OTHER_HASH, arguments=["--any"]), kind=ElevationKind.ADMIN
    )
    assert (denied["state"], denied["decided_by"], denied["decision_reason"]) == (
        "denied",
        "a standing rule",
        "known to be harmful",
    )
    assert_problem(await desk.fetching(denied["request_id"]).to(web), 409, "not_approved")
    spelled = await ask(web, desk, program=program(name="MINER.EXE", publisher="shady  ltd"))
    assert spelled["state"] == "denied"
    assert (await ask(web, desk, program=program(name="miner.exe")))["state"] == "pending"
    assert (await ask(web, desk, program=program(publisher="Shady Ltd")))["state"] == "pending"


async def test_a_denial_goes_before_every_approval(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    await approving(web, tenant, path=CUSTOMER)
    await approving(web, tenant)
    (denial,) = await save(web, tenant, denial_rule(tenant))
    assert (await ask(web, desk))["state"] == "denied"
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await standing.end(tx, denial["id"])
    assert (await ask(web, desk))["state"] == "approved"


async def test_a_denial_of_one_kind_leaves_the_other_to_people(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    await save(web, tenant, denial_rule(tenant, userElevationMode="ADMIN"))
    assert (await ask(web, desk, kind=ElevationKind.ADMIN))["state"] == "denied"
    assert (await ask(web, desk, kind=ElevationKind.USER))["state"] == "pending"


# What does not approve.


async def test_crafted_files_of_the_same_name_path_and_publisher_do_not_match(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    await approving(web, tenant)
    for number in range(20):
        crafted = program(sha256=f"{number:064x}")
        assert (await ask(web, desk, program=crafted))["state"] == "pending"


@pytest.mark.parametrize(
    "changes",
    [
        {"arguments": []},
        {"arguments": ["--quiet", "/extra"]},
        {"arguments": ["--Quiet"]},
        {"name": "cmd.exe"},
        {"path": "C:\\Windows\\System32\\cmd.exe"},
        {"path": "/usr/bin/python3.11"},
        {"name": "msiexec"},
    ],
)
async def test_the_right_hash_with_something_else_is_left_to_people(
    web: RunningWeb, tenant: Tenant, desk: Machine, changes: dict[str, Any]
) -> None:
    """An interpreter is never approved by a rule, even where its hash got into one (threat T22)."""
    await approving(web, tenant)
    assert (await ask(web, desk, program=program(**changes)))["state"] == "pending"


async def test_a_rule_gives_no_other_kind_than_its_own(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    await approving(web, tenant)
    assert (await ask(web, desk, kind=ElevationKind.ADMIN))["state"] == "pending"
    asked = await ask(web, desk)
    assert (await decision_of(tenant, asked["request_id"]))["kind"] == "USER"


async def test_a_rule_that_nobody_confirmed_and_one_by_publisher_approve_nothing(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    _, stored = await save(
        web,
        tenant,
        approval_rule(tenant),
        approval_rule(tenant, sha256=None, publisher="Example Software Ltd", programName="setup.exe"),
    )
    assert stored["state"] == "STORED"
    assert (await ask(web, desk))["state"] == "pending"


async def test_an_expired_an_ended_and_a_changed_rule_approve_nothing(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    ended = await approving(web, tenant)
    assert (await ask(web, desk))["state"] == "approved"
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await standing.end(tx, ended)
    assert (await ask(web, desk))["state"] == "pending"
    expires = in_days(tenant, 2)
    short = await approving(web, tenant, expiresAt=expires)
    clock.move(timedelta(days=2, seconds=-60))
    assert (await ask(web, desk))["state"] == "approved"
    clock.move(timedelta(seconds=60))
    assert (await ask(web, desk))["state"] == "pending"
    again = await approving(web, tenant)
    assert again != short
    await save(web, tenant, {**approval_rule(tenant, sha256=OTHER_HASH), "id": again})
    for sha256 in (HASH, OTHER_HASH):
        assert (await ask(web, desk, program=program(sha256=sha256)))["state"] == "pending"


async def test_a_rule_that_was_extended_approves_only_as_long_as_was_confirmed(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    await approving(web, tenant, expiresAt=in_days(tenant, 1))
    await save(web, tenant, approval_rule(tenant, expiresAt=in_days(tenant, 100)))
    assert (await ask(web, desk))["state"] == "approved"
    clock.move(timedelta(days=1))
    assert (await ask(web, desk))["state"] == "pending"


async def test_a_customers_rule_acts_there_alone_and_the_msps_everywhere_in_it(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant, desk: Machine
) -> None:
    other = await tenant.customer_called("other")
    elsewhere, theirs = machine(tenant, await tenant.desktop_of(other)), machine(other_msp)
    await approving(web, tenant, path=CUSTOMER)
    states = [(await ask(web, one))["state"] for one in (desk, elsewhere, theirs)]
    assert states == ["approved", "pending", "pending"]
    await approving(web, tenant)
    states = [(await ask(web, one))["state"] for one in (desk, elsewhere, theirs)]
    assert states == ["approved", "approved", "pending"]


# How it fits with everything else.


async def test_the_same_message_again_is_the_same_decision(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    rule_id = await approving(web, tenant)
    wanted = body()
    answers = await asyncio.gather(
        *(desk.asking(wanted).to(process) for process in (web, other_process) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [*[200] * 7, 201]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["state"] == "approved"
    assert await count(tenant, "select count(*) from decision") == 1
    used = [event for event in await audit_events(tenant, rule_id) if event["tag"] == "rule.used"]
    assert len(used) == 1


async def test_a_rule_made_later_leaves_what_waits_to_people(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    wanted = body()
    asked = (await desk.asking(wanted).to(web)).json()
    await approving(web, tenant)
    again = (await desk.asking(wanted).to(web)).json()
    assert (again["request_id"], again["state"]) == (asked["request_id"], "pending")


async def test_what_a_rule_decides_joins_nothing_that_waits(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    waiting = await ask(web, desk, program=program())
    await approving(web, tenant)
    decided = await ask(web, desk, program=program())
    assert (decided["state"], decided["request_id"] != waiting["request_id"]) == ("approved", True)
    assert await count(tenant, "select count(*) from joined_request") == 0
    assert await count(tenant, "select count(*) from elevation_request where state = 'pending'") == 1


async def test_what_a_rule_decided_nobody_decides_again(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    await approving(web, tenant)
    asked = await ask(web, desk)
    for answer in (
        await web.deny(tenant, asked["request_id"], NAME),
        await web.approve(tenant, asked["request_id"], NAME),
    ):
        found = assert_problem(answer, 409, "already_decided")
        assert found["state"] == "approved"
    assert_problem(await desk.cancelling(asked["request_id"]).to(web), 409, "already_decided")
    assert await count(tenant, "select count(*) from decision") == 1


async def test_decided_requests_do_not_count_as_waiting(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    await approving(web, tenant)
    for _ in range(30):
        assert (await ask(web, desk))["state"] == "approved"


async def test_whoever_waits_elsewhere_is_woken_by_nothing_but_its_own_request(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    waiting = await ask(web, desk, program=program(sha256=OTHER_HASH))
    poll = asyncio.create_task(desk.looking(waiting["request_id"], wait=1).to(web))
    await approving(web, tenant)
    await ask(web, desk)
    assert (await poll).json()["state"] == "pending"


async def test_the_requester_cannot_confirm_what_they_ask_for_without_being_an_administrator(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    """A leaked key that may keep rules approves nothing by itself: nobody said yes (threat T5)."""
    await staff(tenant, "ada@customer.example", Role.READ_ONLY)
    (rule,) = await save(web, tenant, approval_rule(tenant))
    with pytest.raises(standing.NotAConfirmer):
        await confirm(tenant, rule["id"], "ada@customer.example")
    assert (await ask(web, desk))["state"] == "pending"


async def test_if_the_decision_cannot_be_written_the_request_is_not_there_either(
    web: RunningWeb, tenant: Tenant, desk: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Submission, decision and audit are one transaction."""
    await approving(web, tenant)

    async def fails(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(queries, "write_decision", fails)
    answer = await desk.asking().to(web)
    assert_problem(answer, 500, "unexpected")
    assert await count(tenant, "select count(*) from elevation_request") == 0
    assert not [event for event in await audit_events(tenant) if event["tag"].startswith("elevation_request")]
