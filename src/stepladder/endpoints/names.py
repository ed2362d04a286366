"""What endpoints are called, for reading the trail."""

from __future__ import annotations

from stepladder.audit.reading import Source

TRAIL = Source("select id::text, name from endpoint where id = any(%(ids)s)")
