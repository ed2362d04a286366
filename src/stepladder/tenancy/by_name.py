"""Use cases of operators, who name customers and technicians as people do: found and changed in one transaction."""

from __future__ import annotations

from uuid import UUID

from stepladder.kit.db import Transaction

from . import service, technicians
from .service import Customer
from .technicians import Role, Technician


async def rename_customer(
    tx: Transaction, customer: str, *, name: str | None, display_name: str | None
) -> Customer:
    """The customer under its new names. Raises NotFound, NameTaken or Invalid."""
    found = await service.find_customer(tx, customer)
    return await service.rename_customer(tx, found, name=name, display_name=display_name)


async def set_directory(tx: Transaction, customer: str, directory_id: UUID | None) -> Customer:
    """Say which Entra directory is the customer's; None removes it. Raises NotFound or DirectoryTaken."""
    found = await service.find_customer(tx, customer)
    await service.set_directory(tx, found, directory_id)
    return found


async def set_technician(
    tx: Transaction,
    email: str,
    *,
    role: Role | None = None,
    is_active: bool | None = None,
    name: str | None = None,
    new_email: str | None = None,
) -> Technician:
    """Change a technician's role, name or e-mail, or lock them out. Raises NotFound, EmailTaken or Invalid."""
    found = await technicians.find_spelled(tx, email)
    return await technicians.set_technician(
        tx, found, role=role, is_active=is_active, name=name, email=new_email
    )
