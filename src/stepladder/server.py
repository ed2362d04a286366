"""Serving: web and worker in one process, or either alone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import uvicorn

from stepladder import worker
from stepladder.access_keys.gate import KeyGate
from stepladder.access_keys.strangers import Strangers
from stepladder.app import Services
from stepladder.endpoints.gate import EndpointGate
from stepladder.errors import Invalid, Unavailable
from stepladder.kit.log import get_logger
from stepladder.restoring import RestoredCopy, Witness
from stepladder.settings import Settings
from stepladder.web.agents.routes import EndpointApi
from stepladder.web.application import Application, create_application
from stepladder.web.door.connections import Connections
from stepladder.web.door.limits import Limits
from stepladder.web.door.protocol import protocol_of

GRACEFUL_SECONDS = 10
_WITNESS_EVERY_SECONDS = 60.0
LAST_SECONDS = 14.0
"""After a signal, a process that has not ended by then is ended. Service managers wait longer."""
_log = get_logger("server")


class InsecureBinding(Invalid):
    """Serving beyond this machine without TLS in front."""

    code = "insecure_binding"
    sentence = (
        "Stepladder serves other machines only behind a TLS front end. Put one in front and set "
        "STEPLADDER_BEHIND_TLS_PROXY=true and STEPLADDER_TRUSTED_PROXIES to its address."
    )


def limits_of(settings: Settings) -> Limits:
    """What the door of a process with these settings bears."""
    return Limits.of_process(pool=settings.database_pool, max_waiting=settings.max_waiting)


def application(services: Services, limits: Limits | None = None) -> Application:
    """The web application of these services."""
    settings = services.settings
    strangers = Strangers(services.clock)
    return create_application(
        limits=limits or limits_of(settings),
        pool=settings.database_pool,
        clock=services.clock,
        db=services.db,
        hosts=services.hosts,
        elevation=services.elevation,
        deletion=services.deletion,
        trail=services.trail,
        gate=KeyGate(services.db, services.clock, strangers),
        endpoint=EndpointApi(
            db=services.db,
            vault=services.vault,
            elevation=services.elevation,
            grants=services.grants,
            waiters=services.waiters,
            gate=EndpointGate(
                services.db,
                services.clock,
                strangers,
                messages_per_minute=settings.endpoint_messages_per_minute,
                requests_per_minute=settings.endpoint_requests_per_minute,
            ),
            long_poll_seconds=settings.long_poll_seconds,
        ),
    )


def http_config(app: Application, limits: Limits, **changes: Any) -> uvicorn.Config:
    """How uvicorn serves the application: through our door, silently, and with no name of its own."""
    return uvicorn.Config(
        app,
        http=protocol_of(Connections(limits)),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # the application dates its answers itself: a wait may lie before them
        lifespan="off",
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        backlog=4096,
        **changes,
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


async def serve(
    services: Services,
    bound: socket.socket,
    *,
    with_worker: bool,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Serve until a signal; every task ends with it."""
    settings = services.settings
    limits = limits_of(settings)
    config = http_config(
        application(services, limits),
        limits,
        proxy_headers=settings.behind_tls_proxy,
        forwarded_allow_ips=settings.trusted_proxies,
    )
    server = _Server(config, on_ready)

    def stop() -> None:
        # Waiting agents are answered with what is known, so that the end need not wait for them.
        services.waiters.close()
        server.force_exit = server.should_exit
        server.should_exit = True

    async with asyncio.TaskGroup() as group:
        tasks = _background(group, services)
        works = [group.create_task(worker.run(services))] if with_worker else []
        _on_signals(stop, works)
        await server.serve(sockets=[bound])
        for task in (*tasks, *works):
            task.cancel()


async def run_worker(services: Services, on_ready: Callable[[], None] | None = None) -> None:
    """Work until a signal."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        works = [group.create_task(worker.run(services))]
        tasks = [*works, *_background(group, services)]
        _on_signals(stop.set, works)
        if on_ready:
            on_ready()
        await stop.wait()
        for task in tasks:
            task.cancel()


def _background(group: asyncio.TaskGroup, services: Services) -> list[asyncio.Task[None]]:
    return [
        group.create_task(services.waiters.run()),
        group.create_task(services.jobs.run_nudges()),
        group.create_task(watch(services)),
    ]


async def watch(services: Services) -> None:
    """Remember each minute what the database has; ends the process where it was put back under it."""
    witness = Witness(services.settings.data_dir)
    while True:
        try:
            await witness.update(services.db)
        except RestoredCopy as error:
            # In order, as by a person; the next start refuses with the same words.
            _log.error(error.code, detail=error.detail)
            signal.raise_signal(signal.SIGTERM)
            return
        except (Unavailable, OSError, psycopg.Error) as error:
            _log.warning("witness_failed", error=type(error).__name__)
        await services.clock.sleep(_WITNESS_EVERY_SECONDS)


def _on_signals(act: Callable[[], None], works: Sequence[asyncio.Task[None]]) -> None:
    """End on a signal: the work at once, and the whole process in time, even if it still waits."""

    def end() -> None:
        for task in works:
            task.cancel()
        _end_in_time()
        act()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)


def _end_in_time() -> None:
    """The database may hang, and with it each caller of a query. Dying here is like dying on any line."""

    def die() -> None:
        _log.error("ended_unfinished", after_seconds=LAST_SECONDS)
        os._exit(1)

    last = threading.Timer(LAST_SECONDS, die)
    last.daemon = True
    last.start()
