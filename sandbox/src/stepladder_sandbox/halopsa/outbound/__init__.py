"""HaloPSA calling out: quick actions that run custom methods (API.md section 6)."""
