"""Serving: web and worker in one process, or either alone."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from stepladder import worker
from stepladder.access_keys.gate import KeyGate
from stepladder.app import Services
from stepladder.errors import Invalid, Unavailable
from stepladder.kit.log import get_logger
from stepladder.settings import Settings
from stepladder.web.agents.routes import EndpointApi
from stepladder.web.application import create_application

GRACEFUL_SECONDS = 10
_log = get_logger("server")


class InsecureBinding(Invalid):
    """Serving beyond this machine without TLS in front."""

    code = "insecure_binding"
    sentence = (
        "Stepladder serves other machines only behind a TLS front end. Put one in front and set "
        "STEPLADDER_BEHIND_TLS_PROXY=true and STEPLADDER_TRUSTED_PROXIES to its address."
    )


def application(services: Services) -> FastAPI:
    """The web application of these services."""
    return create_application(
        db=services.db,
        hosts=services.hosts,
        elevation=services.elevation,
        deletion=services.deletion,
        trail=services.trail,
        gate=KeyGate(services.db, services.clock),
        endpoint=EndpointApi(
            db=services.db,
            clock=services.clock,
            vault=services.vault,
            elevation=services.elevation,
            grants=services.grants,
            waiters=services.waiters,
            long_poll_seconds=services.settings.long_poll_seconds,
        ),
    )


class CannotListen(Unavailable):
    """The address is taken, or not ours."""

    code = "cannot_listen"
    sentence = "The address cannot be listened on."


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready and leaves signals to us: it would end the process in the middle."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_ready:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def spell(settings: Settings) -> str:
    """Host and port as they stand in a URL: an IPv6 address in brackets."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def listen(settings: Settings) -> socket.socket:
    """The bound socket, before anything else is opened. Raises InsecureBinding or CannotListen."""
    is_local = settings.host in ("127.0.0.1", "::1", "localhost")
    if not is_local and not settings.behind_tls_proxy:
        raise InsecureBinding
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # IPPROTO_TCP by name: asyncio turns Nagle's algorithm off only where it sees it.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        raise CannotListen(
            f"Cannot listen on {spell(settings)}: {error.strerror or error}. "
            "Is Stepladder already running? Another port: --port or STEPLADDER_PORT."
        ) from error
    return bound


def web_config(services: Services) -> uvicorn.Config:
    """How the web application is served. It dates its answers itself (`middleware.SecurityHeaders`)."""
    settings = services.settings
    return uvicorn.Config(
        application(services),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        proxy_headers=settings.behind_tls_proxy,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        backlog=4096,
        h11_max_incomplete_event_size=64 * 1024,
    )


async def serve(
    services: Services,
    bound: socket.socket,
    *,
    with_worker: bool,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Serve until a signal; every task ends with it."""
    server = _Server(web_config(services), on_ready)

    def stop() -> None:
        # Waiting agents are answered with what is known, so that the end need not wait for them.
        services.waiters.close()
        server.force_exit = server.should_exit
        server.should_exit = True

    _on_signals(stop)
    async with asyncio.TaskGroup() as group:
        tasks = _background(group, services)
        if with_worker:
            tasks.append(group.create_task(worker.run(services)))
        await server.serve(sockets=[bound])
        for task in tasks:
            task.cancel()


async def run_worker(services: Services, on_ready: Callable[[], None] | None = None) -> None:
    """Work until a signal."""
    stop = asyncio.Event()
    _on_signals(stop.set)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(worker.run(services)), *_background(group, services)]
        if on_ready:
            on_ready()
        await stop.wait()
        for task in tasks:
            task.cancel()


def _background(group: asyncio.TaskGroup, services: Services) -> list[asyncio.Task[None]]:
    return [group.create_task(services.waiters.run()), group.create_task(services.jobs.run_nudges())]


def _on_signals(act: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, act)
