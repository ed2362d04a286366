"""Changing staff and customers: what a change does not name stays, whatever was read before it."""

from __future__ import annotations

from tests.support.tenants import Tenant

from stepladder.tenancy import service as tenancy, technicians
from stepladder.tenancy.technicians import Role


async def test_a_change_of_role_does_not_undo_a_lock_out(tenant: Tenant) -> None:
    """Both operators read the technician first; the one who changes the role did not see the lock-out."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        seen = await technicians.find_technician(tx, tenant.technician.email)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await technicians.set_technician(tx, seen, role=None, is_active=False)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        changed = await technicians.set_technician(tx, seen, role=Role.ADMIN, is_active=None)
        assert changed == await technicians.find_technician(tx, seen.email)
    assert (changed.role, changed.is_active) == (Role.ADMIN, False)


async def test_a_new_name_does_not_undo_a_new_display_name(tenant: Tenant) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenancy.rename_customer(tx, tenant.customer, name=None, display_name="Northwind Ltd")
    async with tenant.services.db.transaction(tenant.operator) as tx:
        renamed = await tenancy.rename_customer(tx, tenant.customer, name="nw", display_name=None)
    assert (renamed.name, renamed.display_name) == ("nw", "Northwind Ltd")
