"""The table of the integration API's calls: each route, and its description, is made of one entry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import get_type_hints
from urllib.parse import urlencode

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stepladder.access_keys.gate import KeyGate
from stepladder.access_keys.service import InboundKey, KeyAction, KeyNotAllowed
from stepladder.audit.reading import Trail
from stepladder.kit.db import Transaction
from stepladder.tenancy import customers
from stepladder.tenancy.deletion import Deletion
from stepladder.tenancy.service import Customer
from stepladder.web.strict_json import read_as

from .inbound import PREFIX, body_for, key_of, query_of, read_query, refused_call, respond
from .shapes import Answer, Body


@dataclass(frozen=True)
class Operation:
    """A call as others see it."""

    method: str
    path: str
    summary: str
    takes: type[Body] | None
    asks: type[BaseModel] | None
    """What may stand in its query."""
    gives: type[Answer] | None
    status: int = 200


@dataclass(frozen=True)
class Call:
    """A call whose key was checked, in its transaction."""

    tx: Transaction
    key: InboundKey
    request: Request

    @property
    def deletion(self) -> Deletion:
        """The use case of deleting a customer."""
        found: Deletion = self.request.app.state.deletion
        return found

    @property
    def trail(self) -> Trail:
        """The use case of reading the trail."""
        found: Trail = self.request.app.state.trail
        return found

    def address(self, **query: object) -> str:
        """The call's own address with another query."""
        return f"{self.request.url.path}?{urlencode(query)}"

    async def customer(self) -> Customer:
        """The customer that the address names. Raises NotFound or CustomerAmbiguous."""
        return await customers.find_called(self.tx, self.request.path_params["name"], self.key.customer_ids)

    async def customer_by_id(self) -> Customer:
        """The customer whose id is in the address. Raises NotFound."""
        return await customers.find_by_id(self.tx, self.request.path_params["id"], self.key.customer_ids)


Work = Callable[..., Awaitable[Answer | None]]


@dataclass(frozen=True)
class Entry:
    """A call, what its key needs, and what it does; `is_msp_wide` is not for a key that serves some customers only."""

    operation: Operation
    action: KeyAction
    is_msp_wide: bool
    work: Work

    def route(self, gate: KeyGate) -> Route:
        """The route that makes this call, for genuine keys with its action."""

        async def endpoint(request: Request) -> Response:
            takes, asks = self.operation.takes, self.operation.asks
            key = key_of(request)
            query = query_of(request, asks.model_fields if asks else ())
            body = await body_for(request, takes) if takes else b""

            async def act(tx: Transaction, found: InboundKey) -> Response:
                self._check(found)
                # Read behind the key's check: without the action nobody learns which bodies would be taken.
                read = {"body": read_as(body, takes)} if takes else {}
                asked = {"query": read_query(query, asks)} if asks else {}
                answer = await self.work(Call(tx, found, request), **read, **asked)
                return respond(request, answer, self.operation.status)

            return await gate.call(key, act, refused_call(request, self.work.__name__))

        return Route(self.operation.path, endpoint, methods=[self.operation.method], name=self.work.__name__)

    def _check(self, key: InboundKey) -> None:
        key.check_may(self.action)
        if self.is_msp_wide and key.customer_ids is not None:
            raise KeyNotAllowed


class Table:
    """Calls in the order in which their paths are tried: what is fixed stands before what is a name."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def call(
        self, method: str, path: str, action: KeyAction, *, status: int = 200, msp_wide: bool = False
    ) -> Callable[[Work], Work]:
        """Enter the function below; its docstring and the types of `body`, `query` and its answer describe the call."""

        def enter(work: Work) -> Work:
            types = get_type_hints(work)
            gives = types["return"] if types["return"] is not type(None) else None
            summary = (work.__doc__ or "").partition(".")[0]
            operation = Operation(
                method, PREFIX + path, summary, types.get("body"), types.get("query"), gives, status
            )
            self.entries.append(Entry(operation, action, msp_wide, work))
            return work

        return enter
