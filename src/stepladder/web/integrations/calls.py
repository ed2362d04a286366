"""The wider integration API: customers, groups, devices, delegation, standing rules, the trail.

Known from a public client of the documented product, so that scripts written for that keep working. Each call needs a
key with its action; a key that is scoped to customers sees nothing else of the MSP, as if there were nothing else.
"""

from __future__ import annotations

from stepladder.access_keys.service import KeyAction
from stepladder.audit import reading
from stepladder.elevation.rules import service as standing
from stepladder.elevation.rules.service import Scope
from stepladder.endpoints import listing
from stepladder.tenancy import customers, delegation, groups, service as tenancy

from . import answers, bodies
from .table import Call, Table

TABLE = Table()
_ONE = "/customers/{name}"


@TABLE.call("GET", "/customers", KeyAction.READ)
async def list_customers(call: Call, query: bodies.PartAsked) -> answers.Customers:
    """List customers."""
    found = await customers.list_part(
        call.tx, call.key.customer_ids, after=query.after or None, limit=query.limit
    )
    following = call.address(limit=query.limit, after=found.rows[-1].id) if found.left else None
    return answers.Customers.model_validate({"items": found.rows, "next": following})


@TABLE.call("POST", "/customers", KeyAction.MANAGE_CUSTOMERS, status=201, msp_wide=True)
async def new_customer(call: Call, body: bodies.NewCustomer) -> answers.Customer:
    """Create a customer."""
    made = await tenancy.create_customer(call.tx, name=body.name, display_name=body.display_name or body.name)
    return answers.Customer.model_validate(made)


@TABLE.call("GET", "/customers/id/{id}", KeyAction.READ)
async def customer_by_id(call: Call) -> answers.CustomerInfo:
    """Read a customer by id."""
    return answers.CustomerInfo.model_validate(await customers.info(call.tx, await call.customer_by_id()))


@TABLE.call("GET", "/customers/{id}/devices", KeyAction.READ)
async def devices(call: Call, query: bodies.PartAsked) -> answers.Devices:
    """List a customer's devices."""
    customer = await call.customer_by_id()
    found = await listing.list_part(call.tx, customer.id, after=query.after or None, limit=query.limit)
    following = call.address(limit=query.limit, after=found.rows[-1].id) if found.left else None
    return answers.Devices.model_validate({"items": found.rows, "next": following})


@TABLE.call("GET", _ONE, KeyAction.READ)
async def customer_by_name(call: Call) -> answers.CustomerInfo:
    """Read a customer by name."""
    return answers.CustomerInfo.model_validate(await customers.info(call.tx, await call.customer()))


@TABLE.call("DELETE", _ONE, KeyAction.MANAGE_CUSTOMERS, status=204)
async def delete_customer(call: Call) -> None:
    """Delete a customer."""
    await call.deletion.delete(call.tx, await call.customer())


@TABLE.call("PATCH", f"{_ONE}/settings", KeyAction.MANAGE_CUSTOMERS)
async def change_settings(call: Call, body: bodies.Settings) -> answers.CustomerInfo:
    """Change a customer's settings."""
    customer = await call.customer()
    body.check_read_only(answers.CustomerInfo.model_validate(await customers.info(call.tx, customer)))
    changed = await customers.change_settings(
        call.tx, customer, display_name=body.display_name or None, lifetime=body.lifetime
    )
    return answers.CustomerInfo.model_validate(await customers.info(call.tx, changed))


@TABLE.call("POST", f"{_ONE}/delegation", KeyAction.MANAGE_DELEGATION)
async def delegate_to(call: Call, body: bodies.DelegateTo) -> answers.Delegated:
    """Give a technician a role at a customer."""
    customer = await call.customer()
    made = await delegation.delegate(call.tx, customer, email=body.email, role=body.role)
    return answers.Delegated.model_validate(made)


@TABLE.call("POST", f"{_ONE}/undelegation", KeyAction.MANAGE_DELEGATION)
async def undelegate_from(call: Call, body: bodies.UndelegateFrom) -> answers.Undelegated:
    """Take a technician's role at a customer away."""
    email = await delegation.undelegate(call.tx, await call.customer(), email=body.email)
    return answers.Undelegated(email=email)


@TABLE.call("GET", "/groups", KeyAction.READ, msp_wide=True)
async def list_groups(call: Call) -> answers.Groups:
    """List groups of technicians."""
    return answers.Groups.model_validate({"items": await groups.groups(call.tx)})


@TABLE.call("GET", "/msp/rules", KeyAction.READ, msp_wide=True)
async def msp_rules(call: Call) -> answers.Rules:
    """List the rules of the MSP."""
    return await _rules(call, Scope())


@TABLE.call("POST", "/msp/rules", KeyAction.MANAGE_RULES, msp_wide=True)
async def save_msp_rules(call: Call, body: bodies.RulesToKeep) -> answers.Rules:
    """Add or change rules of the MSP."""
    return await _save_rules(call, Scope(), body)


@TABLE.call("GET", f"{_ONE}/rules", KeyAction.READ)
async def customer_rules(call: Call) -> answers.Rules:
    """List a customer's own rules."""
    return await _rules(call, Scope((await call.customer()).id))


@TABLE.call("POST", f"{_ONE}/rules", KeyAction.MANAGE_RULES)
async def save_customer_rules(call: Call, body: bodies.RulesToKeep) -> answers.Rules:
    """Add or change a customer's own rules."""
    return await _save_rules(call, Scope((await call.customer()).id), body)


@TABLE.call("GET", "/audit/events", KeyAction.READ_AUDIT)
async def audit_events(call: Call, query: bodies.EventsAsked) -> answers.Events:
    """Read the audit trail. `name` is a customer's: only what is about that customer."""
    served = call.key.customer_ids
    since = call.tx.now - reading.parse_range(query.range)
    if "name" in query.model_fields_set:
        served = list(await customers.ever_called(call.tx, query.name, served))
    found = await call.trail.page_of(
        call.tx, since=since, page=query.page, size=query.size, after=query.after, customers=served
    )
    asked = {"range": query.range, **({"name": query.name} if query.name else {})}
    return answers.Events(
        items=[answers.Event.model_validate(event) for event in found.events],
        page=query.page,
        size=query.size,
        has_more=found.has_more,
        next=call.address(**asked, size=query.size, after=found.ends_at) if found.ends_at else None,
    )


async def _rules(call: Call, scope: Scope) -> answers.Rules:
    return answers.Rules.of(await standing.rules_of(call.tx, scope), call.tx.now)


async def _save_rules(call: Call, scope: Scope, body: bodies.RulesToKeep) -> answers.Rules:
    drafts = [rule.draft() for rule in body.rules]
    return answers.Rules.of(await standing.save(call.tx, scope, drafts, call.key.modes), call.tx.now)
