"""Every table of the product, in one place for the migrations. Importing it defines them all."""

from stepladder.access_keys import models as access_keys
from stepladder.audit import models as audit
from stepladder.connections import models as connections
from stepladder.elevation import models as elevation
from stepladder.endpoints import models as endpoints
from stepladder.kit.tables import metadata
from stepladder.mapping import models as mapping
from stepladder.reconcile import models as reconcile
from stepladder.setup.halopsa import models as halopsa_setup
from stepladder.tenancy import models as tenancy
from stepladder.tickets import models as tickets
from stepladder.vault import models as vault

__all__ = [
    "access_keys",
    "audit",
    "connections",
    "elevation",
    "endpoints",
    "halopsa_setup",
    "mapping",
    "metadata",
    "reconcile",
    "tenancy",
    "tickets",
    "vault",
]
