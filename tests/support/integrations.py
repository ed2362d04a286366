"""The wider integration calls: which there are, what each needs of a key, and a caller that makes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.service import KeyAction
from stepladder.elevation.rules import service as standing
from stepladder.elevation.rules.queries import Rule
from stepladder.tenancy import technicians
from stepladder.tenancy.technicians import Role, Technician
from stepladder_protocol.messages import ElevationKind, Program
from tests.support.tenants import Tenant
from tests.support.web import KEY_HEADER, RunningWeb, snapshot

BASE = "/api/integrations"
READ, CUSTOMERS, DELEGATION, RULES, AUDIT = (
    KeyAction.READ,
    KeyAction.MANAGE_CUSTOMERS,
    KeyAction.MANAGE_DELEGATION,
    KeyAction.MANAGE_RULES,
    KeyAction.READ_AUDIT,
)
# Every call, what it needs of a key, the media type that it takes and the one that it answers in. These strings stand
# in other people's scripts.
CALLS: dict[tuple[str, str], tuple[KeyAction, str | None, str | None]] = {
    ("GET", f"{BASE}/customers"): (READ, None, "application/vnd.dvmi.sdk.customer.basic.info.list+json"),
    ("POST", f"{BASE}/customers"): (
        CUSTOMERS,
        "application/vnd.dvmi.sdk.customer.request+json",
        "application/vnd.dvmi.sdk.customer+json",
    ),
    ("GET", f"{BASE}/customers/id/{{id}}"): (READ, None, "application/vnd.dvmi.sdk.customer.info+json"),
    ("GET", f"{BASE}/customers/{{name}}"): (READ, None, "application/vnd.dvmi.sdk.customer.info+json"),
    ("DELETE", f"{BASE}/customers/{{name}}"): (CUSTOMERS, None, None),
    ("PATCH", f"{BASE}/customers/{{name}}/settings"): (
        CUSTOMERS,
        "application/vnd.dvmi.sdk.customer.info+json",
        "application/vnd.dvmi.sdk.customer.info+json",
    ),
    ("GET", f"{BASE}/customers/{{id}}/devices"): (
        READ,
        None,
        "application/vnd.dvmi.sdk.customer.devices+json",
    ),
    ("POST", f"{BASE}/customers/{{name}}/delegation"): (
        DELEGATION,
        "application/vnd.dvmi.sdk.delegate.to.customer+json",
        "application/vnd.dvmi.sdk.delegate.to.customer+json",
    ),
    ("POST", f"{BASE}/customers/{{name}}/undelegation"): (
        DELEGATION,
        "application/vnd.dvmi.sdk.undelegate.from.customer+json",
        "application/vnd.dvmi.sdk.undelegate.from.customer+json",
    ),
    ("GET", f"{BASE}/customers/{{name}}/rules"): (
        READ,
        None,
        "application/vnd.dvmi.sdk.rule.definition+json",
    ),
    ("POST", f"{BASE}/customers/{{name}}/rules"): (
        RULES,
        "application/vnd.dvmi.sdk.rule.definition+json",
        "application/vnd.dvmi.sdk.rule.definition+json",
    ),
    ("GET", f"{BASE}/groups"): (READ, None, "application/vnd.dvmi.sdk.group.info.list+json"),
    ("GET", f"{BASE}/msp/rules"): (READ, None, "application/vnd.dvmi.sdk.rule.definition+json"),
    ("POST", f"{BASE}/msp/rules"): (
        RULES,
        "application/vnd.dvmi.sdk.rule.definition+json",
        "application/vnd.dvmi.sdk.rule.definition+json",
    ),
    ("GET", f"{BASE}/audit/events"): (AUDIT, None, "application/json"),
}
# The same as routes: what can be read can also be asked for by HEAD.
WIDE_ROUTES: dict[tuple[str, str], KeyAction] = {
    (method, path): needs
    for (verb, path), (needs, _, _) in CALLS.items()
    for method in ((verb, "HEAD") if verb == "GET" else (verb,))
}
# Of the whole MSP, so nothing for a key that serves some of its customers.
MSP_WIDE = {
    ("POST", f"{BASE}/customers"),
    ("GET", f"{BASE}/groups"),
    ("GET", f"{BASE}/msp/rules"),
    ("POST", f"{BASE}/msp/rules"),
}
HASH = "ab" * 32
NAME = "Northwind Traders"


async def call(
    web: RunningWeb,
    tenant: Tenant,
    method: str,
    path: str,
    value: Any = None,
    *,
    key: str | None = None,
    media_type: str | None = None,
    host: str | None = None,
    headers: list[tuple[str, str]] | None = None,
) -> httpx2.Response:
    """Make a call as a script does. `path` is below the API's base, with its names filled in."""
    lines = [("Host", host or tenant.msp.host), (KEY_HEADER, key or tenant.key)]
    content = None
    if value is not None:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        lines.append(("Content-Type", media_type or taken(method, path)))
    return await web.client.request(method, BASE + path, content=content, headers=[*lines, *(headers or [])])


def taken(method: str, path: str) -> str:
    """The media type that a call takes."""
    last = path.partition("?")[0].rpartition("/")[2]
    found = {
        takes
        for (verb, route), (_, takes, _) in CALLS.items()
        if verb == method and takes and route.rpartition("/")[2] == last
    }
    (only,) = found
    return only


async def key_with(
    tenant: Tenant,
    *actions: KeyAction,
    customers: list[UUID] | None = None,
    modes: tuple[ElevationKind, ...] = (ElevationKind.USER,),
) -> str:
    """A key that may do this and nothing else."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        _, text = await inbound_keys.create_key(
            tx,
            name="a script",
            actions=list(actions),
            modes=list(modes),
            customer_ids=customers,
        )
    return text


async def staff(tenant: Tenant, email: str, role: Role, *, active: bool = True) -> Technician:
    """One more technician of the tenant."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        made = await technicians.create_technician(
            tx, email=email, name=email.partition("@")[0].title(), role=role
        )
        return await technicians.set_technician(tx, made, role=None, is_active=active)


def in_days(tenant: Tenant, days: float) -> str:
    """An instant so far ahead of the tenant's clock, as a script writes it."""
    at: datetime = tenant.services.clock.now() + timedelta(days=days)
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def approval_rule(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    """A rule that approves the program of `tests.support.tenants.body`; None leaves a member out."""
    rule = {
        "verdict": "APPROVED",
        "userElevationMode": "USER",
        "sha256": HASH,
        "arguments": ["--quiet"],
        "expiresAt": in_days(tenant, 30),
        **changes,
    }
    return {name: value for name, value in rule.items() if value is not None}


def denial_rule(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    """A rule that denies that program."""
    rule = {"verdict": "DENIED", "sha256": HASH, "expiresAt": in_days(tenant, 30), **changes}
    return {name: value for name, value in rule.items() if value is not None}


async def save(
    web: RunningWeb, tenant: Tenant, *rules: dict[str, Any], path: str = "/msp/rules"
) -> list[dict[str, Any]]:
    """Keep rules by the API; gives them as it answers."""
    answer = await call(web, tenant, "POST", path, {"rules": list(rules)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rules"]
    return found


async def confirm(tenant: Tenant, rule_id: str, email: str | None = None) -> Rule:
    """The second person's yes."""
    services = tenant.services
    who = email or "grace@nikpot.example"
    if email is None:
        async with services.db.transaction(tenant.operator) as tx:
            known = await tx.scalar("select true from technician where email = %(email)s", {"email": who})
        if not known:
            await staff(tenant, who, Role.ADMIN)
    return await standing.confirm(services.db, tenant.operator, rule_id=rule_id, email=who)


def program(**changes: Any) -> Program:
    """The program of `tests.support.tenants.body`, with something changed."""
    values: dict[str, Any] = {
        "name": "setup.exe",
        "path": "/opt/setup.exe",
        "arguments": ["--quiet"],
        "sha256": HASH,
        "size": 4096,
        "publisher": "Example Software Ltd",
    }
    return Program(**{**values, **changes})


def filled(path: str, tenant: Tenant) -> str:
    """A route's path with the tenant's customer in it, below the API's base."""
    return path.removeprefix(BASE).format(name="northwind", id=tenant.customer.id)


def genuine(method: str, path: str, tenant: Tenant) -> dict[str, Any] | None:
    """A body that the call takes."""
    if CALLS[method, path][1] is None:
        return None
    bodies: dict[str, dict[str, Any]] = {
        "customers": {"name": "fabrikam"},
        "settings": {"displayName": "Northwind Traders Ltd"},
        "delegation": {"userEmail": tenant.technician.email, "role": "ADMIN"},
        "undelegation": {"userEmail": tenant.technician.email},
        "rules": {"rules": [denial_rule(tenant)]},
    }
    return bodies[path.rpartition("/")[2]]


async def everything(tenant: Tenant) -> dict[str, Any]:
    """All rows that the wider calls can change."""
    found: dict[str, Any] = await snapshot(tenant)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        for table in ("customer", "technician", "delegation", "rule"):
            found[table] = await tx.dicts(f"select to_jsonb(t) as row from {table} t order by 1")  # noqa: S608 - names of our own
    return found


ALL = pytest.mark.parametrize(("method", "path"), CALLS, ids=" ".join)
