"""Ids as people type them: the beginning that fits one, and nothing that is guessed."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

import pytest
from tests.support.tenants import Tenant

from stepladder.kit.typed_ids import IdAmbiguous, find_typed

ONE, TWIN, OTHER = (
    UUID("5e7f1a52-0000-4000-8000-00000000000a"),
    UUID("5e7f1a52-0000-4000-8000-00000000000b"),
    UUID("5e7f2222-0000-4000-8000-00000000000c"),
)
IDS: LiteralString = """select id from unnest('{5e7f1a52-0000-4000-8000-00000000000a,
    5e7f1a52-0000-4000-8000-00000000000b,5e7f2222-0000-4000-8000-00000000000c}'::uuid[]) as known(id)
    where id between %(first)s and %(last)s"""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (str(ONE), ONE),
        (str(TWIN).upper(), TWIN),
        (TWIN.hex, TWIN),
        (" 5e7f2 ", OTHER),
        ("5e7f-2222", OTHER),
        ("5e7f3", None),
        ("5e7", None),
        ("", None),
        ("5e7f%", None),
        ("x' or true --", None),
        (f"{ONE}0", None),
    ],
)
async def test_the_beginning_of_one_id_is_that_id(tenant: Tenant, typed: str, meant: UUID | None) -> None:
    """USE-02: of at least four characters, with and without hyphens."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        assert await find_typed(tx, IDS, typed) == meant


@pytest.mark.parametrize("typed", ["5e7f", "5e7f1a52", "5e7f1a52-0000-4000-8000-00000000000"])
async def test_the_beginning_of_two_ids_is_refused(tenant: Tenant, typed: str) -> None:
    """USE-02: whoever approves must mean one request."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        with pytest.raises(IdAmbiguous):
            await find_typed(tx, IDS, typed)
