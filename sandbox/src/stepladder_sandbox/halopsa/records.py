"""What an administrator would have set up in HaloPSA: customers, agents, statuses, buttons. Only values.

Field names are HaloPSA's own (HaloPSA facts 9 to 28), so that a seed file reads like the API.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Access = Literal["none", "read", "modify"]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A configured thing. A misspelt field in a seed file is refused, not ignored."""


class Configured(Record, frozen=True, kw_only=True):
    """A configured thing that is written through the API, which may carry more than has a meaning here."""

    other: dict[str, Any] = {}
    """Fields that were given besides: kept and given back, so that a round trip loses nothing."""


class AzureTenant(Record, frozen=True, kw_only=True):
    """An Entra directory of a customer, as HaloPSA's own Azure integration leaves it."""

    azure_tenant_id: str
    azure_tenant_name: str = ""
    azure_tenant_domain: str = ""


class Client(Record, frozen=True, kw_only=True):
    """A customer. Names need not be unique (HaloPSA fact 21)."""

    id: int
    name: str
    ref: str = ""
    inactive: bool = False
    is_vip: bool = False
    toplevel_id: int = 12
    toplevel_name: str = "Customers"
    colour: str = "#5a86bd"
    azure_tenants: tuple[AzureTenant, ...] = ()


class Site(Record, frozen=True, kw_only=True):
    """A place of a customer. The first one of a customer serves when a ticket names none."""

    id: int
    client_id: int
    name: str = "Main"
    inactive: bool = False


class User(Record, frozen=True, kw_only=True):
    """An end user at a customer's site."""

    id: int
    name: str
    client_id: int
    site_id: int
    emailaddress: str = ""
    login: str = ""
    inactive: bool = False


class Asset(Record, frozen=True, kw_only=True):
    """A machine. Its name may sit in the tag (`inventory_number`) or in `key_field` (HaloPSA fact 21)."""

    id: int
    inventory_number: str
    client_id: int
    site_id: int
    key_field: str = ""
    key_field2: str = ""
    key_field3: str = ""
    assettype_id: int = 101
    assettype_name: str = "Workstation"
    inactive: bool = False


class Rights(Record, frozen=True, kw_only=True):
    """What an agent's role allows: the second layer of permission, below the scopes (HaloPSA fact 4)."""

    tickets: Access = "modify"
    clients: Access = "read"
    users: Access = "read"
    assets: Access = "read"
    add_tickets: bool = True
    edit_closed: bool = True
    reassign: bool = True
    delete_tickets: bool = False
    administrator: bool = False
    """May set HaloPSA up, if the application's scopes allow it too."""


class Agent(Record, frozen=True, kw_only=True):
    """A person of the MSP, or the account behind an API application. Id 1 means "Unassigned"."""

    id: int
    name: str
    email: str = ""
    team: str = "1st Line Support"
    jobtitle: str = ""
    isdisabled: bool = False
    isapiagent: bool = False
    rights: Rights = Rights()


class Team(Record, frozen=True, kw_only=True):
    """A group of agents; tickets name it, they do not number it."""

    id: int
    name: str


class Status(Record, frozen=True, kw_only=True):
    """Where a ticket stands. Ids differ between tenants; `closed` is what HaloPSA knows internally."""

    id: int
    name: str
    colour: str = "#5a86bd"
    closed: bool = False


class TicketType(Record, frozen=True, kw_only=True):
    """A kind of ticket, with the fields that a create must carry."""

    id: int
    name: str
    use: str = "ticket"
    mandatory: tuple[str, ...] = ()
    workflow_id: int = 0
    """0: none, and then every action is allowed."""
    all_tabs: bool = True
    tab_ids: tuple[int, ...] = ()
    """Custom tabs that its tickets show, unless they show all."""


class Category(Record, frozen=True, kw_only=True):
    """A value for `category_1` and so on; levels are joined by `>`."""

    id: int
    value: str
    type_id: int = 1


class Lookup(Record, frozen=True, kw_only=True):
    """One value of a numbered list: 12 is Impact, 27 Urgency."""

    id: int
    lookupid: int
    name: str


class Outcome(Configured, frozen=True, kw_only=True):
    """What HaloPSA's screens call an action. With a `method_id` it is a button that calls a custom method."""

    id: int
    outcome: str
    buttonname: str = ""
    labellong: str = ""
    icon: str = ""
    colour: str = ""
    sequence: int = 0
    hidden: bool = False
    systemid: int = 0
    tickettype_ids: tuple[int, ...] = ()
    """Types it may be used on; none means all."""
    new_status_id: int = 0
    """Status after a press of its button; 0 leaves the ticket where it is."""
    method_id: int = 0
    is_quick: bool = True
    """"Is a quick action": a button, and no form before it acts."""
    for_users: bool = False
    """"Allow users to use this action": customers see its button on the portal (threat T2)."""
    tone: Literal["neutral", "good", "bad"] = "neutral"


class Priority(Record, frozen=True, kw_only=True):
    """A row of an SLA. On the wire `id` is a GUID and `priorityid` the number to write."""

    priorityid: int
    name: str
    slaid: int = 1
    fixtime: float = 24.0
    guid: str = ""


class CustomField(Configured, frozen=True, kw_only=True):
    """A ticket field of the tenant's own, named `CF…` in the API."""

    id: int
    name: str
    label: str = ""
    kind: Literal["text", "number"] = "text"
    type: int = 0
    usage: int = 1


class Application(Record, frozen=True, kw_only=True):
    """An API application with "Client ID and Secret" log-in, and the agent it acts as."""

    client_id: str
    client_secret: str
    agent_id: int
    scopes: tuple[str, ...] = ("read:tickets", "edit:tickets", "read:customers", "read:assets")
    name: str = "API application"

    def __repr__(self) -> str:
        """Name and id only: the secret has no place in a log or a traceback."""
        return f"Application(name={self.name!r}, client_id={self.client_id!r})"


class Integration(Configured, frozen=True, kw_only=True):
    """A custom integration: where its methods are, and the key that each call carries."""

    name: str
    base_url: str
    header_name: str = ""
    header_value: str = ""
    id: int = 1
    authorizationtype: int = 1
    """0 none, 1 API key. The others are kept, and their calls carry no key."""
    key_in_query: bool = False

    def __repr__(self) -> str:
        """Everything but the key."""
        return (
            f"Integration(name={self.name!r}, base_url={self.base_url!r}, header_name={self.header_name!r})"
        )


class Method(Configured, frozen=True, kw_only=True):
    """A custom method. Body, headers and parameters may hold `<<variables>>` (HaloPSA fact 27)."""

    id: int
    name: str
    path: str
    verb: Literal["GET", "POST", "PUT", "DELETE", "PATCH"] = "POST"
    headers: dict[str, str] = {}
    uri_params: dict[str, str] = {}
    body: str = ""
    integration_id: int = 1
    authorizationtype: int = -1
    """-1 inherits from the integration, 0 is none."""
    requesttype: int = 1


class Workflow(Configured, frozen=True, kw_only=True):
    """Which actions a ticket allows, step by step. `steps` are as the API has them (`flows.py` reads them)."""

    id: int
    name: str
    active: bool = True
    note: str = ""
    steps: tuple[dict[str, Any], ...] = ()
    always_allowed: tuple[int, ...] = ()
    """Ids of actions that every step allows."""


class Tab(Configured, frozen=True, kw_only=True):
    """A custom tab of the ticket page: another site's web page, its URL filled from the ticket."""

    id: int
    name: str
    url: str = ""
    icon: str = ""
    sequence: int = 0
    open_in_new_tab: bool = False


class Webhook(Configured, frozen=True, kw_only=True):
    """Of type 1, an integration runbook: steps that call methods. `steps` are as the API has them."""

    id: str
    name: str
    type: int = 1
    url: str = ""
    active: bool = True
    runbook_start_type: int = 0
    """0 can only be started from within, 1 from a public address too."""
    steps: tuple[dict[str, Any], ...] = ()
    input_variables: tuple[dict[str, Any], ...] = ()


class Trigger(Configured, frozen=True, kw_only=True):
    """A row of `Notification`: starts a runbook when something happens to a ticket."""

    id: int
    eventno: int
    webhook_id: str
    name: str = ""
    guid: str = ""


class StartingTicket(Record, frozen=True, kw_only=True):
    """A ticket that is there from the start, so that ours is not alone in the list."""

    summary: str
    client_id: int
    details: str = ""
    status_id: int = 0
    agent_id: int = 1
    user_id: int = 0
    third_party_id_string: str = ""
    hours_ago: float = 0.0
