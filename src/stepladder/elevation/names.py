"""What requests are called, for reading the trail."""

from __future__ import annotations

from stepladder.audit.reading import Source

TRAIL = Source("select id::text, program_name as name from elevation_request where id = any(%(ids)s)")
