"""Reading the trail a page at a time, newest first, with the names of those it tells of joined in.

What is hashed and exported names people by id only (`chain`); their names live in their own rows and are put beside
the events here, for reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from stepladder.errors import Invalid
from stepladder.kit.db import Transaction
from stepladder.remedies import Remedy

LARGEST_PAGE = 200
DEEPEST = 1_000_000
_RANGE = re.compile(r"last_([1-9][0-9]{0,3})([hd])")
_LONGEST_RANGE = timedelta(days=3660)


@dataclass(frozen=True)
class AuditedEvent:
    """An event with the names of its actor and its subject, where they have any. Not sealed yet: no sequence."""

    sequence: int | None
    at: datetime
    tag: str
    actor_kind: str
    actor_id: str
    actor_name: str | None
    subject: str
    subject_name: str | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A part of the trail, and whether there is more behind it."""

    events: list[AuditedEvent]
    has_more: bool


def parse_range(text: str) -> timedelta:
    """How far back `last_90d` or `last_24h` reaches. Raises Invalid."""
    found = _RANGE.fullmatch(text)
    length = timedelta(0)
    if found:
        length = timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(days=int(found[1]))
    if not timedelta(0) < length <= _LONGEST_RANGE:
        raise Invalid('The range is such as "last_90d" or "last_24h", of ten years at most.')
    return length


async def page_of(
    tx: Transaction, *, since: datetime, page: int, size: int, customers: list[UUID] | None = None
) -> Page:
    """One page, counted from 1, of the events since an instant. `customers`: only what is about these.

    Raises Invalid.
    """
    if not 1 <= size <= LARGEST_PAGE:
        raise Invalid(f"A page has between 1 and {LARGEST_PAGE} events.")
    if page < 1 or (page - 1) * size > DEEPEST:
        raise Invalid(
            "Pages are counted from 1. To read further back than this, export the trail.",
            remedy=Remedy.AUDIT_EXPORT,
        )
    rows = await tx.all(
        AuditedEvent,
        """select e.sequence, e.at, e.tag, e.actor_kind, e.actor_id, e.subject, e.facts,
                  coalesce(actor_t.name, actor_e.name, actor_k.name) as actor_name,
                  coalesce(c.display_name, t.name, d.name, r.program_name, k.name) as subject_name
           from (
               -- Around the page, so that what is skipped costs nothing.
               select one.*, case when one.subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                  then one.subject::uuid end as subject_id,
                      case when one.actor_kind in ('technician', 'endpoint') then one.actor_id::uuid end
                          as actor_uuid
               from (
                   select e.id, e.msp_id, e.sequence, e.at, e.tag, e.actor_kind, e.actor_id, e.subject, e.facts
                   from audit_event e
                   where e.msp_id = %(msp)s and e.at >= %(since)s
                     and (%(customers)s::uuid[] is null
                          or e.facts->>'customer_id' = any(%(customers)s::uuid[]::text[])
                          or e.subject in (
                              select unnest(%(customers)s::uuid[])::text
                              union all
                              select id::text from elevation_request
                              -- No request waits longer than 90 days; closing its ticket takes a little more.
                              where msp_id = %(msp)s and created_at >= %(since)s::timestamptz - interval '100 days'
                                and customer_id = any(%(customers)s::uuid[])
                              union all
                              select id::text from endpoint where customer_id = any(%(customers)s::uuid[])
                              union all
                              select id::text from enrolment_token where customer_id = any(%(customers)s::uuid[])
                              union all
                              select id::text from rule where customer_id = any(%(customers)s::uuid[])))
                   order by e.at desc, e.id desc
                   limit %(limit)s offset %(offset)s) one) e
           left join technician actor_t on actor_t.id = e.actor_uuid
           left join endpoint actor_e on actor_e.id = e.actor_uuid
           left join inbound_key actor_k on e.actor_kind = 'inbound_key' and actor_k.msp_id = e.msp_id
                                            and actor_k.key_id = e.actor_id
           left join customer c on c.id = e.subject_id
           left join technician t on t.id = e.subject_id
           left join endpoint d on d.id = e.subject_id
           left join elevation_request r on r.id = e.subject_id
           left join inbound_key k on k.id = e.subject_id
           order by e.at desc, e.id desc""",
        {
            "msp": tx.msp_id,
            "since": since,
            "customers": customers,
            "limit": size + 1,
            "offset": (page - 1) * size,
        },
    )
    return Page(rows[:size], len(rows) > size)
