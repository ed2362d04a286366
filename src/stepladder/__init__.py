"""Stepladder: privileged access for managed service providers who run HaloPSA."""

__version__ = "0.1.0"
