"""A small MSP with its customers, set up as the integration guide says. Enough to try everything by hand."""

from __future__ import annotations

import uuid

import msgspec

from stepladder_sandbox.halopsa.config import SandboxConfig
from stepladder_sandbox.halopsa.records import (
    Agent,
    Application,
    Asset,
    Category,
    Client,
    CustomField,
    Integration,
    Lookup,
    Method,
    Outcome,
    Priority,
    Rights,
    Site,
    StartingTicket,
    Status,
    Tab,
    Team,
    TicketType,
    Trigger,
    User,
    Webhook,
    Workflow,
)

CLIENT_ID = "4f0c9d52-6c1e-4a7b-9b39-2f1d6a7c8e10"
CLIENT_SECRET = "0b8f6a34-51d7-4c2f-8d3e-7a9c1e5b2d46-93c1f7e2-4a6b-4d8c-b5e0-1f2a3b4c5d6e"  # noqa: S105  # it opens nothing but this sandbox
"""Two GUIDs joined by `-`, as HaloPSA makes them."""

SETUP_CLIENT_ID = "b7d2e6a1-3f58-4c90-8a4e-5d1c9f0e7b32"
SETUP_CLIENT_SECRET = "6e1f9b27-0c4d-4a83-9d5e-2b7f8c3a1d60-e8a5c3d1-7b2f-4e96-a0c4-9f6d1b8e2a37"  # noqa: S105  # as above
"""The wider credential: what it makes, `stepladder halopsa setup` makes."""

KEY_HEADER = "X-Idemeum-Api-Key"
ACCEPT_DECISION = "application/vnd.dvmi.sdk.elevation.request.approval+json"
APPROVE_BODY = """{
    "idemeumElevationRequestId": <<CFidemeumElevationRequestId>>,
    "idemeumCustomerName": <<CFidemeumCustomerName>>,
    "userElevationMode": "USER"
}"""
DENY_BODY = """{
    "idemeumElevationRequestId": <<CFidemeumElevationRequestId>>,
    "idemeumCustomerName": <<CFidemeumCustomerName>>
}"""

DISABLE_PATH = "/api/integrations/entrajitaccounts"
DISABLE = "application/vnd.dvmi.entra.app.user.disable+json"
DISABLE_BODY = """{
    "customerDisplayName": <<ticket^client_name>>,
    "technicianEmailAddress": <<ticket^agent^email>>
}"""

NEW, IN_PROGRESS, CLOSED = 1, 2, 9
APPROVE, DENY = 41, 42
INCIDENT_WORKFLOW, TAB = 1, 1
RUNBOOK = "3b0c7a52-94de-4f1b-8a66-0d2e5c917f48"
NIK, DANA, API_AGENT, SETUP_AGENT, FORMER = 3, 4, 7, 8, 9
SETUP_RIGHTS = Rights(clients="modify", assets="modify", administrator=True, delete_tickets=True)

_CUSTOMERS = {
    1: ("Northwind Traders", "northwind"),
    2: ("Contoso Dental", "contoso"),
    3: ("Fabrikam Legal", "fabrikam"),
    4: ("Northwind Trading", "northwind-trading"),
    5: ("Contoso Dental Care", "contoso-care"),
    6: ("Adventure Works", "adventure-works"),
    7: ("Tailspin Toys", "tailspin"),
    8: ("Wide World Importers", "wwi"),
    9: ("Proseware", "proseware"),
}
_CLOSED_DOWN = Client(id=10, name="Litware", ref="litware", inactive=True)

_PEOPLE = (
    (1, "Amelia Hart", "amelia.hart@northwind.example"),
    (1, "Ben Okafor", "ben.okafor@northwind.example"),
    (2, "Chloe Laurent", "chloe.laurent@contoso.example"),
    (3, "Dev Patel", "dev.patel@fabrikam.example"),
    (6, "Elena Rossi", "elena.rossi@adventure-works.example"),
    (7, "Finn Larsen", "finn.larsen@tailspin.example"),
)

_MACHINES = (
    (1, "NW-LAP-014", ""),
    (1, "NW-LAP-022", ""),
    (1, "AST-00117", "NW-DESK-003"),
    (2, "CD-FRONT-01", ""),
    (2, "CD-XRAY-02", ""),
    (3, "FL-LAP-007", ""),
    (4, "NW-LAP-014", ""),
    (6, "AW-CAD-05", ""),
)


def demo_config(stepladder_url: str, api_key: str, *, device_name: str = "") -> SandboxConfig:
    """The demo MSP, whose buttons call Stepladder at this address with this key.

    With a `device_name`, Northwind Traders owns a machine of that name too.
    """
    machines = _MACHINES + (((1, device_name, ""),) if device_name else ())
    return SandboxConfig(
        tenant="northstar",
        applications=(
            Application(
                client_id=CLIENT_ID, client_secret=CLIENT_SECRET, agent_id=API_AGENT, name="Stepladder"
            ),
        ),
        setup_application=Application(
            client_id=SETUP_CLIENT_ID,
            client_secret=SETUP_CLIENT_SECRET,
            agent_id=SETUP_AGENT,
            name="Stepladder set-up",
            scopes=("all", "admin"),
        ),
        clients=(
            *(Client(id=key, name=name, ref=ref) for key, (name, ref) in _CUSTOMERS.items()),
            _CLOSED_DOWN,
        ),
        sites=tuple(Site(id=10 + key, client_id=key) for key in (*_CUSTOMERS, _CLOSED_DOWN.id)),
        users=_users(),
        assets=tuple(
            Asset(
                id=300 + number,
                inventory_number=tag,
                key_field=name,
                client_id=client_id,
                site_id=10 + client_id,
            )
            for number, (client_id, tag, name) in enumerate(machines)
        ),
        agents=_agents(),
        teams=(Team(id=1, name="1st Line Support"), Team(id=2, name="Infrastructure")),
        statuses=_statuses(),
        ticket_types=(
            TicketType(
                id=1,
                name="Incident",
                mandatory=("summary", "details", "category_1"),
                workflow_id=INCIDENT_WORKFLOW,
            ),
            TicketType(id=3, name="Service Request", mandatory=("summary",)),
            TicketType(id=4, name="Problem", mandatory=("summary",)),
        ),
        categories=_categories(),
        lookups=_lookups(),
        outcomes=_outcomes(),
        priorities=tuple(
            Priority(
                priorityid=number, name=name, fixtime=hours, guid=f"6f1d0c3e-0000-4000-8000-{number:012}"
            )
            for number, name, hours in (
                (1, "Critical", 4.0),
                (2, "High", 8.0),
                (3, "Medium", 24.0),
                (4, "Low", 40.0),
            )
        ),
        custom_fields=(
            CustomField(id=181, name="CFidemeumCustomerName", label="idemeum_customer_name"),
            CustomField(id=182, name="CFidemeumElevationRequestId", label="idemeum_elevation_request_id"),
        ),
        integrations=(
            Integration(
                id=1,
                name="Idemeum API integration",
                base_url=stepladder_url.rstrip("/"),
                header_name=KEY_HEADER,
                header_value=api_key,
            ),
        ),
        methods=_methods(),
        workflows=(_workflow((APPROVE, DENY)),),
        tabs=(
            Tab(
                id=TAB,
                name="Stepladder",
                url=f"{stepladder_url.rstrip('/')}?customerDisplayName=$CLIENT_REFERENCE",
                icon="fas fa-user-shield",
                sequence=10,
            ),
        ),
        webhooks=(_runbook(),),
        triggers=(
            Trigger(
                id=1,
                guid="c2f4a1d0-5b7e-4c88-9a13-6e0d8b7f2c51",
                eventno=39,
                name="Ticket Closed",
                webhook_id=RUNBOOK,
            ),
        ),
        tickets=_tickets(),
    )


def without_portal(config: SandboxConfig) -> SandboxConfig:
    """The tenant without what leads to Stepladder's portal or ends its JIT accounts."""
    return msgspec.structs.replace(
        config,
        tabs=(),
        webhooks=(),
        triggers=(),
        methods=tuple(each for each in config.methods if each.path != DISABLE_PATH),
    )


def demo_tenant(name: str, stepladder_url: str, api_key: str) -> SandboxConfig:
    """One more MSP like the demo, with a name and credentials of its own: see its `applications`."""
    config = demo_config(stepladder_url, api_key)
    return msgspec.structs.replace(
        config,
        tenant=name.lower(),
        applications=tuple(_own(each, name, number) for number, each in enumerate(config.applications)),
        setup_application=_own(config.setup_application, name, 9) if config.setup_application else None,
    )


def _own(application: Application, tenant: str, number: int) -> Application:
    """The application with an id and a secret that follow from the tenant's name, so that they can be told."""
    first, second, third = (
        str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{part}.{number}.{tenant.lower()}.sandbox.invalid"))
        for part in ("client", "secret", "more")
    )
    return msgspec.structs.replace(application, client_id=first, client_secret=f"{second}-{third}")


def bare_demo_config(stepladder_url: str = "http://127.0.0.1:8080") -> SandboxConfig:
    """The same MSP before anything was set up for Stepladder, except the applications that set-up needs."""
    config = demo_config(stepladder_url, "")
    return msgspec.structs.replace(
        config,
        custom_fields=(),
        integrations=(),
        methods=(),
        outcomes=tuple(each for each in config.outcomes if not each.method_id),
        workflows=(_workflow(()),),
        tabs=(),
        webhooks=(),
        triggers=(),
    )


def _workflow(decisions: tuple[int, ...]) -> Workflow:
    """A short one, which offers the decisions before and after the ticket is dealt with."""
    return Workflow(
        id=INCIDENT_WORKFLOW,
        name="Incident Management",
        note="From new to done",
        steps=(
            {
                "step_id": 1,
                "name": "Triage",
                "isstart": True,
                "isend": False,
                "actions": [_edge(number, each, 1, 2) for number, each in enumerate((12, *decisions), 1)],
            },
            {
                "step_id": 2,
                "name": "Done",
                "isstart": False,
                "isend": True,
                "actions": [_edge(number + 10, each, 2, 2) for number, each in enumerate(decisions, 1)],
            },
        ),
        always_allowed=(7, 8, 12),
    )


def _edge(number: int, outcome_id: int, start: int, end: int) -> dict[str, int]:
    return {"id": number, "action_id": outcome_id, "start_step": start, "end_step": end, "seq": number}


def _runbook() -> Webhook:
    """Ends JIT accounts when a ticket closes. Off at first: the demo has no such accounts."""
    ways = (
        {"action_type": 17, "action_id": -17, "start_step": 1, "end_step": 2, "seq": 1, "approval_result": 1},
        {"action_type": 17, "action_id": -17, "start_step": 1, "end_step": 3, "seq": 2, "approval_result": 0},
    )
    call = {
        "step_id": 1,
        "name": "Disable JIT accounts",
        "steptype": 2,
        "auto_action": 6,
        "auto_action_type": 3,
    }
    return Webhook(
        id=RUNBOOK,
        name="Idemeum - disable JIT accounts",
        active=False,
        steps=(
            call | {"isstart": True, "actions": list(ways)},
            {"step_id": 2, "name": "Success", "steptype": 3, "isend": True, "actions": []},
            {"step_id": 3, "name": "Failed", "steptype": 3, "auto_action": 1, "isend": True, "actions": []},
        ),
    )


def _users() -> tuple[User, ...]:
    people = tuple(
        User(
            id=500 + number,
            name=name,
            client_id=client_id,
            site_id=10 + client_id,
            emailaddress=email,
            login=email.partition("@")[0],
        )
        for number, (client_id, name, email) in enumerate(_PEOPLE)
    )
    general = tuple(
        User(id=600 + client_id, name="General User", client_id=client_id, site_id=10 + client_id)
        for client_id in (*_CUSTOMERS, _CLOSED_DOWN.id)
    )
    return people + general


def _agents() -> tuple[Agent, ...]:
    return (
        Agent(id=1, name="Unassigned", team=""),
        Agent(id=NIK, name="Nik Potnis", email="nik@nikpot.example", jobtitle="Support Engineer"),
        Agent(id=DANA, name="Dana Whitfield", email="dana@nikpot.example", jobtitle="Service Desk Lead"),
        Agent(id=API_AGENT, name="Stepladder API", isapiagent=True),
        Agent(id=SETUP_AGENT, name="Stepladder set-up", isapiagent=True, rights=SETUP_RIGHTS),
        Agent(id=FORMER, name="Robin Vale", email="robin@nikpot.example", isdisabled=True),
    )


def _statuses() -> tuple[Status, ...]:
    return (
        Status(id=NEW, name="New", colour="#2f6fde"),
        Status(id=IN_PROGRESS, name="In Progress", colour="#0f7b6c"),
        Status(id=4, name="With User", colour="#b35c00"),
        Status(id=8, name="Resolved", colour="#4c6b22"),
        Status(id=CLOSED, name="Closed", colour="#5b6472", closed=True),
    )


def _categories() -> tuple[Category, ...]:
    values = (
        "Business Applications",
        "Hardware>Laptop",
        "Hardware>Printer",
        "Network",
        "User Administration",
    )
    return tuple(Category(id=60 + number, value=value) for number, value in enumerate(values))


def _lookups() -> tuple[Lookup, ...]:
    impacts = ("Company Wide", "Multiple Users Affected", "Single User Affected")
    urgencies = ("High", "Medium", "Low")
    return tuple(Lookup(lookupid=12, id=number, name=name) for number, name in enumerate(impacts, 1)) + tuple(
        Lookup(lookupid=27, id=number, name=name) for number, name in enumerate(urgencies, 1)
    )


def _outcomes() -> tuple[Outcome, ...]:
    return (
        Outcome(id=7, outcome="Internal Note", buttonname="Internal Note"),
        Outcome(id=8, outcome="Private Note", buttonname="Private Note"),
        Outcome(id=12, outcome="Resolved", buttonname="Resolve", tickettype_ids=(1, 3)),
        Outcome(
            id=APPROVE,
            outcome="Idemeum - approve elevation request",
            buttonname="Approve elevation",
            tickettype_ids=(1,),
            new_status_id=CLOSED,
            method_id=1,
            tone="good",
        ),
        Outcome(
            id=DENY,
            outcome="Idemeum - deny elevation request",
            buttonname="Deny elevation",
            tickettype_ids=(1,),
            new_status_id=CLOSED,
            method_id=2,
            tone="bad",
        ),
    )


def _methods() -> tuple[Method, ...]:
    headers = {"Content-Type": ACCEPT_DECISION}
    base = "/api/integrations/elevation/request"
    return (
        Method(
            id=1,
            name="idemeum - approve elevation request",
            path=f"{base}/approve",
            headers=headers,
            body=APPROVE_BODY,
        ),
        Method(
            id=2,
            name="idemeum - deny elevation request",
            path=f"{base}/deny",
            headers=headers,
            body=DENY_BODY,
        ),
        Method(
            id=3,
            name="idemeum - disable JIT accounts",
            path=DISABLE_PATH,
            headers={"Content-Type": DISABLE},
            body=DISABLE_BODY,
        ),
    )


def _tickets() -> tuple[StartingTicket, ...]:
    return (
        StartingTicket(
            summary="Scanner on the front desk prints blank pages",
            client_id=2,
            details="Started this morning after the toner was changed.\nThe test page is blank too.",
            status_id=CLOSED,
            agent_id=DANA,
            user_id=502,
            hours_ago=52,
        ),
        StartingTicket(
            summary="Mailbox of a former colleague needs forwarding",
            client_id=3,
            details="Please forward to reception until the end of the month.",
            status_id=IN_PROGRESS,
            agent_id=NIK,
            user_id=503,
            hours_ago=27,
        ),
        StartingTicket(
            summary="VPN drops every ten minutes at home",
            client_id=1,
            details="Only on the laptop, not on the phone.",
            status_id=IN_PROGRESS,
            agent_id=DANA,
            user_id=500,
            hours_ago=6.5,
        ),
        StartingTicket(
            summary="New starter on Monday: laptop and accounts",
            client_id=6,
            details="Same set-up as for Elena.",
            user_id=504,
            hours_ago=1.2,
        ),
    )
