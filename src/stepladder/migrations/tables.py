"""Every table of the product, in one place for the migrations. Importing it defines them all."""

from stepladder.access_keys import models as access_keys
from stepladder.audit import models as audit
from stepladder.connections import models as connections
from stepladder.elevation import models as elevation
from stepladder.endpoints import models as endpoints
from stepladder.kit.tables import metadata
from stepladder.mapping import models as mapping
from stepladder.reconcile import models as reconcile
from stepladder.setup.engine import models as setup_engine
from stepladder.setup.halopsa import models as setup_halopsa
from stepladder.tenancy import models as tenancy
from stepladder.tickets import models as tickets
from stepladder.vault import models as vault

__all__ = [
    "access_keys",
    "audit",
    "connections",
    "elevation",
    "endpoints",
    "mapping",
    "metadata",
    "reconcile",
    "setup_engine",
    "setup_halopsa",
    "tenancy",
    "tickets",
    "vault",
]
