"""Running the sandbox on a loopback address: for a person who works locally, until they stop it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from stepladder_sandbox.halopsa.app import create_app
from stepladder_sandbox.halopsa.config import SandboxConfig
from stepladder_sandbox.halopsa.wire import SandboxProtocol


class NotLoopback(ValueError):
    """The sandbox was to listen where others could reach it; its pages need no log-in, so it never does."""


def loopback_socket(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes any free one. Raises NotLoopback, or OSError where the port is taken."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        is_loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise NotLoopback(f"{host} is not a loopback address; use 127.0.0.1, ::1 or localhost")
    # The protocol is named because asyncio switches off Nagle's algorithm only then; else a call takes 40 ms.
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((address, port))
    return bound


def server_config(app: Starlette) -> uvicorn.Config:
    """How uvicorn serves the sandbox: with a protocol that can break connections, without its own logs."""
    return uvicorn.Config(
        app,
        http=SandboxProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def run(
    host: str,
    port: int,
    config: SandboxConfig,
    log_path: Path | None = None,
    *,
    more_tenants: Sequence[SandboxConfig] = (),
) -> None:
    """Serve until interrupted. Raises NotLoopback, BadSeed, or OSError where the port is taken."""
    bound = loopback_socket(host, port)
    app = create_app(config, more_tenants=more_tenants, log_path=log_path)
    uvicorn.Server(server_config(app)).run(sockets=[bound])
