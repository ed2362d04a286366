"""Pages for people who open the service's address in a browser. They read nothing, and nobody signs in to them yet."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_HERE = Path(__file__).parent
_FRONT = (_HERE / "front.html").read_text(encoding="utf-8")
_STYLE = (_HERE / "portal.css").read_text(encoding="utf-8")


def routes() -> list[Route]:
    """The front page, its style, and the page that the links in older tickets lead to."""
    return [
        Route("/", _front, methods=["GET"]),
        Route("/portal.css", _style, methods=["GET"]),
        Route("/elevation-requests/{request_id}", _no_request, methods=["GET"]),
    ]


async def _front(_request: Request) -> Response:
    return HTMLResponse(_FRONT)


async def _style(_request: Request) -> Response:
    return Response(_STYLE, media_type="text/css")


async def _no_request(_request: Request) -> Response:
    """No request is shown here. It says the same for every id, so that nobody learns which ones there are."""
    return HTMLResponse(_FRONT, 404)
