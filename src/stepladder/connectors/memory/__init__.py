"""Tickets in memory: the ticket connector without a ticket system, for local work and for tests."""
