"""The stage of a drain, in memory."""

from tests.tickets.conftest import stage

__all__ = ["stage"]
