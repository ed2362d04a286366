"""Use cases of tenancy: creating MSPs and customers, and finding them again. `technicians` has the staff."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Invalid, NotFound
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, ActorKind, Database, Transaction
from stepladder.kit.folding import clean, fold
from stepladder.kit.ids import CustomerId, MspId, new_id, parse_uuid
from stepladder.remedies import Remedy
from stepladder.vault.service import Vault

from . import naming
from .forms import read_address

REQUEST_LIFETIME_SECONDS = 4 * 24 * 3600
REQUEST_LIFETIMES = range(60, 90 * 24 * 3600 + 1)


class NameTaken(Conflict):
    """Names and display names of an MSP's customers are one namespace, and unique as they are folded."""

    code = "name_taken"
    sentence = "That name is taken. Choose another, or change the one that has it."


class DirectoryTaken(Conflict):
    """A directory is one customer's, or accounts of one would be made in another's."""

    code = "directory_taken"
    sentence = "Another customer already has that Entra directory."
    remedy = Remedy.CUSTOMER_LIST


class DirectoryIdRefused(Invalid):
    """It is compared letter by letter, so it is taken in one form only."""

    code = "directory_id_refused"
    sentence = (
        "An Entra directory's id looks like 72f988bf-86f1-41af-91ab-2d7cd011db47. The directory's overview page shows "
        "it as Tenant ID. The word none removes it."
    )


class HostTaken(Conflict):
    """One host name, one MSP."""

    code = "host_taken"
    sentence = "Another MSP is reached by that host name."


@dataclass(frozen=True)
class Msp:
    """The tenant. `host` is the name, without port, by which it is told apart; links start with `base_url`."""

    id: MspId
    name: str
    host: str
    base_url: str


@dataclass(frozen=True)
class Customer:
    """A client company of the MSP."""

    id: CustomerId
    name: str
    display_name: str

    @property
    def folded(self) -> dict[str, str]:
        """Its names as they are compared, by the column that has each."""
        return {"folded_name": fold(self.name), "folded_display_name": fold(self.display_name)}


async def list_msps(db: Database) -> list[Msp]:
    """Every MSP of the installation. For the host's operator and for routing by host name only."""
    rows = await db.crossing("select id, name, host, base_url from msp_directory()")
    return [Msp(**row) for row in rows]


async def base_url_of(tx: Transaction) -> str:
    """Where the MSP of this transaction is reached: links start with it."""
    return str(await tx.scalar("select base_url from msp where id = %(msp)s", {"msp": tx.msp_id}))


async def lock_msp(tx: Transaction) -> None:
    """Wait for the MSP's requests that are being submitted; those that come now wait until this transaction ends."""
    await tx.run("select from msp where id = %(msp)s for update", {"msp": tx.msp_id})


async def create_msp(
    db: Database,
    vault: Vault,
    clock: Clock,
    *,
    name: str,
    url: str,
    operator: str,
    request_lifetime_seconds: int = REQUEST_LIFETIME_SECONDS,
) -> Msp:
    """A new tenant with its own keys, reached at `url`. Raises Invalid or HostTaken."""
    host, base_url = read_address(url)
    check_lifetime(request_lifetime_seconds)
    msp = Msp(MspId(new_id()), clean(name), host, base_url)
    now = clock.now()
    async with db.transaction(Actor(msp.id, ActorKind.OPERATOR, operator)) as tx:
        await _insert(
            tx,
            """insert into msp (id, name, host, base_url, request_lifetime_seconds, created_at)
               values (%(id)s, %(name)s, %(host)s, %(base_url)s, %(lifetime)s, %(now)s)""",
            {**vars(msp), "lifetime": request_lifetime_seconds, "now": now},
            HostTaken,
        )
        await vault.create_keys(tx)
        await record(tx, Tag.MSP_CREATED, msp.id, host=host)
    return msp


async def set_request_lifetime(tx: Transaction, seconds: int) -> None:
    """Set how long new requests stay pending. Raises Invalid."""
    check_lifetime(seconds)
    await tx.run(
        "update msp set request_lifetime_seconds = %(seconds)s where id = %(id)s",
        {"seconds": seconds, "id": tx.msp_id},
    )
    await record(tx, Tag.MSP_CHANGED, tx.msp_id, request_lifetime_seconds=seconds)


async def change_msp(tx: Transaction, *, name: str | None = None, url: str | None = None) -> Msp:
    """The MSP under another name, or reached at another URL. What machines and HaloPSA were told stays as it is.

    Raises Invalid or HostTaken.
    """
    before = await tx.maybe(
        Msp, "select id, name, host, base_url from msp where id = %(msp)s for update", {"msp": tx.msp_id}
    )
    if before is None:
        raise NotFound
    host, base_url = read_address(url) if url is not None else (before.host, before.base_url)
    msp = Msp(before.id, before.name if name is None else clean(name), host, base_url)
    await _insert(
        tx,
        "update msp set name = %(name)s, host = %(host)s, base_url = %(base_url)s where id = %(id)s",
        vars(msp),
        HostTaken,
    )
    await record(tx, Tag.MSP_CHANGED, msp.id, host=host, url=base_url)
    return msp


async def create_customer(
    tx: Transaction, *, name: str, display_name: str, directory_id: UUID | None = None
) -> Customer:
    """A new customer. Raises NameTaken, DirectoryTaken or Invalid."""
    customer = Customer(CustomerId(new_id()), clean(name), clean(display_name))
    if await naming.hold(tx, customer.folded.values(), but=customer.id):
        raise NameTaken
    await _insert(
        tx,
        """insert into customer (id, msp_id, name, display_name, folded_name, folded_display_name, directory_id,
                                 created_at)
           values (%(id)s, %(msp)s, %(name)s, %(display_name)s, %(folded_name)s, %(folded_display_name)s,
                   %(directory)s, %(now)s)""",
        {**vars(customer), **customer.folded, "directory": directory_id, "msp": tx.msp_id, "now": tx.now},
        NameTaken,
    )
    if directory_id:
        await record(tx, Tag.CUSTOMER_CREATED, customer.id, directory_id=str(directory_id))
    else:
        await record(tx, Tag.CUSTOMER_CREATED, customer.id)
    return customer


async def set_directory(tx: Transaction, customer: Customer, directory_id: UUID | None) -> None:
    """Say which Entra directory is the customer's; None takes it away. Raises DirectoryTaken."""
    await _insert(
        tx,
        "update customer set directory_id = %(directory)s where id = %(id)s",
        {"directory": directory_id, "id": customer.id},
        DirectoryTaken,
    )
    shown = str(directory_id) if directory_id else None
    await record(tx, Tag.CUSTOMER_CHANGED, customer.id, directory_id=shown)


async def rename_customer(
    tx: Transaction, customer: Customer, *, name: str | None, display_name: str | None
) -> Customer:
    """The customer under its new names; one that is None stays. Its mapping to the ticket system stays.

    Raises NotFound or NameTaken.
    """
    held = await tx.maybe(
        Customer,
        "select id, name, display_name from customer where id = %(id)s and deleted_at is null for update",
        {"id": customer.id},
    )
    if held is None:
        raise NotFound
    renamed = Customer(held.id, clean(name or held.name), clean(display_name or held.display_name))
    shared = await naming.hold(tx, renamed.folded.values(), but=held.id)
    if shared - set(held.folded.values()):
        raise NameTaken
    await _insert(
        tx,
        """update customer set name = %(name)s, display_name = %(display_name)s, folded_name = %(folded_name)s,
               folded_display_name = %(folded_display_name)s, shares_name = %(shares)s where id = %(id)s""",
        {**vars(renamed), **renamed.folded, "shares": bool(shared)},
        NameTaken,
    )
    await record(tx, Tag.CUSTOMER_CHANGED, customer.id)
    return renamed


async def find_customer(tx: Transaction, text: str) -> Customer:
    """By id, display name or name, as names are folded. Raises NotFound or CustomerAmbiguous."""
    found = naming.only(await naming.called(tx, Customer, text))
    if found is None:
        raise NotFound(f"No customer is called {text!r}.", remedy=Remedy.CUSTOMER_LIST)
    return found


async def find_customer_by_display_name(
    tx: Transaction, display_name: str, served: list[UUID] | None = None
) -> Customer:
    """By display name only, as the integration API has it; of those that are `served`, if not None.

    Raises NotFound, or CustomerAmbiguous where it is another one's name.
    """
    found = naming.only(await naming.called(tx, Customer, display_name, served=served))
    if found is None or fold(found.display_name) != fold(display_name):
        raise NotFound
    return found


async def list_customers(
    tx: Transaction, *, limit: int = 5000, only: list[CustomerId] | None = None
) -> list[dict[str, Any]]:
    """Customers by display name; `only` these, if not None."""
    # Two statements, because one that is about either has one plan for both.
    among: LiteralString = "true" if only is None else "id = any(%(only)s)"
    return await tx.dicts(
        f"""select id, name, display_name, directory_id, created_at from customer
            where msp_id = %(msp)s and deleted_at is null and {among}
            order by folded_display_name, id limit %(limit)s""",  # noqa: S608  # of literals of this function
        {"msp": tx.msp_id, "only": only, "limit": limit},
    )


def check_lifetime(seconds: int) -> None:
    """Raises Invalid."""
    if seconds not in REQUEST_LIFETIMES:
        raise Invalid("A request's lifetime is between 60 seconds and 90 days.")


async def _insert(tx: Transaction, query: Any, params: dict[str, Any], taken: type[Conflict]) -> None:
    with _refuse_taken(taken):
        await tx.run(query, params)


@contextmanager
def _refuse_taken(taken: type[Conflict]) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        is_directory = error.diag.constraint_name == "uq_customer_directory_id"
        raise (DirectoryTaken if is_directory else taken) from error


def parse_directory_id(text: str) -> UUID | None:
    """An Entra directory's id; None for the word none. Raises DirectoryIdRefused."""
    text = text.strip()
    if text.casefold() == "none":
        return None
    found = parse_uuid(text)
    if not found or not found.int:
        raise DirectoryIdRefused
    return found
