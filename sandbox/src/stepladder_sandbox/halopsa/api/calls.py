"""One call and its answer as the handlers see them, so that every handler is a plain function."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.refusals import forbidden
from stepladder_sandbox.halopsa.tokens import Grant
from stepladder_sandbox.halopsa.world import World

_INTEGER = re.compile(r"\s*-?\d{1,18}\s*")


class Query:
    """Query parameters as HaloPSA takes them: names without case, bad values ignored, unknown ones too."""

    def __init__(self, raw: bytes, *, ignored: Collection[str] = ()) -> None:
        pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
        self._values = {name.lower(): value for name, value in pairs if name.lower() not in ignored}

    def text(self, name: str) -> str:
        """The value, or an empty string."""
        return self._values.get(name, "").strip()

    def flag(self, name: str, *, default: bool = False) -> bool:
        """`true`, `True` and `1` are yes (HaloPSA fact 20)."""
        value = self.text(name).lower()
        return value in ("true", "1") if value else default

    def integer(self, name: str) -> int | None:
        """The number, or nothing: a bad filter is ignored, and then *all* rows return (HaloPSA fact 13)."""
        value = self._values.get(name, "")
        return int(value) if _INTEGER.fullmatch(value) else None

    def integers(self, name: str) -> set[int] | None:
        """A comma list of numbers, or nothing if it holds none."""
        found = {int(part) for part in self._values.get(name, "").split(",") if _INTEGER.fullmatch(part)}
        return found or None

    def for_log(self) -> dict[str, str]:
        """The parameters without those that could carry a secret."""
        return {
            name: value
            for name, value in self._values.items()
            if "secret" not in name and "token" not in name
        }


@dataclass(kw_only=True, slots=True)
class ApiCall:
    """A call as it arrived. `path` is in lower case: HaloPSA's paths have none (HaloPSA fact 1)."""

    number: int
    method: str
    path: str
    query: Query
    headers: dict[bytes, bytes]
    body: bytes
    base_url: str
    grant: Grant | None = None

    @property
    def bearer(self) -> str:
        """The access token, or an empty string."""
        scheme, _, token = self.headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def caller(self) -> Caller:
        """The agent behind the token. Handlers run only with a token that was checked."""
        if self.grant is None:
            raise forbidden()
        return Caller.of_grant(self.grant)


Ending = Literal["whole", "cut", "dropped", "reset"]
"""How an answer reaches the client: whole, cut off in its body, not at all, or with a TCP reset instead."""


@dataclass(kw_only=True, slots=True)
class Answer:
    """What goes back: `data` becomes JSON; `raw` is sent as it is, with its own media type."""

    status: int = 200
    data: Any = None
    raw: bytes | None = None
    media_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    ending: Ending = "whole"

    @classmethod
    def html(cls, status: int, markup: str) -> Answer:
        """A page where a client expects JSON."""
        return cls(status=status, raw=markup.encode(), media_type="text/html; charset=utf-8")

    @classmethod
    def text(cls, status: int, words: str) -> Answer:
        """A plain sentence."""
        return cls(status=status, raw=words.encode(), media_type="text/plain; charset=utf-8")

    @classmethod
    def empty(cls, status: int) -> Answer:
        """No body at all."""
        return cls(status=status, raw=b"")


Handler = Callable[[World, ApiCall, str], Answer]
"""Answers a call; the last argument is the path after the resource, as in `/api/tickets/<rest>`."""


def require_setup(world: World, call: ApiCall) -> None:
    """Raises Refused (403, no body) unless scopes and role allow setting HaloPSA up."""
    enough = world.switches.standard_scope_configures
    if call.grant is None or not call.grant.may_configure(standard_scope_is_enough=enough):
        raise forbidden()


def require(call: ApiCall, verb: str, resource: str) -> None:
    """Raises Refused (403, no body) unless scopes and role allow it."""
    if call.grant is None or not call.grant.may(verb, resource):
        raise forbidden()
