"""The HTTP API of HaloPSA: `/auth` and `/api`."""
