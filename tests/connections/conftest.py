"""These tests stand on the stage of the tickets."""

from tests.tickets.conftest import stage

__all__ = ["stage"]
