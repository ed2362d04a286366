"""The stage of these tests: an old installation, and today's program started on what it left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.migrations.product import Product, run_product
from tests.migrations.restored import Old, read_old

from stepladder.kit import postgres


@pytest.fixture
def old() -> Old:
    return read_old()


@pytest.fixture
def directory(tmp_path: Path, old: Old) -> Path:
    """A data directory with the old installation's root key."""
    path = tmp_path / "root.key"
    path.touch(mode=0o600)
    path.write_text(old.facts["root_key"], encoding="ascii")
    return tmp_path


@pytest.fixture
async def product(
    postgres_server: postgres.EmbeddedPostgres, old: Old, directory: Path
) -> AsyncIterator[Product]:
    """Half a minute after the old program was stopped, today's is started."""
    async with run_product(postgres_server, old, directory) as running:
        yield running
