"""Whom outgoing calls trust, and what a failed handshake means for a person."""

from __future__ import annotations

import ssl
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

import httpx2

_EXPIRED, _NOT_YET_VALID = 10, 9  # X509_V_ERR_* of OpenSSL
_OTHER_NAMES = (62, 64)  # of a host, of an address


class Distrust(StrEnum):
    """Why no secure connection was made."""

    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    OTHER_NAME = "other_name"
    NO_TLS = "no_tls"


class TlsFailed(httpx2.ConnectError):
    """The address answered, and no secure connection came of it. No byte of the request was sent."""

    def __init__(self, why: Distrust) -> None:
        super().__init__(f"No secure connection: {why}.")
        self.why = why


@cache
def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The system's authorities, and those in `ca_file`. Raises OSError where it cannot be read or holds none.

    One for the process: reading the authorities takes 20 ms and more, in which nothing else of it runs.
    """
    context = httpx2.create_ssl_context(trust_env=False)
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


Cause = TypeVar("Cause", bound=BaseException)


def find_cause(error: BaseException | None, kind: type[Cause]) -> Cause | None:
    """What of this kind led to an error. The client raises some without naming their cause, so contexts count, too."""
    while error:
        if isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None


def find_distrust(error: BaseException) -> Distrust | None:
    """What a failed connection says of its certificate; None where it did not get that far."""
    cause = find_cause(error, ssl.SSLError)
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return Distrust.NO_TLS if cause else None
    if cause.verify_code in (_EXPIRED, _NOT_YET_VALID):
        return Distrust.EXPIRED
    return Distrust.OTHER_NAME if cause.verify_code in _OTHER_NAMES else Distrust.UNTRUSTED
