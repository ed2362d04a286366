"""The ASGI application: routes, problems, middleware, and the OpenAPI description of all of it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from stepladder import errors
from stepladder.access_keys.gate import KeyGate
from stepladder.audit.reading import Trail
from stepladder.elevation.service import Elevation
from stepladder.errors import Unavailable
from stepladder.kit.db import Database
from stepladder.tenancy.deletion import Deletion
from stepladder.tenancy.hosts import Hosts

from . import problems
from .agents import routes as endpoint_api
from .agents.routes import EndpointApi
from .integrations import buttons, calls
from .integrations.buttons import Buttons
from .middleware import BodyLimit, SecurityHeaders, TenantOfHost, Unexpected
from .openapi import describe
from .portal import routes as portal


def create_application(
    *,
    db: Database,
    hosts: Hosts,
    elevation: Elevation,
    deletion: Deletion,
    trail: Trail,
    gate: KeyGate,
    endpoint: EndpointApi,
) -> FastAPI:
    """The application, with everything it needs handed in."""
    app = FastAPI(
        title="Stepladder",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # An address is right or not found; a redirect would carry a key or a signature to another one.
        redirect_slashes=False,
        middleware=[
            Middleware(SecurityHeaders, clock=endpoint.clock),
            Middleware(Unexpected),
            Middleware(BodyLimit),
            Middleware(TenantOfHost, hosts=hosts),
        ],
        exception_handlers={
            errors.StepladderError: problems.on_stepladder_error,
            HTTPException: problems.on_http_exception,
            RequestValidationError: problems.on_validation_error,
        },
    )
    app.state.endpoint_api = endpoint
    app.state.deletion = deletion
    app.state.trail = trail
    app.router.routes[:0] = [
        *Buttons(elevation, gate).routes(),
        *(entry.route(gate) for entry in calls.TABLE.entries),
    ]
    app.include_router(endpoint_api.router)
    app.router.routes += [
        Route("/healthz", _health(db), methods=["GET"]),
        *portal.routes(),
    ]
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """The description of both APIs. It is a command's output, not a public page."""
    wider = [entry.operation for entry in calls.TABLE.entries]
    return describe(app, [buttons.APPROVE, buttons.DENY, buttons.DISABLE, *wider])


def _health(db: Database) -> Any:
    async def health(_request: Request) -> Response:
        try:
            await db.crossing("select 1 as one")
        except Unavailable:
            return PlainTextResponse("database unavailable\n", 503)
        return PlainTextResponse("ok\n")

    return health
