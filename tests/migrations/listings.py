"""What `stepladder` lists of an installation: run as a program, it writes the answers of many commands as one JSON.

It imports the command line alone, whose commands and fields are what people's scripts use; so the same file asks an
old version and today's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

LISTINGS = (
    ("customer", "list"),
    ("technician", "list"),
    ("endpoint", "list"),
    ("key", "list"),
    ("rule", "list"),
    ("request", "list", "--limit", "1000"),
    ("connector", "show"),
    ("tickets", "status"),
)


def list_everything(hosts: Sequence[str]) -> dict[str, Any]:
    """Every listing of every MSP, by command and host."""
    asked = {" ".join(command[:2]): command for command in LISTINGS}
    found: dict[str, Any] = {"msp list": _answer("msp", "list")}
    for host in hosts:
        found[host] = {name: _answer(*command, "--msp", host) for name, command in asked.items()}
    return found


def _answer(*command: str) -> Any:
    from typer.testing import CliRunner

    from stepladder.cli import app

    done = CliRunner().invoke(app, [*command, "--json"])
    # Without a worker, this one ends with 1.
    if done.exit_code and command[:2] != ("tickets", "status"):
        raise SystemExit(f"stepladder {' '.join(command)} ended with {done.exit_code}: {done.output}")
    return json.loads(done.output)


if __name__ == "__main__":
    json.dump(list_everything(sys.argv[1:]), sys.stdout)
