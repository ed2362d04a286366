"""Serving: web and worker in one process, or either alone."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from stepladder import worker
from stepladder.app import Services
from stepladder.elevation.button import Buttons
from stepladder.errors import Invalid
from stepladder.kit.log import get_logger
from stepladder.settings import Settings
from stepladder.web.application import create_application
from stepladder.web.endpoint_api import EndpointApi

GRACEFUL_SECONDS = 10
_log = get_logger("server")


class InsecureBinding(Invalid):
    """Serving beyond this machine without TLS in front."""

    code = "insecure_binding"
    sentence = (
        "Beyond this machine Stepladder is served only behind a TLS front end. Put one in front and set "
        "STEPLADDER_BEHIND_TLS_PROXY=true and STEPLADDER_TRUSTED_PROXIES to its address."
    )


def application(services: Services) -> FastAPI:
    """The web application of these services."""
    return create_application(
        db=services.db,
        directory=services.directory,
        buttons=Buttons(services.db, services.clock, services.elevation),
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


class _Server(uvicorn.Server):
    """uvicorn, which lets waiting agents answer before it waits for them."""

    def __init__(
        self, config: uvicorn.Config, on_exit: Callable[[], None], on_ready: Callable[[], None] | None
    ) -> None:
        super().__init__(config)
        self._on_exit, self._on_ready = on_exit, on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_ready:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_exit()
        super().handle_exit(sig, frame)


def check_binding(settings: Settings) -> None:
    """Raises InsecureBinding."""
    is_local = settings.host in ("127.0.0.1", "::1", "localhost")
    if not is_local and not settings.behind_tls_proxy:
        raise InsecureBinding


async def serve(services: Services, *, with_worker: bool, on_ready: Callable[[], None] | None = None) -> None:
    """Serve until a signal; every task ends with it."""
    settings = services.settings
    check_binding(settings)
    config = uvicorn.Config(
        application(services),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=settings.behind_tls_proxy,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        backlog=4096,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = _Server(config, services.waiters.close, on_ready)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(services.waiters.run()),
            group.create_task(services.jobs.run_nudges()),
        ]
        if with_worker:
            tasks.append(group.create_task(worker.run(services)))
        await server.serve()
        for task in tasks:
            task.cancel()


async def run_worker(services: Services, on_ready: Callable[[], None] | None = None) -> None:
    """Work until a signal."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(worker.run(services)),
            group.create_task(services.waiters.run()),
            group.create_task(services.jobs.run_nudges()),
        ]
        if on_ready:
            on_ready()
        await stop.wait()
        for task in tasks:
            task.cancel()
