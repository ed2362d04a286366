"""What PostgreSQL's client library says, in a few words without an address."""

from __future__ import annotations

import pytest

from stepladder.kit.reasons import reason_of

AT = 'connection failed: connection to server at "db.example.com" (203.0.113.9), port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            f'{AT}FATAL:  password authentication failed for user "stepladder_service"',
            'password authentication failed for user "stepladder_service"',
        ),
        (
            f'{AT}FATAL:  no pg_hba.conf entry for host "203.0.113.5", user "x", database "y", no encryption',
            'no pg_hba.conf entry for user "x", database "y", no encryption',
        ),
        (f"{AT}FATAL:  the database system is starting up", "the database system is starting up"),
        (f"{AT}Connection refused\n\tIs the server running on that host?", "nothing listens there"),
        (f"{AT}server does not support SSL, but SSL was required", "no TLS at the server"),
        (
            f'{AT}root certificate file "/home/x/.postgresql/root.crt" does not exist',
            "no root certificate to check the server's TLS with",
        ),
        (
            f"{AT}SSL error: certificate verify failed",
            "the server's TLS certificate is not accepted",
        ),
        (
            "failed to resolve host 'ss@db.example.com': [Errno -2] Name or service not known",
            "host not found",
        ),
        ("connection timeout expired", "no answer in time"),
        (f"{AT}Network is unreachable", "no way to that host"),
        ('invalid sslmode value: "sometimes"', "a part of the address is not valid"),
        ("something else at 203.0.113.9", "no connection"),
    ],
)
def test_the_reason_is_short_and_names_no_address(said: str, reason: str) -> None:
    """OPS-15: for what can go wrong on the way to a server of one's own."""
    assert reason_of(said) == reason
