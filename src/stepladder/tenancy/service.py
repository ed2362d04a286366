"""Use cases of tenancy: creating MSPs, customers and technicians, and finding them again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Invalid, NotFound
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, ActorKind, Database, Transaction
from stepladder.kit.ids import CustomerId, MspId, TechnicianId, new_id, parse_uuid
from stepladder.remedies import Remedy
from stepladder.vault.service import Vault

from .forms import clean_name, read_address, read_email

REQUEST_LIFETIME_SECONDS = 4 * 24 * 3600
REQUEST_LIFETIMES = range(60, 90 * 24 * 3600 + 1)
_TECHNICIAN: LiteralString = (
    "select id, email, name, role, is_active from technician where lower(email) = lower(%(email)s)"
)


class Role(StrEnum):
    """What a technician may do. Deciding needs `technician` or more."""

    GLOBAL_ADMIN = "global_admin"
    ADMIN = "admin"
    TECHNICIAN = "technician"
    READ_ONLY = "read_only"

    @property
    def may_decide(self) -> bool:
        return self is not Role.READ_ONLY


class NameTaken(Conflict):
    """Names within an MSP are unique without regard to case."""

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


class EmailTaken(Conflict):
    """An e-mail names one technician."""

    code = "email_taken"
    sentence = "A technician with that e-mail already exists."
    remedy = Remedy.TECHNICIAN_LIST


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


@dataclass(frozen=True)
class Technician:
    """A member of the MSP's staff."""

    id: TechnicianId
    email: str
    name: str
    role: Role
    is_active: bool


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
    msp = Msp(MspId(new_id()), clean_name(name), host, base_url)
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
    msp = Msp(before.id, before.name if name is None else clean_name(name), host, base_url)
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
    customer = Customer(CustomerId(new_id()), clean_name(name), clean_name(display_name))
    await _insert(
        tx,
        """insert into customer (id, msp_id, name, display_name, directory_id, created_at)
           values (%(id)s, %(msp)s, %(name)s, %(display_name)s, %(directory)s, %(now)s)""",
        {**vars(customer), "directory": directory_id, "msp": tx.msp_id, "now": tx.now},
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
    """The customer under its new names. Its mapping to the ticket system stays. Raises NameTaken."""
    renamed = Customer(
        customer.id, clean_name(name or customer.name), clean_name(display_name or customer.display_name)
    )
    await _insert(
        tx,
        "update customer set name = %(name)s, display_name = %(display_name)s where id = %(id)s",
        vars(renamed),
        NameTaken,
    )
    await record(tx, Tag.CUSTOMER_CHANGED, customer.id)
    return renamed


async def create_technician(
    tx: Transaction, *, email: str, name: str, role: Role = Role.TECHNICIAN
) -> Technician:
    """A new member of staff. Raises EmailTaken or Invalid."""
    technician = Technician(TechnicianId(new_id()), read_email(email), clean_name(name), role, is_active=True)
    await _insert(
        tx,
        """insert into technician (id, msp_id, email, name, role, is_active, created_at)
           values (%(id)s, %(msp)s, %(email)s, %(name)s, %(role)s, true, %(now)s)""",
        {**vars(technician), "role": str(role), "msp": tx.msp_id, "now": tx.now},
        EmailTaken,
    )
    await record(tx, Tag.TECHNICIAN_CREATED, technician.id, role=str(role))
    return technician


async def set_technician(
    tx: Transaction,
    technician: Technician,
    *,
    role: Role | None = None,
    is_active: bool | None = None,
    name: str | None = None,
    email: str | None = None,
) -> Technician:
    """Change a technician's role, name or e-mail, or lock them out. Acts on their next request.

    Raises EmailTaken or Invalid.
    """
    changed = Technician(
        technician.id,
        technician.email if email is None else read_email(email),
        technician.name if name is None else clean_name(name),
        role or technician.role,
        technician.is_active if is_active is None else is_active,
    )
    await _insert(
        tx,
        """update technician set role = %(role)s, is_active = %(is_active)s, name = %(name)s, email = %(email)s
           where id = %(id)s""",
        {**vars(changed), "role": str(changed.role)},
        EmailTaken,
    )
    # Names and addresses of people stay out of the trail; that they changed does not.
    renamed: dict[str, Any] = {
        f"{what}_changed": True for what in ("name", "email") if vars(changed)[what] != vars(technician)[what]
    }
    await record(
        tx,
        Tag.TECHNICIAN_CHANGED,
        technician.id,
        role=str(changed.role),
        is_active=changed.is_active,
        **renamed,
    )
    return changed


async def find_customer(tx: Transaction, text: str) -> Customer:
    """By id, display name or name, without regard to case. Raises NotFound."""
    found = await tx.maybe(
        Customer,
        """select id, name, display_name from customer
           where deleted_at is null and (id::text = %(text)s or lower(display_name) = lower(%(text)s)
                                         or lower(name) = lower(%(text)s))
           order by lower(display_name) = lower(%(text)s) desc limit 1""",
        {"text": text.strip()},
    )
    if found is None:
        raise NotFound(f"No customer is called {text!r}.", remedy=Remedy.CUSTOMER_LIST)
    return found


async def find_customer_by_display_name(tx: Transaction, display_name: str) -> Customer:
    """By display name only, without regard to case, as the integration API has it. Raises NotFound."""
    found = await tx.maybe(
        Customer,
        """select id, name, display_name from customer
           where lower(display_name) = lower(%(name)s) and deleted_at is null""",
        {"name": display_name},
    )
    if found is None:
        raise NotFound
    return found


async def find_technician(tx: Transaction, email: str) -> Technician:
    """By e-mail, without regard to case. Raises NotFound."""
    return _known(await tx.maybe(Technician, _TECHNICIAN, {"email": email.strip()}), email)


async def hold_technician(tx: Transaction, email: str) -> Technician:
    """The technician as they are until the transaction ends: nobody locks them out in the middle. Raises NotFound."""
    return _known(await tx.maybe(Technician, _TECHNICIAN + " for share", {"email": email.strip()}), email)


def _known(found: Technician | None, email: str) -> Technician:
    if found is None:
        raise NotFound(f"No technician has the e-mail {email!r}.", remedy=Remedy.TECHNICIAN_LIST)
    return found


async def list_customers(tx: Transaction, *, limit: int = 5000) -> list[dict[str, Any]]:
    """Customers by display name."""
    return await tx.dicts(
        """select id, name, display_name, directory_id, created_at from customer where deleted_at is null
           order by lower(display_name) limit %(limit)s""",
        {"limit": limit},
    )


async def list_technicians(tx: Transaction, *, limit: int = 5000) -> list[dict[str, Any]]:
    """Technicians by e-mail."""
    return await tx.dicts(
        "select id, email, name, role, is_active from technician order by lower(email) limit %(limit)s",
        {"limit": limit},
    )


def check_lifetime(seconds: int) -> None:
    """Raises Invalid."""
    if seconds not in REQUEST_LIFETIMES:
        raise Invalid("A request's lifetime is between 60 seconds and 90 days.")


async def _insert(tx: Transaction, query: Any, params: dict[str, Any], taken: type[Conflict]) -> None:
    try:
        await tx.run(query, params)
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


def parse_role(text: str) -> Role:
    """Raises Invalid with the roles there are."""
    try:
        return Role(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is not a role. Roles: {', '.join(Role)}.") from error
