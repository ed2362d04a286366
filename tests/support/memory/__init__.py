"""Tickets in memory: the ticket connector without a ticket system, for tests."""
