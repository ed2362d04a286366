"""How properties run here: by what they draw, never by how busy the machine is."""

from __future__ import annotations

from hypothesis import settings


def test_no_property_fails_because_the_machine_is_busy() -> None:
    """TEST-23: no deadline for an example; pytest-timeout guards against hanging."""
    assert settings().deadline is None
