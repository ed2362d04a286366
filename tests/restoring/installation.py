"""An installation whose database is backed up and put back with PostgreSQL's own programs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.migrations.restored import dump, load
from tests.tickets.staged import Stage, restaged

from stepladder import restoring
from stepladder.app import DatabaseUrls, open_services
from stepladder.audit.service import seal
from stepladder.kit import postgres


@dataclass
class Installation:
    """The running installation, and ways back."""

    stage: Stage
    server: postgres.EmbeddedPostgres
    urls: DatabaseUrls

    @property
    def witness(self) -> restoring.Witness:
        return restoring.Witness(self.stage.services.settings.data_dir)

    async def remember(self) -> None:
        """What a running service does each minute."""
        await seal(self.stage.services.db, self.stage.tenant.operator)
        await self.witness.update(self.stage.services.db)

    def back_up(self) -> str:
        return dump(self.server, self.urls)

    @asynccontextmanager
    async def restored(self, backup: str) -> AsyncIterator[Stage]:
        """The same installation on a copy of before: same data directory, same HaloPSA."""
        copy, stage = load(self.server, backup), self.stage
        async with open_services(stage.services.settings, copy, clock=stage.clock) as services:
            yield restaged(stage, services)


async def declare(stage: Stage) -> dict[str, int]:
    """What `stepladder restore --declare` does for one MSP."""
    return await restoring.declare(stage.services.db, stage.services.elevation, stage.tenant.operator)
