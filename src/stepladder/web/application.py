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
from starlette.types import ASGIApp, Receive, Scope, Send

from stepladder import errors
from stepladder.access_keys.gate import KeyGate
from stepladder.audit.reading import Trail
from stepladder.elevation.service import Elevation
from stepladder.errors import Unavailable
from stepladder.kit.clock import Clock
from stepladder.kit.db import Database
from stepladder.tenancy.deletion import Deletion
from stepladder.tenancy.hosts import Hosts

from . import problems
from .agents import routes as endpoint_api
from .agents.routes import EndpointApi
from .door.admission import Admission
from .door.bodies import WholeBody
from .door.later import AnswersLater
from .door.limits import Limits
from .door.turns import Turns
from .integrations import calls
from .integrations.buttons import APPROVE, DENY, DISABLE, Buttons
from .middleware import FoldedSlashes, SecurityHeaders, TenantOfHost, Unexpected
from .openapi import describe
from .portal import routes as portal


class Application(FastAPI):
    """FastAPI's routes, and in front of them what every call passes before anything is made for it."""

    front: ASGIApp
    admission: Admission

    def close_in(self, limits: Limits, turns: Turns, clock: Clock) -> None:
        """Put the door in front. Outermost stands what is still there while a call only waits."""
        self.admission = Admission(super().__call__, limits=limits, turns=turns)
        bodies = WholeBody(self.admission, most_held=limits.bodies_bytes)
        self.front = SecurityHeaders(AnswersLater(bodies), clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front(scope, receive, send)


def create_application(
    *,
    limits: Limits,
    pool: int,
    clock: Clock,
    db: Database,
    hosts: Hosts,
    elevation: Elevation,
    deletion: Deletion,
    trail: Trail,
    gate: KeyGate,
    endpoint: EndpointApi,
) -> Application:
    """The application, with everything it needs handed in."""
    app = Application(
        title="Stepladder",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # An address is right or not found; a redirect would carry a key or a signature to another one.
        redirect_slashes=False,
        middleware=[
            Middleware(FoldedSlashes, paths=[each.path for each in (APPROVE, DENY, DISABLE)]),
            Middleware(Unexpected),
            Middleware(TenantOfHost, hosts=hosts),
        ],
        exception_handlers={
            errors.StepladderError: problems.on_stepladder_error,
            HTTPException: problems.on_http_exception,
            RequestValidationError: problems.on_validation_error,
        },
    )
    app.close_in(limits, Turns(pool=pool), clock)
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
    return describe(app, [APPROVE, DENY, DISABLE, *wider])


def _health(db: Database) -> Any:
    async def health(_request: Request) -> Response:
        try:
            await db.crossing("select 1 as one")
        except Unavailable:
            return PlainTextResponse("database unavailable\n", 503)
        return PlainTextResponse("ok\n")

    return health
