"""What all pages share: templates, headers, who acts, and the refusal of forms that other sites send."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from stepladder_sandbox.halopsa.outbound.press import Outbound
from stepladder_sandbox.halopsa.pages import present
from stepladder_sandbox.halopsa.records import Agent
from stepladder_sandbox.halopsa.world import World

HERE = Path(__file__).parent
WHO = "sandbox_agent"
"""Cookie that remembers which agent the person at the screen acts as."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class SentFromElsewhere(Exception):
    """A form came from another site, which must not make a browser act here."""


class Site:
    """One tenant's pages: they stand below its prefix."""

    def __init__(self, world: World, outbound: Outbound, prefix: str) -> None:
        self.world = world
        self.outbound = outbound
        self.prefix = prefix
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["linked"] = present.linked

    def page(self, template: str, code: int = 200, *, frame: str = "", **values: Any) -> Response:
        """A page, or a part of one. `frame` is the one origin that it may show in a frame."""
        markup = self._templates.get_template(template).render(
            tenant=self.world.config.tenant, root=self.prefix, **values
        )
        return HTMLResponse(markup, code, headers=_headers(frame))

    def problem(self, code: int, title: str, text: str, *, template: str = "problem.html") -> Response:
        """A page that says what is not possible."""
        return self.page(template, code, title=title, text=text)

    def back_to(self, path: str) -> Response:
        """After a form was sent: look at what became of it."""
        return RedirectResponse(f"{self.prefix}{path}", 303, headers=_headers(""))

    def agent(self, request: Request) -> Agent | None:
        """Who the person at the screen acts as: the agent chosen last, or the first one who can sign in."""
        people = self.world.directory.people()
        who = request.cookies.get(WHO, "")
        return next((each for each in people if str(each.id) == who), people[0] if people else None)


def _headers(frame: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": f"{_POLICY}; frame-src {frame}" if frame else _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form. Raises SentFromElsewhere."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise SentFromElsewhere
    return dict(parse_qsl((await request.body()).decode("latin-1"), keep_blank_values=True))


def number_in(form: dict[str, str], name: str) -> int:
    """A number of a form, 0 where there is none."""
    given = form.get(name, "")
    return int(given) if given.isdecimal() else 0


def is_fragment(request: Request) -> bool:
    """True if htmx asks, which puts the answer into the page that is there."""
    return request.headers.get("hx-request") == "true"
