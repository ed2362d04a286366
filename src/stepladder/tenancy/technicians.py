"""The MSP's staff: who may decide, by e-mail and role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, LiteralString

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Invalid, NotFound
from stepladder.kit.db import Transaction
from stepladder.kit.folding import clean, fold
from stepladder.kit.ids import TechnicianId, new_id
from stepladder.remedies import Remedy

from . import naming
from .forms import read_email

_TECHNICIAN: LiteralString = """select id, email, name, role, is_active from technician
    where msp_id = %(msp)s and folded_email = %(email)s limit 20"""


class Role(StrEnum):
    """What a technician may do. Deciding needs `technician` or more."""

    GLOBAL_ADMIN = "global_admin"
    ADMIN = "admin"
    TECHNICIAN = "technician"
    READ_ONLY = "read_only"

    @property
    def may_decide(self) -> bool:
        return self is not Role.READ_ONLY


class TechnicianAmbiguous(Conflict):
    """The same of e-mails, which no two technicians made since then can share."""

    code = "technician_ambiguous"
    sentence = "More than one technician has that e-mail. Change one of the two first."
    remedy = Remedy.TECHNICIAN_LIST


class EmailTaken(Conflict):
    """An e-mail names one technician."""

    code = "email_taken"
    sentence = "A technician with that e-mail already exists."
    remedy = Remedy.TECHNICIAN_LIST


@dataclass(frozen=True)
class Technician:
    """A member of the MSP's staff."""

    id: TechnicianId
    email: str
    name: str
    role: Role
    is_active: bool


async def create_technician(
    tx: Transaction, *, email: str, name: str, role: Role = Role.TECHNICIAN
) -> Technician:
    """A new member of staff. Raises EmailTaken or Invalid."""
    email = read_email(email)
    technician = Technician(TechnicianId(new_id()), email, clean(name), role, is_active=True)
    await naming.take_turn(tx)
    if await tx.all(Technician, _TECHNICIAN, _by_email(tx, email)):
        raise EmailTaken
    await tx.run(
        """insert into technician (id, msp_id, email, folded_email, name, role, is_active, created_at)
           values (%(id)s, %(msp)s, %(email)s, %(folded)s, %(name)s, %(role)s, true, %(now)s)""",
        {**vars(technician), "folded": fold(email), "role": str(role), "msp": tx.msp_id, "now": tx.now},
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
    """Change a technician's role, name or e-mail, or lock them out; what is None stays. Acts on their next request.

    Raises EmailTaken or Invalid.
    """
    new_email = None if email is None else read_email(email)
    if new_email is not None:
        await naming.take_turn(tx)
        others = await tx.all(Technician, _TECHNICIAN, _by_email(tx, new_email))
        if any(other.id != technician.id for other in others):
            raise EmailTaken
    # What stays is never written: it may have been read before another person changed it.
    changed = await tx.maybe(
        Technician,
        """update technician set role = coalesce(%(role)s, role), is_active = coalesce(%(is_active)s, is_active),
               name = coalesce(%(name)s, name), email = coalesce(%(email)s, email),
               folded_email = coalesce(%(folded)s, folded_email)
           where id = %(id)s returning id, email, name, role, is_active""",
        {
            "role": role,
            "is_active": is_active,
            "name": None if name is None else clean(name),
            "email": new_email,
            "folded": new_email and fold(new_email),
            "id": technician.id,
        },
    )
    if changed is None:
        raise NotFound
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


async def lock_out_all(tx: Transaction) -> int:
    """Lock out every technician, until an operator activates each again; returns how many."""
    return await tx.run(
        "update technician set is_active = false where msp_id = %(msp)s and is_active", {"msp": tx.msp_id}
    )


async def find_technician(tx: Transaction, email: str) -> Technician:
    """By e-mail, as names are folded. Raises NotFound or TechnicianAmbiguous."""
    return _known(await tx.all(Technician, _TECHNICIAN, _by_email(tx, email)), email)


async def find_spelled(tx: Transaction, email: str) -> Technician:
    """As operators name them: of several that fold alike, the one that is spelled exactly so. Raises NotFound, too."""
    found = await tx.all(Technician, _TECHNICIAN, _by_email(tx, email))
    return _known([each for each in found if each.email == email.strip()] or found, email)


async def find_technician_by_email(tx: Transaction, email: str) -> Technician:
    """The same as the integration API has it: not found in the words of everything else. Raises NotFound."""
    try:
        return await find_technician(tx, email)
    except NotFound as error:
        raise NotFound from error


async def hold_technician(tx: Transaction, email: str) -> Technician:
    """The technician as they are until the transaction ends: nobody locks them out in the middle.

    Raises NotFound or TechnicianAmbiguous.
    """
    return _known(await tx.all(Technician, _TECHNICIAN + " for share", _by_email(tx, email)), email)


def _by_email(tx: Transaction, email: str) -> dict[str, Any]:
    return {"msp": tx.msp_id, "email": fold(email)}


def _known(found: list[Technician], email: str) -> Technician:
    if not found:
        raise NotFound(f"No technician has the e-mail {email!r}.", remedy=Remedy.TECHNICIAN_LIST)
    if len(found) > 1:
        raise TechnicianAmbiguous
    return found[0]


async def list_technicians(tx: Transaction, *, limit: int = 5000) -> list[dict[str, Any]]:
    """Technicians by e-mail."""
    return await tx.dicts(
        "select id, email, name, role, is_active from technician order by folded_email limit %(limit)s",
        {"limit": limit},
    )


def parse_role(text: str) -> Role:
    """Raises Invalid with the roles there are."""
    try:
        return Role(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is not a role. Roles: {', '.join(Role)}.") from error
