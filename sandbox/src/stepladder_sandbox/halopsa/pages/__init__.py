"""The pages that an agent sees: tickets, their buttons, and a log of calls. Rendered by the server."""
