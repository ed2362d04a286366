"""Why a database cannot be reached, in a few words that hold neither its address nor a password. Pure.

PostgreSQL's own sentence where it answered; otherwise ours for what its client library says, which names the address.
"""

from __future__ import annotations

import re

_ANSWERED = re.compile(r"\b(?:FATAL|ERROR):\s+([^\n]+)")
_CALLER = re.compile(r'\bhost "[^"]*",? ?')
_KNOWN = (
    ("connection refused", "nothing listens there"),
    ("resolve host", "host not found"),
    ("could not translate host name", "host not found"),
    ("does not support ssl", "no TLS at the server"),
    ("root certificate file", "no root certificate to check the server's TLS with"),
    ("certificate", "the server's TLS certificate is not accepted"),
    ("ssl error", "TLS failed"),
    ("timeout expired", "no answer in time"),
    ("no such file or directory", "no server at that socket"),
    ("permission denied", "no access to that socket"),
    ("unreachable", "no way to that host"),
    ("no route to host", "no way to that host"),
    ("closed the connection", "the server closed the connection"),
    ("no password supplied", "a password is needed"),
    ("invalid", "a part of the address is not valid"),
)


def reason_of(said: object) -> str:
    """The reason in what psycopg says of a connection that was not made."""
    text = str(said)
    answered = _ANSWERED.search(text)
    if answered:
        return _CALLER.sub("", answered[1]).strip()
    lower = text.lower()
    return next((reason for words, reason in _KNOWN if words in lower), "no connection")
