"""The life of requests against a small model: any order of asking, deciding, withdrawing, waiting and fetching.

The product runs on the real database; the model is a few dictionaries and sentences, and shares no code with it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import settings as hypothesis_settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from tests.support.tenants import Tenant, body, new_tenant
from tests.support.web import MovedClock, audit_events

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.gate import KeyGate, ShownKey
from stepladder.access_keys.service import KeyAction
from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.elevation.approvers import ByKey
from stepladder.elevation.policy import Ask, Channel, Verdict
from stepladder.endpoints import service as endpoints
from stepladder.errors import StepladderError
from stepladder.kit.ids import RequestId
from stepladder.settings import Settings
from stepladder.tenancy import technicians
from stepladder.tenancy.delegation import delegate
from stepladder.tenancy.technicians import Role
from stepladder_protocol.messages import ElevationKind, Requester, SignedGrant, SubmitBody

SECONDS = float(os.environ.get("STEPLADDER_STATEFUL_SECONDS", "20"))
EXAMPLES = 60  # of one round; rounds go on until the time is over and everything was seen
STEPS = 30
LIFETIME = timedelta(days=4)
NAME = "Northwind Traders"
PEOPLE = ["ada@customer.example", "nik@nikpot.example", "pat@nikpot.example"]
# Dee and Otto may only read, but are delegated: Dee to the customer that asks, Otto to another.
DEE, OTTO = "dee@nikpot.example", "otto@nikpot.example"
APPROVERS = {"nik@nikpot.example", "pat@nikpot.example", DEE, OTTO}
CLAIMS = st.sampled_from(
    [None] * 6
    + [*PEOPLE, DEE, OTTO, OTTO, "NIK@nikpot.example", "reader@nikpot.example", "gone@nikpot.example"]
)
SPANS = st.sampled_from(
    [timedelta(minutes=4), timedelta(minutes=11), timedelta(hours=23), timedelta(hours=25), LIFETIME]
)
VERDICTS = st.sampled_from([Verdict.APPROVED, Verdict.APPROVED, Verdict.DENIED])
# Strangers knock now and then: more often, and there would be few steps left in which anything can happen.
MOSTLY = st.sampled_from([True] * 6 + [False])
EVERYWHERE = {
    "elevation_request.submitted",
    "elevation_request.joined",
    "elevation_request.approved",
    "elevation_request.denied",
    "elevation_request.cancelled",
    "elevation_request.expired",
    "decision.refused",
    "grant.issued",
    "already_decided",
    "decided where delegated",
    "delegated elsewhere",
    "grant_expired",
    "idempotency_key_reused",
    "kind_not_allowed",
    "not_an_approver",
    "not_approved",
    "request_expired",
    "request_not_found",
    "self_approval",
}


class StoppedClock(MovedClock):
    """Time passes only when the model says so."""

    def __init__(self) -> None:
        super().__init__()
        self._began = datetime.now(UTC)

    def now(self) -> datetime:
        return self._began + self._ahead


@dataclass
class Modelled:
    """What the model knows of one request."""

    id: str
    asked: list[SubmitBody]
    machine: int
    requester: str | None
    kind: str
    expires_at: datetime
    state: str = "pending"
    decided_by: str | None = None
    decided_kind: str | None = None
    settled_at: datetime | None = None
    grant: tuple[str, datetime] | None = None


def same(one: SubmitBody, other: SubmitBody) -> bool:
    """Whether two ask for the same, without regard to keys and reasons."""
    told = [each.model_dump(exclude={"idempotency_key", "reason"}) for each in (one, other)]
    return told[0] == told[1]


class World:
    """The product, opened once for all runs, driven from outside its event loop."""

    def __init__(self, settings: Settings, urls: DatabaseUrls) -> None:
        self.clock = StoppedClock()
        self.seen: Counter[str] = Counter()
        self._runner = asyncio.Runner()
        self._context = open_services(settings, urls, clock=self.clock)
        self.services: Services = self.run(self._context.__aenter__())
        self.gate = KeyGate(self.services.db, self.clock)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    def close(self) -> None:
        self.run(self._context.__aexit__(None, None, None))
        self._runner.close()


class Requests(RuleBasedStateMachine):
    """Two machines, two keys and a technician at the command line, in any order."""

    requests = Bundle("requests")
    approved = Bundle("approved")

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.run = world, world.run
        self.model: dict[str, Modelled] = {}
        self.events: dict[str, list[str]] = {}
        self.tenant: Tenant = self.run(new_tenant(world.services))
        self.keys = {"user": frozenset({"USER"}), "admin": frozenset({"USER", "ADMIN"})}
        self.texts: dict[str, str] = {}
        self.run(self._furnish())

    async def _furnish(self) -> None:
        tenant = self.tenant
        second = await tenant.desktop_of(tenant.customer, "DESK-2")
        self.machines = [tenant.desktop, second]
        other = await tenant.customer_called("other")
        async with self.world.services.db.transaction(tenant.operator) as tx:
            await technicians.create_technician(tx, email="pat@nikpot.example", name="Pat")
            await technicians.create_technician(
                tx, email="reader@nikpot.example", name="Reader", role=Role.READ_ONLY
            )
            gone = await technicians.create_technician(tx, email="gone@nikpot.example", name="Gone")
            await technicians.set_technician(tx, gone, role=None, is_active=False)
            for email, customer in ((DEE, tenant.customer), (OTTO, other)):
                await technicians.create_technician(tx, email=email, name=email, role=Role.READ_ONLY)
                await delegate(tx, customer, email=email, role=Role.TECHNICIAN)
            for name, modes in self.keys.items():
                _, self.texts[name] = await inbound_keys.create_key(
                    tx,
                    name=name,
                    actions=[KeyAction.APPROVE, KeyAction.DENY],
                    modes=[ElevationKind(mode) for mode in sorted(modes)],
                )

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def outcome(self, work: Coroutine[Any, Any, Any]) -> tuple[str, Any]:
        """`("done", what)`, or the code and the state of the refusal."""
        try:
            found = self.run(work)
        except StepladderError as refusal:
            self.world.seen[refusal.code] += 1
            return refusal.code, refusal.facts.get("state")
        return "done", found

    def noted(self, request_id: str, tag: str) -> None:
        self.world.seen[tag] += 1
        self.events.setdefault(request_id, []).append(tag)

    # Asking

    @rule(
        target=requests,
        machine=st.integers(0, 1),
        requester=st.sampled_from([None, *PEOPLE]),
        kind=st.sampled_from(["USER", "ADMIN"]),
    )
    def ask(self, machine: int, requester: str | None, kind: str) -> Any:
        wanted = body(kind=ElevationKind(kind), requester=Requester(user="someone", email=requester))
        return self.asked(machine, wanted)

    @rule(target=requests, request_id=requests, reason=st.sampled_from([None, "again", "please"]))
    def ask_for_the_same(self, request_id: str, reason: str | None) -> Any:
        known = self.model[request_id]
        update = {"idempotency_key": uuid4().hex, "reason": reason}
        return self.asked(known.machine, known.asked[0].model_copy(update=update))

    def asked(self, machine: int, wanted: SubmitBody) -> Any:
        """Ask with a new key: it joins what waits and asks for the same, else it is a new request."""
        desktop = self.machines[machine]
        actor = endpoints.actor_for(self.tenant.msp.id, desktop.endpoint.id)
        own = [each for each in self.model.values() if each.machine == machine and each.state == "pending"]
        equal = [each for each in own if self.now < each.expires_at and same(each.asked[0], wanted)]
        told, found = self.outcome(self.world.services.elevation.submit(actor, desktop.endpoint, wanted))
        if equal:
            (known,) = equal
            status, is_new = found
            assert (status.request_id, is_new, status.state) == (known.id, False, "pending")
            known.asked.append(wanted)
            self.noted(known.id, "elevation_request.joined")
            return multiple()
        if len(own) >= 25:
            assert told == "too_many_pending"
            return multiple()
        status, is_new = found
        assert (is_new, status.state) == (True, "pending")
        assert status.expires_at == self.now + LIFETIME
        requester, kind = wanted.requester.email, str(wanted.kind)
        self.model[status.request_id] = Modelled(
            status.request_id, [wanted], machine, requester, kind, status.expires_at
        )
        self.noted(status.request_id, "elevation_request.submitted")
        return status.request_id

    @rule(request_id=requests, honest=MOSTLY, which=st.integers(0, 50))
    def ask_again(self, request_id: str, honest: bool, which: int) -> None:
        known = self.model[request_id]
        desktop = self.machines[known.machine]
        wanted = known.asked[which % len(known.asked)]
        if not honest:
            wanted = wanted.model_copy(update={"requester": Requester(user="another", email=known.requester)})
        actor = endpoints.actor_for(self.tenant.msp.id, desktop.endpoint.id)
        told, found = self.outcome(self.world.services.elevation.submit(actor, desktop.endpoint, wanted))
        if honest:
            status, is_new = found
            assert (status.request_id, is_new, status.state) == (request_id, False, known.state)
        else:
            assert told == "idempotency_key_reused"

    # Deciding

    def expected(
        self, known: Modelled, verdict: str, kind: str, modes: frozenset[str], by: str, email: str | None
    ) -> tuple[str, Any]:
        """What the rules say, told once more."""
        if known.state == "expired":
            return "request_expired", "expired"
        if known.state != "pending":
            is_repeat = (known.state, known.decided_by, known.decided_kind) == (verdict, by, kind)
            return ("same", None) if is_repeat else ("already_decided", known.state)
        if self.now >= known.expires_at:
            return "request_expired", "expired"
        return self.permitted(known, verdict, kind, modes, email), None

    def permitted(
        self, known: Modelled, verdict: str, kind: str, modes: frozenset[str], email: str | None
    ) -> str:
        """What the rules say of who decides, where there is something to decide."""
        if email == OTTO:
            self.world.seen["delegated elsewhere"] += 1
            return "not_an_approver"
        if email and known.requester and email.lower() == known.requester.lower():
            return "self_approval"
        if verdict == "approved" and kind not in modes:
            return "kind_not_allowed"
        if email == DEE:
            self.world.seen["decided where delegated"] += 1
        return "done"

    def decided(self, known: Modelled, verdict: str, kind: str, by: str) -> None:
        known.state, known.decided_by, known.decided_kind = verdict, by, kind
        known.settled_at = self.now
        self.noted(known.id, f"elevation_request.{verdict}")

    @rule(
        target=approved,
        request_id=requests,
        verdict=VERDICTS,
        mode=st.sampled_from(["USER", "ADMIN"]),
        key=st.sampled_from(["user", "admin"]),
        claimed=CLAIMS,
        name=st.sampled_from([NAME] * 8 + ["northwind", "Somebody Else"]),
    )
    def press(
        self, request_id: str, verdict: Verdict, mode: str, key: str, claimed: str | None, name: str
    ) -> Any:
        known = self.model[request_id]
        kind = mode if verdict is Verdict.APPROVED else known.kind
        by = f"{key} for {(claimed or 'nobody').lower()}"  # the same call is the same in this, too
        given = ElevationKind(mode) if verdict is Verdict.APPROVED else None
        ask = Ask(request_id, verdict, Channel.INTEGRATION_API, given, claimed_customer=name)
        shown = ShownKey.read(self.tenant.msp.id, self.texts[key], "127.0.0.1")
        pressed = self.world.services.elevation.decide(ask, ByKey(self.world.gate, shown, claimed))
        told, found = self.outcome(pressed)
        if claimed and claimed.lower() not in APPROVERS:
            want = "not_an_approver", None
        elif name == "Somebody Else":
            want = "request_not_found", None
        else:
            want = self.expected(known, str(verdict), kind, self.keys[key], by, claimed)
        if want[0] in ("done", "same"):
            assert told == "done"
            assert (str(found.request_id), found.state, found.is_new) == (
                request_id,
                str(verdict),
                want[0] == "done",
            )
            if want[0] == "done":
                self.decided(known, str(verdict), kind, by)
            return request_id if verdict is Verdict.APPROVED else multiple()
        assert (told, found) == want
        if (
            want[1] is None
        ):  # refusals of the caller are recorded; a request that is settled is told and no more
            self.noted(request_id, "decision.refused")
        return multiple()

    @rule(target=approved, request_id=requests, verdict=VERDICTS)
    def decide_at_the_command_line(self, request_id: str, verdict: Verdict) -> Any:
        known = self.model[request_id]
        told, found = self.outcome(self.tenant.decide(request_id, verdict))
        want = self.expected(
            known, str(verdict), known.kind, frozenset({"USER", "ADMIN"}), "cli", self.tenant.technician.email
        )
        if want[0] in ("done", "same"):
            assert (told, found.is_new) == ("done", want[0] == "done")
            if want[0] == "done":
                self.decided(known, str(verdict), known.kind, "cli")
            return request_id if verdict is Verdict.APPROVED else multiple()
        assert (told, found) == want
        return multiple()

    # Withdrawing, waiting, expiring

    @rule(request_id=requests, own=MOSTLY)
    def withdraw(self, request_id: str, own: bool) -> None:
        known = self.model[request_id]
        desktop = self.machines[known.machine if own else 1 - known.machine]
        actor = endpoints.actor_for(self.tenant.msp.id, desktop.endpoint.id)
        told, found = self.outcome(
            self.world.services.elevation.cancel(actor, desktop.endpoint.id, UUID(request_id))  # type: ignore[arg-type]
        )
        if not own:
            assert told == "request_not_found"
        elif known.state == "cancelled":
            assert (told, found.state) == ("done", "cancelled")
        elif known.state in ("approved", "denied"):
            assert (told, found) == ("already_decided", known.state)
        elif known.state == "expired" or self.now >= known.expires_at:
            assert (told, found) == ("request_expired", "expired")
        else:
            assert (told, found.state) == ("done", "cancelled")
            known.state, known.settled_at = "cancelled", self.now
            self.noted(request_id, "elevation_request.cancelled")

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        self.world.clock.move(span)

    @rule(request_id=requests)
    def its_time_runs_out(self, request_id: str) -> None:
        """Without this few runs get so far: most spans are short."""
        self.world.clock.move(max(timedelta(0), self.model[request_id].expires_at - self.now))

    @rule()
    def sweep(self) -> None:
        due = [
            each for each in self.model.values() if each.state == "pending" and self.now >= each.expires_at
        ]
        assert self.run(self.world.services.elevation.expire_due(self.tenant.operator)) == len(due)
        for known in due:
            known.state, known.settled_at = "expired", self.now
            self.noted(known.id, "elevation_request.expired")

    # Fetching the grant

    @rule(request_id=requests | approved | approved, own=MOSTLY)
    def fetch(self, request_id: str, own: bool) -> None:
        known = self.model[request_id]
        desktop = self.machines[known.machine if own else 1 - known.machine]
        actor = endpoints.actor_for(self.tenant.msp.id, desktop.endpoint.id)

        async def fetch() -> SignedGrant:
            services = self.world.services
            async with services.db.transaction(actor) as tx:
                return await services.grants.fetch(
                    tx, desktop.endpoint.id, RequestId(UUID(request_id)), self.tenant.msp.host
                )

        told, found = self.outcome(fetch())
        if not own:
            assert told == "request_not_found"
        elif known.state != "approved":
            assert (told, found) == ("not_approved", known.state)
        elif known.grant:
            text, ends = known.grant
            assert told == ("done" if self.now < ends else "grant_expired")
            assert told != "done" or found.model_dump_json() == text
        elif known.settled_at and self.now >= known.settled_at + timedelta(hours=24):
            assert told == "grant_expired"
        else:
            assert told == "done"
            assert found.grant.kind == known.decided_kind
            assert found.grant.audience == desktop.id
            assert found.grant.request_id == request_id
            assert found.grant.expires_at == self.now + timedelta(minutes=10)
            known.grant = found.model_dump_json(), found.grant.expires_at
            self.noted(request_id, "grant.issued")

    # What holds at every moment

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        rows = self.run(self._rows())
        assert {row["id"]: (row["state"], row["verdict"], row["kind"], row["granted"]) for row in rows} == {
            known.id: (
                known.state,
                known.state if known.decided_by else None,
                known.decided_kind,
                known.grant is not None,
            )
            for known in self.model.values()
        }

    async def _rows(self) -> list[dict[str, Any]]:
        async with self.world.services.db.transaction(self.tenant.operator) as tx:
            return await tx.dicts(
                """select r.id::text, r.state, d.verdict, d.kind, g.request_id is not null as granted
                   from elevation_request r left join decision d on d.request_id = r.id
                   left join elevation_grant g on g.request_id = r.id"""
            )

    def teardown(self) -> None:
        told: dict[str, list[str]] = {}
        for event in self.run(audit_events(self.tenant)):
            if event["subject"] in self.model:
                told.setdefault(event["subject"], []).append(event["tag"])
        assert told == self.events  # each change has its one event, in order, and nothing else has any


@pytest.fixture
def world(settings: Settings, urls: DatabaseUrls, tmp_path: Path) -> Iterator[World]:
    opened = World(settings, urls)
    yield opened
    opened.close()


@pytest.mark.xdist_group("stateful")
@pytest.mark.timeout(600)  # a difference is shrunk before it is shown
def test_any_order_of_acts_keeps_the_product_and_the_model_in_step(world: World) -> None:
    began = time.monotonic()
    while time.monotonic() - began < SECONDS or (
        world.seen.keys() < EVERYWHERE and time.monotonic() - began < 450
    ):
        run_state_machine_as_test(
            lambda: Requests(world),  # type: ignore[arg-type]  # whatever makes a machine will do
            settings=hypothesis_settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                database=None,
                # In CI the default is the same examples again, which would lead nowhere new.
                derandomize=False,
            ),
        )
    # A run that did not go everywhere has shown nothing.
    assert world.seen.keys() == EVERYWHERE
