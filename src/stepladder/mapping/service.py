"""Use cases of customer mapping: automatic, by hand, undone. By remote id once it is known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from stepladder.audit.service import Entry, record, record_each
from stepladder.audit.tags import Tag
from stepladder.connections import service as connections
from stepladder.connections.service import NoConnector
from stepladder.connectors.base import NeedsAttention
from stepladder.connectors.ticket_system import RemoteCustomer, TicketConnector
from stepladder.errors import NotFound
from stepladder.kit.db import Actor, Transaction
from stepladder.kit.ids import ConnectionId, CustomerId
from stepladder.tenancy.names import name_customers
from stepladder.tenancy.service import Customer, find_customer

from . import queries
from .by_hand import AmbiguousName, choose
from .plan import Change, Outcome, plan
from .policy import Found, How, MappingState, Remotes, oddity
from .queries import Linked, Mapping, RemoteCustomerTaken
from .run import survey

Transactions = Callable[[], AbstractAsyncContextManager[Transaction]]


class Subscriber(Protocol):
    """A feature that reacts when customers are linked."""

    async def linked(
        self, tx: Transaction, connection_id: ConnectionId, customers: Collection[CustomerId]
    ) -> None:
        """Customers are linked to a remote customer; what waited for that can go on."""
        ...


class Customers:
    """The use cases, with what they need passed in."""

    def __init__(self, wiring: connections.Wiring, subscribers: Sequence[Subscriber] = ()) -> None:
        self._wiring, self._subscribers = wiring, subscribers

    async def map_all(
        self, actor: Actor, *, again: Collection[str] = (), is_dry: bool = False
    ) -> list[Outcome]:
        """Map every customer that is not linked, asked of the ticket system now; a dry run changes nothing.

        `again` names customers that were unlinked by hand and are to be tried all the same. Raises NoConnector,
        NotFound or ConnectorError.
        """
        db = self._wiring.db
        async with db.transaction(actor) as tx:
            tried = [(await find_customer(tx, text)).id for text in again]
        async with connections.ticket_system(self._wiring, actor) as (connection, connector):
            return await self.run(
                connector, connection.id, lambda: db.transaction(actor), again=tried, is_dry=is_dry
            )

    async def link(self, actor: Actor, customer: str, remote_name: str) -> tuple[Customer, RemoteCustomer]:
        """Link one customer by hand. Raises NotFound, AmbiguousName, RemoteCustomerTaken or NoConnector."""
        async with connections.ticket_system(self._wiring, actor) as (connection, connector):
            remotes = await connector.list_customers()
        async with self._wiring.db.transaction(actor) as tx:
            ours = await find_customer(tx, customer)
            remote = await self.link_by_name(
                tx, connection.id, ours, remote_name=remote_name, remotes=remotes
            )
        return ours, remote

    async def unlink(self, actor: Actor, customer: str) -> Customer:
        """Take a link away; no automatic run makes one again. Raises NotFound where there is none."""
        async with self._wiring.db.transaction(actor) as tx:
            found = await find_customer(tx, customer)
            await unlink(tx, found)
        return found

    async def run(
        self,
        connector: TicketConnector,
        connection_id: ConnectionId,
        transactions: Transactions,
        *,
        again: Collection[CustomerId] = (),
        is_dry: bool = False,
    ) -> list[Outcome]:
        """Ask the remote, then map. No transaction is open meanwhile. Raises ConnectorError or NoConnector."""
        async with transactions() as tx:
            if not is_dry:
                await queries.note_try(tx, connection_id)
            linked = await queries.linked_ids(tx)
        found = await survey(connector, linked)
        async with transactions() as tx:
            if is_dry:
                ours = await queries.all_ours(tx)
                return plan(ours, Remotes(found.remotes), gone=found.gone, again=again)
            return await self.map_automatically(
                tx, connection_id, found.remotes, gone=found.gone, again=again
            )

    async def map_automatically(
        self,
        tx: Transaction,
        connection_id: ConnectionId,
        remotes: Collection[RemoteCustomer],
        *,
        gone: Collection[str] = (),
        again: Collection[CustomerId] = (),
    ) -> list[Outcome]:
        """Map every customer that is not mapped yet, and show those that are as their remote customers are now.

        `gone` are remote ids that were read and are not there. Raises NoConnector.
        """
        await _take_turn(tx, connection_id)
        outcomes = plan(await queries.all_ours(tx), Remotes(remotes), gone=gone, again=again)
        await _apply(tx, connection_id, [outcome for outcome in outcomes if outcome.change])
        linked = [each.customer.id for each in outcomes if each.change is Change.LINKED]
        await self._state_linked(tx, connection_id, linked)
        await queries.note_seen(tx, connection_id, [each.id for each in remotes])
        return outcomes

    async def link_by_name(
        self,
        tx: Transaction,
        connection_id: ConnectionId,
        customer: Customer,
        *,
        remote_name: str,
        remotes: Collection[RemoteCustomer],
    ) -> RemoteCustomer:
        """Link by hand, by the remote customer's name or id.

        Raises NotFound, AmbiguousName, RemoteCustomerTaken or NoConnector.
        """
        await _take_turn(tx, connection_id)
        remote = choose(remote_name, remotes)
        owner = await queries.owner_of(tx, connection_id, remote.id)
        if owner and owner != customer.id:
            names = await name_customers(tx, [owner])
            raise RemoteCustomerTaken(
                f"That HaloPSA customer is already linked to {names[owner]}. Unlink it there first."
            )
        named = next(each.named for each in await queries.all_ours(tx) if each.id == customer.id)
        found = Found(MappingState.MAPPED, How.MANUAL, remote, oddity(named, remote))
        await queries.write(tx, connection_id, [(customer.id, found)])
        await record_each(tx, [_linked(customer.id, found)])
        await self._state_linked(tx, connection_id, [customer.id])
        return remote

    async def _state_linked(
        self, tx: Transaction, connection_id: ConnectionId, customers: Collection[CustomerId]
    ) -> None:
        for subscriber in self._subscribers:
            await subscriber.linked(tx, connection_id, customers)


async def unlink(tx: Transaction, customer: Customer) -> None:
    """Take a customer's link away; no automatic run makes one again. Raises NotFound when there is none."""
    if await queries.unlink(tx, customer.id) is None:
        raise NotFound(f"{customer.display_name} is not linked.")
    await record(tx, Tag.CUSTOMER_UNMAPPED, customer.id)


def remote_of(mapping: Mapping | None, customer: str) -> RemoteCustomer:
    """The remote customer. Raises NeedsAttention, with what to do, where there is none.

    A deleted customer holds none any more; what is left to do for its tickets is done where it was linked.
    """
    is_linked = mapping and (mapping.state is MappingState.MAPPED or mapping.is_deleted)
    if mapping and is_linked and mapping.remote_id:
        return RemoteCustomer(mapping.remote_id, mapping.remote_name or "", is_active=True)
    raise NeedsAttention(
        f"{customer} is not linked to a customer in HaloPSA "
        f"({mapping.state if mapping else MappingState.UNMAPPED}).",
        code="customer_not_mapped",
    )


async def find_called_remotely(tx: Transaction, name: str) -> Customer:
    """The one customer that is linked to a remote customer of this name, as names are folded. Raises NotFound."""
    found = await queries.called_remotely(tx, name)
    if len(found) != 1:
        raise NotFound
    return found[0]


async def _take_turn(tx: Transaction, connection_id: ConnectionId) -> None:
    """Raises NoConnector."""
    if not await queries.lock_run(tx, connection_id):
        raise NoConnector
    await queries.free_deleted(tx, connection_id)


async def _apply(tx: Transaction, connection_id: ConnectionId, changed: Sequence[Outcome]) -> None:
    """Write what is different now: in a few statements, however many customers there are."""
    if not changed:
        return
    await queries.write(tx, connection_id, [(each.customer.id, each.found) for each in changed])
    told = [_linked(each.customer.id, each.found) for each in changed if each.change is Change.LINKED]
    told += [
        Entry(Tag.CUSTOMER_REMOTE_GONE, each.customer.id, {"remote_id": each.found.remote_id})
        for each in changed
        if each.change is Change.GONE
    ]
    if told:
        await record_each(tx, told)


def _linked(customer_id: CustomerId, found: Found) -> Entry:
    return Entry(Tag.CUSTOMER_MAPPED, customer_id, {"how": found.how, "remote_id": found.remote_id})


__all__ = ["AmbiguousName", "Customers", "Linked", "RemoteCustomerTaken", "Subscriber", "remote_of", "unlink"]
