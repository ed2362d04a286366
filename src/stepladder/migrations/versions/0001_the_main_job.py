"""The main job: tenants, endpoints, elevation requests, tickets, audit, the job engine's tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from stepladder.migrations import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The main job."""
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_subject", "audit_event", ["msp_id", "subject"], unique=False)
    op.create_index(
        "ix_audit_event_unsealed",
        "audit_event",
        ["msp_id", "id"],
        unique=False,
        postgresql_where=sa.text("sequence is null"),
    )
    op.create_index("uq_audit_event_sequence", "audit_event", ["msp_id", "sequence"], unique=True)
    op.create_table(
        "endpoint_nonce",
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("endpoint_id", "nonce", name=op.f("pk_endpoint_nonce")),
    )
    op.create_index("ix_endpoint_nonce_seen", "endpoint_nonce", ["msp_id", "seen_at"], unique=False)
    op.create_table(
        "msp",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("request_lifetime_seconds", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("host = lower(host)", name=op.f("ck_msp_host_is_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_msp")),
        sa.UniqueConstraint("host", name=op.f("uq_msp_host")),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_customer_msp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_index(
        "uq_customer_display_name",
        "customer",
        ["msp_id", sa.literal_column("lower(display_name)")],
        unique=True,
    )
    op.create_index("uq_customer_name", "customer", ["msp_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "inbound_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("actions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("modes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("customer_ids", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("requires_technician", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_inbound_key_msp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_key")),
    )
    op.create_index("uq_inbound_key_key_id", "inbound_key", ["msp_id", "key_id"], unique=True)
    op.create_table(
        "psa_connector",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("call_budget", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("tokens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("needs_attention", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("drain_fence", sa.BigInteger(), nullable=False),
        sa.Column("mapped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_psa_connector_msp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_psa_connector")),
        sa.UniqueConstraint("msp_id", name=op.f("uq_psa_connector_msp_id")),
    )
    op.create_table(
        "signing_key",
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose in ('grant','audit')", name=op.f("ck_signing_key_purpose")),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_signing_key_msp_id")),
        sa.PrimaryKeyConstraint("msp_id", "kid", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "technician",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role in ('global_admin','admin','technician','read_only')", name=op.f("ck_technician_role")
        ),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_technician_msp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technician")),
    )
    op.create_index(
        "uq_technician_email", "technician", ["msp_id", sa.literal_column("lower(email)")], unique=True
    )
    op.create_table(
        "tenant_key",
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_tenant_key_msp_id")),
        sa.PrimaryKeyConstraint("msp_id", "version", name=op.f("pk_tenant_key")),
    )
    op.create_table(
        "connector_lookup",
        sa.Column("connector_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connector_id"],
            ["psa_connector.id"],
            name=op.f("fk_connector_lookup_connector_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_connector_lookup_msp_id")),
        sa.PrimaryKeyConstraint("connector_id", "kind", "name", name=op.f("pk_connector_lookup")),
    )
    op.create_table(
        "customer_mapping",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("connector_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("remote_name", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('mapped','unmapped','ambiguous','inactive')", name=op.f("ck_customer_mapping_state")
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"],
            ["psa_connector.id"],
            name=op.f("fk_customer_mapping_connector_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_mapping_customer_id")
        ),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_customer_mapping_msp_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_mapping")),
    )
    op.create_table(
        "endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("operating_system", sa.Text(), nullable=False),
        sa.Column("agent_version", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('active','held','revoked')", name=op.f("ck_endpoint_state")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_endpoint_customer_id")),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_endpoint_msp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
    )
    op.create_index(
        "ix_endpoint_customer_name",
        "endpoint",
        ["customer_id", sa.literal_column("lower(name)")],
        unique=False,
    )
    op.create_index("uq_endpoint_public_key", "endpoint", ["msp_id", "public_key"], unique=True)
    op.create_table(
        "elevation_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("customer_label", sa.Text(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("requester_user", sa.Text(), nullable=False),
        sa.Column("requester_name", sa.Text(), nullable=True),
        sa.Column("requester_email", sa.Text(), nullable=True),
        sa.Column("program_name", sa.Text(), nullable=False),
        sa.Column("program_path", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'pending') = (settled_at is null)", name=op.f("ck_elevation_request_settled")
        ),
        sa.CheckConstraint("kind in ('USER','ADMIN')", name=op.f("ck_elevation_request_kind")),
        sa.CheckConstraint(
            "state in ('pending','approved','denied','cancelled','expired')",
            name=op.f("ck_elevation_request_state"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_elevation_request_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_elevation_request_endpoint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elevation_request")),
    )
    op.create_index(
        "ix_elevation_request_pending",
        "elevation_request",
        ["msp_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_elevation_request_pending_endpoint",
        "elevation_request",
        ["endpoint_id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_elevation_request_recent",
        "elevation_request",
        ["msp_id", sa.literal_column("created_at DESC")],
        unique=False,
    )
    op.create_index(
        "uq_elevation_request_idempotency_key",
        "elevation_request",
        ["endpoint_id", "idempotency_key"],
        unique=True,
    )
    op.create_table(
        "enrolment_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("endpoint_name", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("endpoint_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_enrolment_token_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["endpoint.id"], name=op.f("fk_enrolment_token_endpoint_id")
        ),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_enrolment_token_msp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_token")),
    )
    op.create_index("uq_enrolment_token_hash", "enrolment_token", ["msp_id", "token_hash"], unique=True)
    op.create_table(
        "decision",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scope = 'once'", name=op.f("ck_decision_scope")),
        sa.CheckConstraint("verdict in ('approved','denied')", name=op.f("ck_decision_verdict")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["elevation_request.id"], name=op.f("fk_decision_request_id")
        ),
        sa.ForeignKeyConstraint(["technician_id"], ["technician.id"], name=op.f("fk_decision_technician_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_decision")),
    )
    op.create_table(
        "elevation_grant",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["elevation_request.id"], name=op.f("fk_elevation_grant_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_elevation_grant")),
    )
    op.create_table(
        "ticket_link",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("connector_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("desired", sa.String(length=8), nullable=False),
        sa.Column("observed", sa.String(length=8), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=True),
        sa.Column("create_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note_seen", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs_attention", sa.Boolean(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("desired in ('open','closed')", name=op.f("ck_ticket_link_desired")),
        sa.CheckConstraint(
            "observed in ('absent','open','closed','gone')", name=op.f("ck_ticket_link_observed")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["elevation_request.id"], name=op.f("fk_ticket_link_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_ticket_link")),
        sa.UniqueConstraint("reference", name=op.f("uq_ticket_link_reference")),
    )
    op.create_index(
        "ix_ticket_link_due",
        "ticket_link",
        ["connector_id", "customer_id", "next_try_at"],
        unique=False,
        postgresql_where=sa.text("next_try_at is not null"),
    )
    op.create_index(
        "ix_ticket_link_next_try",
        "ticket_link",
        ["msp_id", "next_try_at"],
        unique=False,
        postgresql_where=sa.text("next_try_at is not null"),
    )
    op.create_index("ix_ticket_link_ticket", "ticket_link", ["connector_id", "ticket_id"], unique=False)
    run_sql(op, "procrastinate_3_10_0.sql")
    run_sql(op, "security.sql")
    run_sql(op, "functions.sql")


def downgrade() -> None:
    """There is nothing before the first schema."""
    raise NotImplementedError("The first schema is not undone; drop the database instead.")
