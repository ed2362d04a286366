"""Two days of two MSPs, told so that at its end every state that a row can be in stands in the database.

Each link that the end leaves in a state of its own is checked there (`expect`), so a story that no longer does what
its labels say is not dumped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from callers import make_body
from one_msp import Site

from stepladder.elevation.rules import Verdict
from stepladder.elevation.standing import service as standing
from stepladder.elevation.standing.rules import Draft, Match
from stepladder.elevation.standing.service import Scope
from stepladder.endpoints import service as endpoints
from stepladder.sandbox.halopsa import demo
from stepladder.sandbox.halopsa.records import AzureTenant, Client
from stepladder.tenancy import customers, delegation, inbound_keys, service as tenancy
from stepladder.tenancy.inbound_keys import BUTTON_ACTIONS, KeyAction
from stepladder.tenancy.key_gate import parsed_networks
from stepladder.tenancy.service import Role
from stepladder.tickets import mapping
from stepladder.tickets.service import opened, unbounded
from stepladder.tickets.trial import try_ticket
from stepladder_protocol.messages import ElevationKind

FABRIKAM = "8d2f4c1e-93a7-4b60-9e15-7c3a5d80f261"
NIK, DANA, GRACE, RITA = (f"{name}@nikpot.example" for name in ("nik", "dana", "grace", "rita"))
WITH_TECHNICIAN = "buttons that name the technician"
LAP, DESK = "NW-LAP-014", "NW-DESK-003"


class Northstar:
    """The MSP to which everything happened."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def begin(self) -> None:
        """Staff, customers, keys and machines; and requests from before there was a ticket system."""
        site = self.site
        for email, name, role in (
            (NIK, "Nik Potnis", Role.TECHNICIAN),
            (DANA, "Dana Whitfield", Role.ADMIN),
            (GRACE, "Grace Lindqvist", Role.GLOBAL_ADMIN),
            (RITA, "Rita Moreau", Role.READ_ONLY),
        ):
            await site.hire(email, name, role)
        await site.hire("robin@nikpot.example", "Robin Vale", Role.TECHNICIAN, active=False)
        for name, display_name in (
            ("northwind", "Northwind Traders"),
            ("contoso", "Contoso Dental"),
            ("adventure-works", "Adventure Works"),
            ("tailspin", "Tailspin Toys"),
            ("proseware", "Proseware"),
            ("initech", "Initech"),
            ("wwi", "Wide World Importers"),
            ("litware", "Litware"),
            ("contoso-care", "Contoso Dental Care"),
            ("branch", "Northwind Branch Office"),
        ):
            await site.add_customer(name, display_name)
        await site.add_customer("fabrikam", "Fabrikam Partners", FABRIKAM)
        await self._make_keys()
        await self._enrol_machines()
        await self._write_rules()
        async with site.write() as tx:
            contoso = site.customers["contoso"]
            await delegation.delegate(tx, site.now, contoso, email=RITA, role=Role.TECHNICIAN)
            await delegation.delegate(tx, site.now, contoso, email=NIK, role=Role.ADMIN)
            await customers.change_settings(
                tx, site.now, site.customers["branch"], lifetime=customers.Lifetime(60)
            )
        await site.ask("denied before there was a connector", LAP)
        await site.decide("denied before there was a connector", NIK, Verdict.DENIED, "not needed")
        await site.ask("from before the connector", LAP)

    async def _make_keys(self) -> None:
        site = self.site
        await site.make_key("everything", *KeyAction, calls_per_minute=1000)
        await site.make_key("two customers", KeyAction.READ, customers=("northwind", "contoso"))
        await site.make_key(
            "the office", KeyAction.READ, networks=parsed_networks(["203.0.113.0/24", "2001:db8::/48"])
        )
        await site.make_key(WITH_TECHNICIAN, *BUTTON_ACTIONS, requires_technician=True)
        await site.make_key("a day", KeyAction.READ, lifetime=timedelta(days=1))
        revoked = await site.make_key("revoked", *BUTTON_ACTIONS)
        async with site.write() as tx:
            await inbound_keys.revoke_key(tx, site.now, revoked)

    async def _enrol_machines(self) -> None:
        site = self.site
        for customer, name in (
            ("northwind", LAP),
            ("northwind", DESK),
            ("contoso", "CD-FRONT-01"),
            ("fabrikam", "FL-LAP-007"),
            ("adventure-works", "AW-CAD-05"),
            ("tailspin", "TT-SHOP-1"),
            ("proseware", "PW-1"),
            ("initech", "IT-1"),
            ("wwi", "WW-1"),
            ("litware", "LW-1"),
            ("contoso-care", "CC-1"),
            ("branch", "NB-1"),
            ("northwind", "NW-OLD-001"),
            ("northwind", "NW-NEW-9"),
        ):
            await site.enrol(customer, name)
        await site.enrol("northwind", LAP, label="held twin")
        await site.enrol("contoso", "CD-FRONT-01", label="activated twin")
        async with site.write() as tx:
            await endpoints.activate(tx, site.now, site.machines["activated twin"].id)
            await endpoints.revoke(tx, site.now, site.machines["NW-OLD-001"].id)
        await site.make_token("expired", "northwind", lifetime=timedelta(minutes=5))
        await site.make_token("for one name", "contoso", endpoint_name="CD-NEW-1", lifetime=timedelta(days=7))

    async def _write_rules(self) -> None:
        """Rules that wait for a second person, are active, are only stored, have expired, were ended."""
        site, later = self.site, self.site.now + timedelta(days=300)
        northwind = Scope(site.customers["northwind"].id)
        drafts = {
            "approves": (northwind, draft_approval("approved by a rule", later)),
            "waits": (northwind, draft_approval("waits for a person", later)),
            "ended": (northwind, draft_approval("once approved by a rule", later)),
            "denies": (
                Scope(),
                Draft(Verdict.DENIED, match_file("denied by a rule"), later, note="unwanted here"),
            ),
            "expired": (
                Scope(),
                Draft(Verdict.DENIED, match_file("denied for an hour"), site.now + timedelta(hours=1)),
            ),
            "stored": (
                Scope(site.customers["contoso"].id),
                Draft(
                    Verdict.APPROVED,
                    Match(publisher="Example Software Ltd", program_name="chart.exe"),
                    later,
                    ElevationKind.USER,
                ),
            ),
        }
        for label, (scope, draft) in drafts.items():
            async with site.write() as tx:
                (rule,) = await standing.save(tx, site.now, scope, [draft], list(ElevationKind))
            site.rules[label] = str(rule.id)
        for label in ("approves", "ended"):
            site.clock.move(timedelta(minutes=1))
            await standing.confirm(
                site.services.db,
                site.operator,
                site.now,
                msp_id=site.msp.id,
                rule_id=site.rules[label],
                email=GRACE,
            )
        async with site.write() as tx:
            await standing.end(tx, site.now, site.rules["ended"])

    async def connect(self) -> None:
        """HaloPSA is connected, its customers linked in every way, its buttons made and tried."""
        site = self.site
        await site.connect(drift_check_seconds=10, close_expired=False, closure_minutes=7)
        await site.map_customers()
        async with site.write() as tx:
            await mapping.unlink(tx, site.customers["contoso-care"], site.now)
            await mapping.link_by_name(
                tx,
                site.connector_id,
                site.customers["branch"],
                remote_name="Northwind Trading",
                remotes=await self._list_remotes(),
                now=site.now,
            )
        await site.set_up()
        await site.check(start_self_test=True, customer="Northwind Traders")
        (approve, _) = await site.read_rows("select * from self_test order by button")
        site.clock.move(timedelta(minutes=2))
        await site.halo.press(int(approve["ticket_id"]), "approve", demo.NIK)
        site.clock.move(timedelta(minutes=2))
        await site.check()
        await site.drain()
        await site.expect("from before the connector", observed="open")
        await try_ticket(site.services.tickets, site.operator, customer="Contoso Dental")

    async def _list_remotes(self) -> Any:
        _, connector = await opened(self.site.services.tickets, self.site.operator, unbounded)
        try:
            return await connector.list_customers()
        finally:
            await connector.aclose()

    async def work_for_days(self) -> None:
        """Requests decided in every way, and their tickets closed."""
        site, day = self.site, timedelta(days=1)
        for label, machine in (
            ("approved by button", LAP),
            ("approved at a terminal", DESK),
            ("denied by a script", "CD-FRONT-01"),
            ("approved by a delegate", "CD-FRONT-01"),
            ("cancelled", LAP),
            ("expired", "NB-1"),
        ):
            await site.ask(label, machine)
        await site.drain()
        await site.ask("asked again", LAP, like="approved by button", status=200)
        await site.press("approved by button", "approve")
        await site.fetch_grant("approved by button")
        await site.decide("approved at a terminal", DANA, reason="for the quarterly report")
        await site.call_button("denied by a script", "deny", "Contoso Dental", WITH_TECHNICIAN, NIK)
        await site.decide("approved by a delegate", RITA)
        await site.cancel("cancelled")
        await site.drain_in(seconds=61)
        await site.services.elevation.expire_due(site.operator)
        await site.drain_in(seconds=5)
        for label in ("approved by button", "approved at a terminal", "denied by a script", "cancelled"):
            await site.expect(label, desired="closed", observed="closed", next_try_at=None)
        await site.expect("expired", desired="closed", observed="open", note_seen=True, next_try_at=None)
        for label, like in (("approved by a rule", ""), ("denied by a rule", "")):
            await site.ask(label, DESK, like=like)
        await site.drain_in(minutes=5)
        site.clock.move(day)
        await site.read("everything", "/customers", 200)
        await site.read("two customers", "/customers", 200)
        await site.read("the office", "/customers", 200, address="203.0.113.9")
        await site.read("the office", "/customers", 401)
        site.clock.move(day)

    async def change_customers(self) -> None:
        """One renamed, one deleted with a ticket still to be closed, one gone from HaloPSA."""
        site = self.site
        await site.ask("of a renamed customer", "AW-CAD-05")
        await site.ask("of a deleted customer", "TT-SHOP-1")
        await site.ask("at a customer that is gone", "PW-1")
        await site.ask("in a directory", "FL-LAP-007")
        await site.drain()
        async with site.write() as tx:
            site.customers["adventure-works"] = await tenancy.rename_customer(
                tx,
                site.now,
                site.customers["adventure-works"],
                name="awc",
                display_name="Adventure Works Cycles",
            )
        gone = [each for each in site.halo.state.config.clients if each.name != "Proseware"]
        site.halo.state.configure(clients=tuple(gone))
        await site.map_customers()
        site.clock.move(timedelta(minutes=1))
        await site.drain()
        await site.expect("at a customer that is gone", drift="customer_gone", observed="open")

    async def meddle(self) -> None:
        """What HaloPSA's people did to tickets of requests that wait."""
        site = self.site
        for label in (
            "closed by hand",
            "merged",
            "target of the merge",
            "deleted",
            "moved",
            "fields edited",
            "gone",
        ):
            await site.ask(label, LAP)
        await site.drain()
        site.clock.move(timedelta(seconds=30))
        await site.edit("closed by hand", status_id=demo.CLOSED)
        await site.edit(
            "merged", merged_into_id=(await site.find_ticket("target of the merge")).id, domerge=True
        )
        await site.edit("moved", client_id=2)
        await site.delete_ticket("deleted")
        for _ in range(4):
            await site.edit(
                "fields edited", customfields=[{"name": "CFidemeumCustomerName", "value": "Contoso"}]
            )
            await site.drain_in(seconds=11)
        await site.drain_in(seconds=11)
        await site.expect("closed by hand", drift="closed_by_hand", remark_seen=True, next_try_at=None)
        await site.expect("merged", drift="merged", remark_seen=True, next_try_at=None)
        await site.expect("moved", drift="moved")
        await site.expect("deleted", drift="deleted")
        await site.expect("fields edited", drift="fields_edited", mended=3)
        await site.delete_ticket("gone")
        await site.decide("gone", NIK)
        for _ in range(4):
            await site.drain_in(minutes=2)
        await site.expect("gone", observed="gone", next_try_at=None)


class Southwind:
    """A smaller MSP with customers of the same names, whose HaloPSA does not let it in any more."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def work(self) -> None:
        """Begins, is connected, and has a ticket open and one closed."""
        site = self.site
        await site.hire(NIK, "Nikolas Berg", Role.ADMIN)
        await site.add_customer("northwind", "Northwind Traders")
        await site.make_key("buttons", *BUTTON_ACTIONS)
        await site.enrol("northwind", LAP)
        await site.connect()
        await site.ask("open", LAP)
        await site.ask("approved", LAP)
        await site.drain()
        await site.call_button("approved", "approve", "Northwind Traders", "buttons")
        await site.drain_in(seconds=5)
        await site.expect("open", observed="open")
        await site.expect("approved", observed="closed")

    async def lock_out(self) -> None:
        """HaloPSA refuses its credentials; its connector rests and asks for a person."""
        site, state = self.site, self.site.halo.state
        applications = state.config.applications
        changed = (msgspec.structs.replace(each, client_secret="another") for each in applications)
        site.halo.reconfigure(applications=tuple(changed))
        state.tokens.revoke_all()
        await site.ask("locked out", LAP)
        await site.drain()
        (row,) = await site.read_rows("select * from psa_connector")
        assert row["needs_attention"], row
        assert row["paused_until"], row
        site.halo.reconfigure(applications=applications)


def adapt_clients(before: tuple[Client, ...]) -> tuple[Client, ...]:
    """HaloPSA's customers: one in a directory under a name of its own, and two of the same name."""
    directory = AzureTenant(azure_tenant_id=FABRIKAM)
    return (
        *(
            msgspec.structs.replace(each, azure_tenants=(directory,))
            if each.name == "Fabrikam Legal"
            else each
            for each in before
        ),
        Client(id=11, name="Wide World Importers", ref="wwi-2"),
    )


def match_file(program: str) -> Match:
    """The file that requests with this label ask to run."""
    return Match(sha256=make_body(program, program).program.sha256)


def draft_approval(program: str, until: Any) -> Draft:
    """A rule that approves it."""
    return Draft(
        Verdict.APPROVED,
        match_file(program),
        until,
        ElevationKind.USER,
        ("--quiet",),
        note="known and harmless",
    )
