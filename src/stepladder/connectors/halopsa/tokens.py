"""Access tokens, remembered as long as they are valid.

A drain lasts seconds and a token an hour; a token for every drain would double the calls of a quiet day. A token
belongs to an application's credentials at one instance, so it is kept under exactly these.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from stepladder.kit.secret import Secret

from .config import SCOPES, HaloConfig

_KEPT_AT_MOST = 1000


@dataclass(frozen=True)
class Token:
    """A token, until when it is used (on the monotonic clock), and the permissions that it came with."""

    secret: Secret
    until: float
    granted: frozenset[str]


class Tokens:
    """Tokens in memory. They are written nowhere: after a restart new ones are asked for."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Token] = {}

    def get(self, key: bytes, now: float) -> Token | None:
        """A token that is still good."""
        token = self._kept.get(key)
        return token if token and now < token.until else None

    def put(self, key: bytes, token: Token) -> None:
        if len(self._kept) >= _KEPT_AT_MOST:
            self._kept.clear()
        self._kept[key] = token

    def drop(self, key: bytes) -> None:
        """Forget a token: it was refused, or a fresh one is wanted."""
        self._kept.pop(key, None)


def key_of(config: HaloConfig, secret: Secret, scopes: str = SCOPES) -> bytes:
    """The key under which a token is remembered. A changed secret never meets the token of the one before."""
    parts = (config.token_url, config.tenant or "", config.client_id, secret.reveal(), scopes)
    return hashlib.sha256("\0".join(parts).encode()).digest()


_OF_LOOPS: WeakKeyDictionary[asyncio.AbstractEventLoop, Tokens] = WeakKeyDictionary()


def of_this_loop() -> Tokens:
    """The tokens that all clients of the running event loop share: in a service, those of the process."""
    return _OF_LOOPS.setdefault(asyncio.get_running_loop(), Tokens())
