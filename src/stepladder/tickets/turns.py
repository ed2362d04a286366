"""Whose turn it is: of many due links, the one of each customer that is served next.

Customers take turns, and within a customer those who ask: the first request of each machine stands before the second of
any other. So neither a customer nor a machine with a backlog keeps others waiting.
"""

from __future__ import annotations

from uuid import UUID

from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectionId

from .links import COLUMNS, Link


async def list_due(tx: Transaction, connection_id: ConnectionId, *, after: UUID | None) -> list[Link]:
    """One due link per customer, in turn from behind `after` on: a backlog never stands before another's first.

    Of a customer's own, the turn of who asked decides. A few are all read by their time; of many, customers are walked
    until enough have one, so that neither those that are over nor those that rest are read.
    """
    return await tx.all(
        Link,
        f"""with recursive due as materialized (
                select id, customer_id, turn, next_try_at from ticket_link
                where connection_id = %(connection)s and next_try_at <= %(now)s order by next_try_at limit 201),
            are_few (yes) as materialized (select count(*) <= 200 from due),
            walked (customer_id, is_round, is_start) as (
                select %(after)s::uuid, false, true from are_few where not yes
                union all
                select n.customer_id, n.is_round, false from walked cross join lateral (
                    (select l.customer_id, walked.is_round from ticket_link l
                     where l.connection_id = %(connection)s and l.next_try_at is not null
                       and l.customer_id > walked.customer_id
                       and (not walked.is_round or l.customer_id <= %(after)s)
                     order by l.customer_id limit 1)
                    union all
                    (select l.customer_id, true from ticket_link l
                     where l.connection_id = %(connection)s and l.next_try_at is not null
                       and not walked.is_round and l.customer_id <= %(after)s
                     order by l.customer_id limit 1)
                    limit 1) n),
            chosen (id, has_more) as (
                (select distinct on (customer_id) id, count(*) over (partition by customer_id) > 1
                 from due, are_few where yes order by customer_id, turn, next_try_at)
                union all
                (select f.id, f.has_more from walked cross join lateral (
                     select (array_agg(two.id order by two.turn, two.next_try_at))[1] as id, count(*) > 1 as has_more
                     from (select l.id, l.turn, l.next_try_at from ticket_link l
                           where l.connection_id = %(connection)s and l.customer_id = walked.customer_id
                             and l.next_try_at <= %(now)s order by l.turn, l.next_try_at limit 2) two) f
                 where not walked.is_start and f.id is not null limit 20))
            select {COLUMNS}, has_more from chosen join ticket_link using (id)
            order by customer_id > %(after)s desc, customer_id limit 20""",
        {"connection": connection_id, "now": tx.now, "after": after or UUID(int=0)},
    )
