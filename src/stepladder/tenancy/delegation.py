"""Use cases of delegation: a technician's role at one customer.

It only adds to the role that the technician has everywhere; a technician who may decide for all customers needs none.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Invalid
from stepladder.kit.db import Transaction
from stepladder.kit.ids import TechnicianId

from .service import Customer
from .technicians import Role, find_technician_by_email

# A global admin is one everywhere; there is no such thing at one customer.
DELEGABLE = (Role.ADMIN, Role.TECHNICIAN, Role.READ_ONLY)
_DECIDING = [role for role in DELEGABLE if role.may_decide]


@dataclass(frozen=True)
class Delegation:
    """Who has which role at the customer it was read for."""

    email: str
    role: Role


@dataclass
class _CustomerRow:
    customer_id: UUID


async def delegate(tx: Transaction, customer: Customer, *, email: str, role: Role) -> Delegation:
    """Give a technician a role at one customer, in place of the one they had there. Raises NotFound or Invalid."""
    if role not in DELEGABLE:
        raise Invalid(
            "A global admin is one for all customers. For one customer the role is ADMIN, TECHNICIAN or READ_ONLY."
        )
    technician = await find_technician_by_email(tx, email)
    changed = await tx.run(
        """insert into delegation (customer_id, technician_id, msp_id, role, created_at)
           values (%(customer)s, %(technician)s, %(msp)s, %(role)s, %(now)s)
           on conflict (customer_id, technician_id)
           do update set role = excluded.role, created_at = excluded.created_at
           where delegation.role <> excluded.role""",
        {
            "customer": customer.id,
            "technician": technician.id,
            "msp": tx.msp_id,
            "role": role,
            "now": tx.now,
        },
    )
    if changed:
        await record(
            tx,
            Tag.DELEGATION_GIVEN,
            customer.id,
            technician_id=str(technician.id),
            role=role,
        )
    return Delegation(technician.email, role)


async def undelegate(tx: Transaction, customer: Customer, *, email: str) -> str:
    """Remove a technician's role at one customer, if there is one; returns their e-mail. Raises NotFound."""
    technician = await find_technician_by_email(tx, email)
    removed = await tx.run(
        "delete from delegation where customer_id = %(customer)s and technician_id = %(technician)s",
        {"customer": customer.id, "technician": technician.id},
    )
    if removed:
        await record(tx, Tag.DELEGATION_REMOVED, customer.id, technician_id=str(technician.id))
    return technician.email


async def remove_all(tx: Transaction, customer: Customer) -> int:
    """Remove all roles at a customer; returns how many. The caller records why."""
    return await tx.run("delete from delegation where customer_id = %(id)s", {"id": customer.id})


async def of_customer(tx: Transaction, customer: Customer) -> list[Delegation]:
    """Who has a role at the customer, by e-mail."""
    return await tx.all(
        Delegation,
        """select t.email, d.role from delegation d join technician t on t.id = d.technician_id
           where d.customer_id = %(id)s order by t.folded_email limit 5000""",
        {"id": customer.id},
    )


async def hold_deciding_customers(tx: Transaction, technician_id: TechnicianId) -> frozenset[UUID]:
    """The customers whose requests the technician may decide by delegation, until the transaction ends."""
    rows = await tx.all(
        _CustomerRow,
        """select customer_id from delegation
           where technician_id = %(id)s and role = any(%(roles)s) limit 20000 for share""",
        {"id": technician_id, "roles": _DECIDING},
    )
    return frozenset(row.customer_id for row in rows)
