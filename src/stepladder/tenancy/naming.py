"""The one namespace of an MSP's customers: who has a name, and who may take one (`kit.folding`)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol, TypeVar
from uuid import UUID

from stepladder.errors import Conflict
from stepladder.kit.db import Transaction
from stepladder.kit.folding import fold, is_shown
from stepladder.kit.ids import CustomerId, parse_uuid


class Named(Protocol):
    """A customer, as far as names go."""

    @property
    def id(self) -> CustomerId: ...

    @property
    def name(self) -> str: ...

    @property
    def display_name(self) -> str: ...


Row = TypeVar("Row", bound=Named)


class CustomerAmbiguous(Conflict):
    """Customers from before names were one namespace may share one; none of them is chosen silently."""

    code = "customer_ambiguous"
    sentence = (
        "More than one customer is called that, by name or display name. Use the customer's id instead."
    )


async def take_turn(tx: Transaction) -> None:
    """Who names something of this MSP comes one after another until the transaction ends."""
    await tx.run(
        "select pg_advisory_xact_lock(hashtextextended('stepladder.names.' || %(msp)s::text, 0))",
        {"msp": tx.msp_id},
    )


async def hold(tx: Transaction, folded: Collection[str], *, but: CustomerId) -> set[str]:
    """Which of these names another customer has, as name or display name. That stays so until the transaction ends."""
    await take_turn(tx)
    rows = await tx.dicts(
        """select folded_name, folded_display_name from customer
           where msp_id = %(msp)s and deleted_at is null and id <> %(but)s
             and (folded_name = any(%(folded)s) or folded_display_name = any(%(folded)s)) limit 100""",
        {"msp": tx.msp_id, "but": but, "folded": list(folded)},
    )
    return set(folded) & {name for row in rows for name in row.values()}


async def called(
    tx: Transaction,
    row: type[Row],
    text: str,
    *,
    served: list[UUID] | None = None,
    with_deleted: bool = False,
) -> list[Row]:
    """Every customer that has this name, display name or id; the one with the id alone, for nobody chooses an id.

    `row` has an id, a name and a display name. `served` are the ids among which to look, if not all.
    """
    if not is_shown(text):
        return []
    return await tx.all(
        row,
        """with found as (
               select id, name, display_name, id = %(id)s as is_it from customer
               where msp_id = %(msp)s and (%(deleted)s or deleted_at is null)
                 and (id = %(id)s or folded_name = %(folded)s or folded_display_name = %(folded)s)
                 and (%(served)s::uuid[] is null or id = any(%(served)s))
               limit 100)
           select id, name, display_name from found
           where is_it or not exists (select from found where is_it) order by id""",
        {
            "msp": tx.msp_id,
            "deleted": with_deleted,
            "id": parse_uuid(text.strip()),
            "folded": fold(text),
            "served": served,
        },
    )


def only(found: list[Row]) -> Row | None:
    """The only one of those that a name leads to. Raises CustomerAmbiguous with the ids, which are a way out."""
    if len(found) > 1:
        each = "; ".join(f"{one.id} is {one.display_name} ({one.name})" for one in found)
        raise CustomerAmbiguous(f"{CustomerAmbiguous.sentence} {each}.")
    return found[0] if found else None
