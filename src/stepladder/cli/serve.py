"""`stepladder serve`, `worker`, `migrate`, `openapi`: the processes of an installation."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import context

if TYPE_CHECKING:
    from stepladder.app import Services
    from stepladder.settings import Settings


def register(app: typer.Typer) -> None:
    """Put the commands on the root."""
    app.command()(serve)
    app.command()(worker)
    app.command()(migrate)
    app.command()(openapi)


def serve(
    web_only: Annotated[
        bool, typer.Option("--web-only", help="Leave the work to `stepladder worker`.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Overrides STEPLADDER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Overrides STEPLADDER_PORT.")] = None,
) -> None:
    """Serve agents, buttons and the worker in one process, until it is stopped."""
    from stepladder import server

    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = context.read_settings().model_copy(update=changes)
    with context.refusals():
        bound = server.listen(settings)

    async def work(services: Services) -> None:
        where = f"http://{server.spell(settings)}"
        ready = _says("serving", url=where, worker=not web_only)
        await server.serve(services, bound, with_worker=not web_only, on_ready=ready)

    _process(work, settings)


def worker() -> None:
    """Run a worker: tickets, expiry, the audit chain. Run as many as you need, on any hosts."""

    async def work(services: Services) -> None:
        from stepladder import server

        await server.run_worker(services, on_ready=_says("working"))

    _process(work, context.read_settings())


def migrate() -> None:
    """Bring the database to this program's schema."""
    from stepladder import app, migrations

    with context.refusals():
        urls = app.locate_database(context.read_settings())
        if not urls.owner:
            context.fail(
                "no_owner_url", "Set STEPLADDER_DATABASE_OWNER_URL to the owner's address.", as_json=False
            )
        app.migrate(urls)
    typer.echo(f"The database is at schema {migrations.newest()}.")


def openapi() -> None:
    """Print the OpenAPI description of the endpoint API and the integration API."""

    async def work(services: Services) -> dict[str, Any]:
        from stepladder import server
        from stepladder.web.application import openapi as describe

        return describe(server.application(services))

    typer.echo(json.dumps(context.installation(work), indent=2))


def _process(work: Callable[[Services], Awaitable[None]], settings: Settings) -> None:
    import uvloop

    from stepladder import app
    from stepladder.kit import log
    from stepladder.restoring import Witness

    log.configure(level=settings.log_level, json_lines=settings.log_format == "json")

    async def main() -> None:
        urls = app.locate_database(settings)
        app.migrate(urls)
        async with app.open_services(settings, urls) as services:
            await Witness(settings.data_dir).check(services.db)
            await work(services)

    with context.refusals():
        uvloop.run(main())


def _says(event: str, **facts: Any) -> Callable[[], None]:
    def say() -> None:
        from stepladder.kit.log import get_logger

        get_logger("process").info(event, **facts)

    return say
