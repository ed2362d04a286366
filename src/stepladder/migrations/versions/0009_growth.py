"""Growth: what is asked again and again costs what is due, and lists cost their page."""

import sqlalchemy as sa
from alembic import op

from stepladder.migrations import run_sql

revision = "0009"
down_revision = "0008"

# One pass over the trail. What it joins is what `customer_of` in growth.sql asks for a single event.
_WHOSE = """
    update audit_event e set customer_id = found.customer_id
    from (select a.id, coalesce(
              case when a.facts ->> 'customer_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                   then (a.facts ->> 'customer_id')::uuid end,
              q.customer_id, d.customer_id, t.customer_id, r.customer_id, c.id) as customer_id
          from audit_event a
          left join elevation_request q on q.id::text = a.subject
          left join endpoint d on d.id::text = a.subject
          left join enrolment_token t on t.id::text = a.subject
          left join rule r on r.id::text = a.subject
          left join customer c on c.id::text = a.subject) found
    where found.id = e.id and found.customer_id is not null
"""


def upgrade() -> None:
    """Old events are told whose they are, which takes about a minute for each million of them."""
    _trail()
    _links()
    for name, columns in (
        ("ix_elevation_request_recent", ["msp_id", "created_at", "id"]),
        ("ix_elevation_request_state", ["msp_id", "state", "created_at", "id"]),
    ):
        op.execute(f"drop index if exists {name}")
        op.create_index(name, "elevation_request", columns)
    run_sql(op, "growth.sql")


def _trail() -> None:
    op.add_column("audit_event", sa.Column("customer_id", sa.Uuid(), nullable=True))
    # A sealed event may not change, and none does: this is no part of what is sealed.
    op.execute("alter table audit_event disable trigger audit_event_is_append_only")
    op.execute(_WHOSE)
    op.execute("alter table audit_event enable trigger audit_event_is_append_only")
    op.create_index(
        "ix_audit_event_customer",
        "audit_event",
        ["msp_id", "customer_id", "at", "id"],
        postgresql_where=sa.text("customer_id is not null"),
    )


def _links() -> None:
    op.add_column("ticket_link", sa.Column("asker_id", sa.Uuid(), nullable=True))
    op.add_column("ticket_link", sa.Column("turn", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute(
        """update ticket_link l set asker_id = r.endpoint_id from elevation_request r
           where r.id = l.subject_id and l.next_try_at is not null"""
    )
    op.drop_index("ix_ticket_link_due", "ticket_link")
    for name, columns in (
        ("ix_ticket_link_due", ["connection_id", "customer_id", "turn", "next_try_at"]),
        ("ix_ticket_link_asker", ["asker_id"]),
    ):
        op.create_index(name, "ticket_link", columns, postgresql_where=sa.text("next_try_at is not null"))
    op.create_index("ix_ticket_link_observed", "ticket_link", ["msp_id", "observed", "subject_kind"])
    # Where more requests were pending than got a link when the ticket system was connected, the sweep finds them.
    op.add_column("ticket_sweep", sa.Column("unlinked_after", sa.Uuid(), nullable=True))
    op.execute("update ticket_sweep set unlinked_after = '00000000-0000-0000-0000-000000000000'")


def downgrade() -> None:
    """Going back would lose in which turn links are, and whose events are."""
    raise NotImplementedError("No earlier program reads this schema; restore a backup instead.")
