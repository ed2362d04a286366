"""These tests run on the application without a ticket system."""

from tests.support.web_fixtures import (
    clock,
    desk,
    logged,
    other_msp,
    other_process,
    services,
    settings,
    web,
)

__all__ = ["clock", "desk", "logged", "other_msp", "other_process", "services", "settings", "web"]
