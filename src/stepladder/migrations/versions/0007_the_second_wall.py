"""The second wall: rows refer to rows of their own MSP only, one link for a ticket, and functions of the owner."""

from alembic import op

from stepladder.migrations import run_sql

revision = "0007"
down_revision = "0006"

# Which column refers to which table, and whether the row goes with what it refers to.
_REFERENCES = (
    ("connection", "customer_id", "customer", None),
    ("connection_lookup", "connection_id", "connection", "CASCADE"),
    ("customer_mapping", "customer_id", "customer", None),
    ("customer_mapping", "connection_id", "connection", "CASCADE"),
    ("decision", "request_id", "elevation_request", None),
    ("decision", "rule_id", "rule", None),
    ("decision", "technician_id", "technician", None),
    ("delegation", "customer_id", "customer", None),
    ("delegation", "technician_id", "technician", None),
    ("elevation_grant", "request_id", "elevation_request", None),
    ("elevation_request", "customer_id", "customer", None),
    ("elevation_request", "endpoint_id", "endpoint", None),
    ("endpoint", "customer_id", "customer", None),
    ("enrolment_token", "customer_id", "customer", None),
    ("enrolment_token", "endpoint_id", "endpoint", None),
    ("halopsa_object", "connection_id", "connection", "CASCADE"),
    ("joined_request", "endpoint_id", "endpoint", None),
    ("joined_request", "request_id", "elevation_request", None),
    ("mapping_run", "connection_id", "connection", "CASCADE"),
    ("rule", "confirmed_by", "technician", None),
    ("rule", "customer_id", "customer", None),
    ("self_test", "connection_id", "connection", "CASCADE"),
    ("ticket_sweep", "connection_id", "connection", "CASCADE"),
)


def upgrade() -> None:
    """Every row is kept."""
    for table in sorted({referred for _, _, referred, _ in _REFERENCES}):
        op.create_unique_constraint(op.f(f"uq_{table}_msp_id_id"), table, ["msp_id", "id"])
    for table, column, referred, ondelete in _REFERENCES:
        op.drop_constraint(op.f(f"fk_{table}_{column}"), table)
        op.create_foreign_key(
            op.f(f"fk_{table}_msp_id_{column}"),
            table,
            referred,
            ["msp_id", column],
            ["msp_id", "id"],
            ondelete=ondelete,
        )
    _ticket_links()
    run_sql(op, "the_second_wall.sql")


def _ticket_links() -> None:
    """Of links to one ticket the first stays; another looks for its own ticket, by its reference."""
    op.execute(
        """update ticket_link l set ticket_id = null, attempts = 0, note_sent_at = null, note_seen = false,
               drift = null, drift_detail = null, drift_since = null, remark_sent_at = null, remark_seen = false,
               observed = case when l.observed = 'open' then 'absent' else l.observed end,
               create_sent_at = coalesce(l.create_sent_at, l.created_at),
               next_try_at = case when l.observed = 'open' then now() else l.next_try_at end
           from (select id, row_number() over (partition by connection_id, ticket_id
                                               order by opened_at, created_at, id) as place
                 from ticket_link where ticket_id is not null) d
           where d.id = l.id and d.place > 1"""
    )
    op.drop_index("ix_ticket_link_ticket", "ticket_link")
    op.create_index("uq_ticket_link_ticket", "ticket_link", ["connection_id", "ticket_id"], unique=True)


def downgrade() -> None:
    """Going back would let a row refer to another MSP's, and two links to one ticket."""
    raise NotImplementedError("A wall is not taken down; restore a backup instead.")
