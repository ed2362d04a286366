"""What requests are called, and which rows of elevation are of a customer, for reading the trail."""

from __future__ import annotations

from stepladder.audit.reading import Source

TRAIL = Source(
    "select id::text, program_name as name from elevation_request where id = any(%(ids)s)",
    """select id::text from elevation_request
       -- No request waits longer than 90 days; closing its ticket takes a little more.
       where msp_id = %(msp)s and created_at >= %(since)s::timestamptz - interval '100 days'
         and customer_id = any(%(customers)s::uuid[])
       union all
       select id::text from rule where customer_id = any(%(customers)s::uuid[])""",
)
