"""A large installation, filled in one go: a hundred thousand of everything that is over, and little that is not.

What the product asks is recorded as it asks it, and explained again as the service's role with a generic plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from stepladder.kit.db import Transaction

MANY = 100_000
CUSTOMERS = 5_000
OPEN = 1_000
"""Requests that are pending, with their open tickets."""

# One statement a table. What the numbers make: customer n has every 5,000th machine, request and event.
FILL = """
create function pg_temp.id(kind text, n bigint) returns uuid language sql immutable as
    $$ select md5(kind || n)::uuid $$;

insert into customer (id, msp_id, name, display_name, folded_name, folded_display_name, created_at)
select pg_temp.id('customer', n), %(msp)s, 'c-' || n, 'Customer ' || n || ' Ltd', 'c-' || n,
       'customer ' || n || ' ltd', now() - interval '1 year'
from generate_series(1, {customers}) n;

insert into endpoint (id, msp_id, customer_id, name, folded_name, public_key, operating_system, agent_version, state,
                      enrolled_at, last_seen_at)
select pg_temp.id('endpoint', n), %(msp)s, pg_temp.id('customer', 1 + n %% {customers}), 'PC-' || n, 'pc-' || n,
       decode(md5('key' || n), 'hex'), 'Debian 12', '0.1.0', 'active', now() - interval '1 year', now()
from generate_series(1, {many}) n;

insert into elevation_request (id, msp_id, customer_id, customer_label, endpoint_id, idempotency_key, body_sha256, kind,
    state, requester_user, program_name, program_path, arguments, sha256, size, created_at, expires_at, settled_at)
select pg_temp.id('request', n), %(msp)s, pg_temp.id('customer', 1 + n %% {customers}), 'Customer', pg_temp.id('endpoint', n),
       'key' || n, '', 'USER', case when n <= {open} then 'pending' when n %% 1000 = 0 then 'cancelled' else 'approved' end,
       'ada', 'setup.exe', '/opt/setup.exe', '[]', repeat('ab', 32), 1, now() - n * interval '1 minute',
       now() + interval '4 days', case when n > {open} then now() end
from generate_series(1, {many}) n;

insert into ticket_link (id, msp_id, subject_kind, subject_id, customer_id, connection_id, asker_id, reference, desired,
    observed, ticket_id, note_seen, attempts, next_try_at, needs_attention, created_at, opened_at, closed_at)
select pg_temp.id('link', n), %(msp)s, 'elevation_request', pg_temp.id('request', n),
       pg_temp.id('customer', 1 + n %% {customers}), %(connection)s, pg_temp.id('endpoint', n), 'SL-' || n,
       case when n <= {open} then 'open' else 'closed' end, case when n <= {open} then 'open' else 'closed' end,
       n::text, n > {open}, 0, null, false, now() - n * interval '1 minute', now(), case when n > {open} then now() end
from generate_series(1, {many}) n;

alter table audit_event disable trigger audit_event_is_of_customer;
insert into audit_event (msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf, sequence, link, customer_id)
select %(msp)s, now() - (2 * {many} - n) * interval '1 minute', 'elevation_request.approved', 'system', 'x',
       pg_temp.id('request', n), '{{}}', decode(repeat('ab', 32), 'hex'), n + 1000, decode(repeat('cd', 32), 'hex'),
       pg_temp.id('customer', 1 + n %% 50)
from generate_series(1, {many}) n;
alter table audit_event enable trigger audit_event_is_of_customer;

insert into endpoint_nonce (endpoint_id, nonce, msp_id, seen_at)
select pg_temp.id('endpoint', n), 'nonce', %(msp)s, now() from generate_series(1, {many}) n;
"""
TABLES = ("customer", "endpoint", "elevation_request", "ticket_link", "audit_event", "endpoint_nonce")


def fill(owner: str, msp_id: Any, connection_id: Any) -> None:
    """Fill the installation of this MSP, and let the database learn what it holds."""
    statements = FILL.format(many=MANY, customers=CUSTOMERS, open=OPEN)
    with psycopg.connect(owner, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(statements.encode(), {"msp": msp_id, "connection": connection_id})
    with psycopg.connect(owner, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(sql.SQL("vacuum analyze {}").format(sql.Identifier(table)))


@dataclass(frozen=True)
class Asked:
    """A statement as the product sent it."""

    query: str
    params: dict[str, Any]


@contextmanager
def recorded(tx: Transaction) -> Iterator[list[Asked]]:
    """What the product asks in this transaction meanwhile."""
    asked: list[Asked] = []

    class Recording(psycopg.AsyncCursor[Any]):
        async def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
            asked.append(Asked(query, dict(params or {})))
            return await super().execute(query, params, **how)

    connection = tx.connection
    before, connection.cursor_factory = connection.cursor_factory, Recording
    try:
        yield asked
    finally:
        connection.cursor_factory = before


@dataclass(frozen=True)
class Plan:
    """How a statement was carried out."""

    query: str
    root: dict[str, Any]

    def nodes(self, node: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Every node of it."""
        node = node or self.root
        yield node
        for below in node.get("Plans", ()):
            yield from self.nodes(below)

    @property
    def read_whole(self) -> set[str]:
        """The tables that were read from end to end."""
        return {each["Relation Name"] for each in self.nodes() if each["Node Type"].endswith("Seq Scan")}

    def told(self, node: dict[str, Any] | None = None, depth: int = 0) -> str:
        """The plan as people read it."""
        node = node or self.root
        what = [
            str(node.get(name, "")) for name in ("Node Type", "Subplan Name", "Relation Name", "Index Name")
        ]
        loops, rows = node["Actual Loops"], node["Actual Rows"]
        touched = node["Shared Hit Blocks"] + node["Shared Read Blocks"]
        line = f"{' ' * depth}{' '.join(what)} rows={rows} loops={loops} blocks={touched}"
        return "\n".join([line, *(self.told(below, depth + 1) for below in node.get("Plans", ()))])

    @property
    def buffers(self) -> int:
        """Blocks of eight kilobytes that it touched."""
        return int(self.root["Shared Hit Blocks"] + self.root["Shared Read Blocks"])


async def explained(tx: Transaction, asked: Iterable[Asked]) -> list[Plan]:
    """The plans of these statements with generic parameters, carried out once more."""
    await tx.connection.execute("set local plan_cache_mode = force_generic_plan")
    return [await _explained(tx, one) for one in asked]


async def _explained(tx: Transaction, asked: Asked) -> Plan:
    names: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    text = re.sub(r"%\((\w+)\)s", numbered, asked.query).replace("%%", "%")
    await tx.connection.execute(f"prepare asked as {text}".encode())
    values = sql.SQL(", ").join(sql.Literal(asked.params[name]) for name in names)
    given = sql.SQL("({})").format(values) if names else sql.SQL("")
    told = sql.SQL("explain (analyze, buffers, format json) execute asked{}").format(given)
    row = await (await tx.connection.execute(told)).fetchone()
    await tx.connection.execute("deallocate asked")
    assert row is not None
    return Plan(text, row[0][0]["Plan"])
