"""Comparing a Content-Type with the one that a call takes. Bodies are UTF-8, so no other charset passes for it."""

from __future__ import annotations

import re

_CHARSET = re.compile(r'\s*;\s*charset\s*=\s*("utf-8"|utf-8)\s*', re.IGNORECASE)


def is_media_type(sent: str, wanted: str) -> bool:
    """Whether `sent` names `wanted`, with nothing behind it but perhaps that it is UTF-8."""
    name, separator, parameter = sent.partition(";")
    is_utf8 = not separator or _CHARSET.fullmatch(separator + parameter) is not None
    return is_utf8 and name.strip().lower() == wanted
