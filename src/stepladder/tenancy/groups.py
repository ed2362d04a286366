"""The MSP's staff as groups, one for each role: the plainest form of what other products call groups."""

from __future__ import annotations

from dataclasses import dataclass

from stepladder.kit.db import Transaction

from .technicians import Role

_NAMES = {
    Role.GLOBAL_ADMIN: "Global admins",
    Role.ADMIN: "Admins",
    Role.TECHNICIAN: "Technicians",
    Role.READ_ONLY: "Read-only",
}


@dataclass(frozen=True)
class Group:
    """A role and how many active technicians have it."""

    role: Role
    name: str
    members: int


@dataclass
class _CountRow:
    role: Role
    members: int


async def groups(tx: Transaction) -> list[Group]:
    """Every role, in the order of what it may do; empty ones too."""
    rows = await tx.all(
        _CountRow,
        "select role, count(*) as members from technician where msp_id = %(msp)s and is_active group by role",
        {"msp": tx.msp_id},
    )
    counts = {row.role: row.members for row in rows}
    return [Group(role, name, counts.get(role, 0)) for role, name in _NAMES.items()]
