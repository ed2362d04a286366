"""Use cases of operators with enrolment tokens: create one, see those that can still be used, withdraw one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import NotFound
from stepladder.kit.db import Transaction
from stepladder.kit.typed_ids import find_typed
from stepladder.remedies import Remedy
from stepladder.tenancy.names import name_customers
from stepladder.tenancy.service import find_customer

from .service import create_token


@dataclass(frozen=True)
class CreatedToken:
    """A token as it is shown, once. `customer` is a display name."""

    token: str
    customer: str
    expires_at: datetime


async def create_token_for(
    tx: Transaction, customer: str, *, endpoint_name: str | None, lifetime: timedelta
) -> CreatedToken:
    """A token for a customer that is named as people do. Raises NotFound or Invalid."""
    found = await find_customer(tx, customer)
    token = await create_token(tx, found, endpoint_name=endpoint_name, lifetime=lifetime)
    return CreatedToken(token, found.display_name, tx.now + lifetime)


async def list_tokens(tx: Transaction, *, limit: int = 5000) -> list[dict[str, Any]]:
    """The tokens that can still be used, the next to expire first. What is stored is a hash, so none is shown."""
    rows = await tx.dicts(
        """select id, customer_id as customer, endpoint_name, created_at, expires_at from enrolment_token
           where used_at is null and expires_at > %(now)s order by expires_at limit %(limit)s""",
        {"now": tx.now, "limit": limit},
    )
    names = await name_customers(tx, [row["customer"] for row in rows])
    return [{**row, "customer": names[row["customer"]]} for row in rows]


async def withdraw_token(tx: Transaction, token_id: str) -> None:
    """From now on the token enrols nothing. Raises NotFound or IdAmbiguous."""
    typed = await find_typed(
        tx, "select id from enrolment_token where id between %(first)s and %(last)s", token_id
    )
    ended = await tx.run(
        """update enrolment_token set expires_at = %(now)s
           where id = %(id)s and used_at is null and expires_at > %(now)s""",
        {"id": typed, "now": tx.now},
    )
    if not ended:
        raise NotFound(f"No usable enrolment token has the id {token_id!r}.", remedy=Remedy.TOKEN_LIST)
    await record(tx, Tag.ENROLMENT_TOKEN_WITHDRAWN, str(typed))
