"""Text that HaloPSA may send with HTML entities for some of its characters (HaloPSA fact 27)."""

from __future__ import annotations

import html


def list_readings(text: str) -> tuple[str, ...]:
    """What a text can mean: itself, and what its entities stand for. A name may really contain `&amp;`."""
    plain = html.unescape(text)
    return (text,) if plain == text else (text, plain)
