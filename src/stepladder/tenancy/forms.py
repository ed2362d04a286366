"""What operators type of MSPs, customers and technicians, read strictly: addresses, e-mails, names. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from stepladder.errors import Invalid

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


def read_address(url: str) -> tuple[str, str]:
    """Host and base URL of an MSP. Plain http is for this machine only. Raises Invalid."""
    text = url.strip().rstrip("/")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise _no_address(url) from error
    # As it stands in a Host header, too.
    host = f"[{host}]" if ":" in host else host
    is_local = host in ("localhost", "127.0.0.1", "[::1]")
    if not _HOST.fullmatch(host) or parts.path or parts.query or "@" in parts.netloc:
        raise _no_address(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise Invalid("An MSP's URL must be https; only this machine itself may use http.")
    return host, f"{parts.scheme}://{parts.netloc.lower()}"


def _no_address(text: str) -> Invalid:
    return Invalid(f"{text!r} is not an address such as https://msp.example.com")


def read_email(text: str) -> str:
    """An e-mail address. Raises Invalid."""
    email = text.strip()
    if not _EMAIL.fullmatch(email):
        raise Invalid(f"{email!r} is not an e-mail address.")
    return email
