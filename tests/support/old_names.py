"""Names as they could be given before they were one namespace."""

from __future__ import annotations

from dataclasses import replace

from stepladder.kit.folding import fold
from stepladder.tenancy.service import Customer
from tests.support.tenants import Tenant


async def share(tenant: Tenant, customer: Customer, display_name: str) -> Customer:
    """The customer with a display name that another one has, as the migration leaves them: both are marked."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tx.run(
            """update customer set shares_name = true
               where folded_name = %(folded)s or folded_display_name = %(folded)s""",
            {"folded": fold(display_name)},
        )
        await tx.run(
            """update customer set shares_name = true, display_name = %(name)s, folded_display_name = %(folded)s
               where id = %(id)s""",
            {"name": display_name, "folded": fold(display_name), "id": customer.id},
        )
    return replace(customer, display_name=display_name)
