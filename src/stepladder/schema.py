"""Every table of the product, in one place for the migrations. Importing it defines them all."""

from stepladder.audit import models as audit
from stepladder.elevation import models as elevation
from stepladder.endpoints import models as endpoints
from stepladder.kit.tables import metadata
from stepladder.setup.halopsa import models as halopsa_setup
from stepladder.tenancy import models as tenancy
from stepladder.tickets import models as tickets

__all__ = ["audit", "elevation", "endpoints", "halopsa_setup", "metadata", "tenancy", "tickets"]
