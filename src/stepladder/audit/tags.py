"""The one list of audit tags. `docs/audit.md` has a line for each; a test compares the two."""

from enum import StrEnum


class Tag(StrEnum):
    """What happened: noun first, past tense."""

    MSP_CREATED = "msp.created"
    MSP_CHANGED = "msp.changed"
    CUSTOMER_CREATED = "customer.created"
    CUSTOMER_CHANGED = "customer.changed"
    TECHNICIAN_CREATED = "technician.created"
    TECHNICIAN_CHANGED = "technician.changed"
    INBOUND_KEY_CREATED = "inbound_key.created"
    INBOUND_KEY_REVOKED = "inbound_key.revoked"
    ENROLMENT_TOKEN_CREATED = "enrolment_token.created"  # noqa: S105  # a tag, not a token
    ENDPOINT_ENROLLED = "endpoint.enrolled"
    ENDPOINT_HELD = "endpoint.held"
    ENDPOINT_ACTIVATED = "endpoint.activated"
    ENDPOINT_REVOKED = "endpoint.revoked"
    REQUEST_SUBMITTED = "elevation_request.submitted"
    REQUEST_APPROVED = "elevation_request.approved"
    REQUEST_DENIED = "elevation_request.denied"
    REQUEST_CANCELLED = "elevation_request.cancelled"
    REQUEST_EXPIRED = "elevation_request.expired"
    DECISION_REFUSED = "decision.refused"
    GRANT_ISSUED = "grant.issued"
    JIT_DISABLE_ASKED = "jit_account.disable_asked"
    CONNECTOR_CREATED = "connector.created"
    CONNECTOR_CHANGED = "connector.changed"
    CONNECTOR_REMOVED = "connector.removed"
    CUSTOMER_MAPPED = "customer.mapped"
    CUSTOMER_UNMAPPED = "customer.unmapped"
    TICKET_OPENED = "ticket.opened"
    TICKET_CLOSED = "ticket.closed"
    TICKET_NEEDS_ATTENTION = "ticket.needs_attention"
