"""Several tenants behind one address: each below its own path, and one sign-in that they share."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class TenantRoute(BaseRoute):
    """Everything below `/t/<tenant>`, handed to that tenant as if it stood at the root."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_ours = scope["type"] == "http" and _split(scope["path"])[0] in self._apps
        return (Match.FULL if is_ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        tenant, path = _split(scope["path"])
        inner = {name: value for name, value in scope.items() if name not in ("app", "router", "endpoint")}
        inner |= {"path": path, "raw_path": path.encode(), "path_params": {}}
        await self._apps[tenant](inner, receive, send)


def _split(path: str) -> tuple[str, str]:
    """The tenant that a path names, in lower case, and what is left of the path."""
    empty, root, tenant, *rest = [*path.split("/", 3), "", ""]
    if empty or root.lower() != "t":
        return "", path
    return tenant.lower(), f"/{rest[0]}"


class SharedSignIn(BaseRoute):
    """`/auth/token` for all: the hosted HaloPSA tells tenants apart by `tenant`, as parameter or as field.

    A name that no one has goes to the first tenant, which refuses it as HaloPSA does (HaloPSA fact 5).
    """

    def __init__(self, gateways: Mapping[str, ASGIApp], first: ASGIApp) -> None:
        self._gateways = gateways
        self._first = first

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_ours = scope["type"] == "http" and scope["path"].lower().rstrip("/") == "/auth/token"
        return (Match.FULL if is_ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        body = b"".join(message.get("body", b"") for message in messages)
        tenant = _tenant_in(scope["query_string"]) or _tenant_in(body)
        waiting = iter(messages)

        async def replay() -> Message:
            message = next(waiting, None)
            return message if message is not None else await receive()

        await self._gateways.get(tenant, self._first)(scope, replay, send)


def _tenant_in(form: bytes) -> str:
    fields = {name.lower(): value for name, value in parse_qsl(form.decode("latin-1"))}
    return fields.get("tenant", "").strip().lower()
