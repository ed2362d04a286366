"""What endpoints are called, and which rows of theirs are of a customer, for reading the trail."""

from __future__ import annotations

from stepladder.audit.reading import Source

TRAIL = Source(
    "select id::text, name from endpoint where id = any(%(ids)s)",
    """select id::text from endpoint where customer_id = any(%(customers)s::uuid[])
       union all
       select id::text from enrolment_token where customer_id = any(%(customers)s::uuid[])""",
)
