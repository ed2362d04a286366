"""HaloPSA calling out: quick actions that run custom methods (HaloPSA fact 26)."""
