"""Two links to one ticket, which an older program allowed, do not stop an upgrade: the first stays, the other looks."""

from __future__ import annotations

import psycopg
from tests.migrations.product import Product
from tests.migrations.restored import Old, restore

from stepladder.kit import postgres


def test_of_two_links_to_one_ticket_the_first_stays(
    postgres_server: postgres.EmbeddedPostgres, old: Old
) -> None:
    """SEC-12: the other one's own ticket is found by its reference, or created."""
    urls = restore(postgres_server, old)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        found = owner.execute(
            """select connector_id, array_agg(request_id order by opened_at, created_at), min(ticket_id)
               from ticket_link where ticket_id is not null and observed = 'open' group by 1 having count(*) > 1"""
        ).fetchall()
        assert found
        for connector_id, requests, _ in found:
            owner.execute(
                """update ticket_link set ticket_id = (select ticket_id from ticket_link where request_id = %s)
                   where connector_id = %s and request_id = any(%s)""",
                (requests[0], connector_id, requests),
            )
        Product.upgrade(urls)
        for _, requests, _ in found:
            after = owner.execute(
                """select observed, ticket_id is not null, create_sent_at is not null, next_try_at is not null
                   from ticket_link where id = any(%s) order by array_position(%s::uuid[], id)""",
                (requests, requests),
            ).fetchall()
            assert after[0][:2] == ("open", True)
            assert set(after[1:]) == {("absent", False, True, True)}
