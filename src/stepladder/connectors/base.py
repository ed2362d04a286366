"""What every connector has in common: the four ways it can fail, look-ups, where its settings lead.

A connector speaks to one remote instance, holds no state that matters, and imports no feature. What one kind of remote
instance can do is its own interface beside this one (`ticket_system`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stepladder.kit.findings import Finding
from stepladder.remedies import OF_CODE, Remedy


class ConnectorError(Exception):
    """Base of the four kinds. The message is for a technician; it never holds a secret or a remote body."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    @property
    def remedy(self) -> Remedy | None:
        """What a person can do about it with a command of ours, as rows find it too: by the code."""
        return OF_CODE.get(self.code)


class TryLater(ConnectorError):
    """The remote does not work right now. The whole instance waits, `after` seconds if it said so.

    `may_have_happened` is true where a write was sent and its outcome is unknown; `rests_at_once` where the instance
    rests after the first such answer, as it does when its own call limit is reached.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        after: float | None = None,
        may_have_happened: bool = False,
        rests_at_once: bool = False,
    ) -> None:
        super().__init__(message, code=code)
        self.after = after
        self.may_have_happened = may_have_happened
        self.rests_at_once = rests_at_once


class NeedsAttention(ConnectorError):
    """A person must act. `whole_instance` is true where nothing can work until then (credentials, rights)."""

    def __init__(self, message: str, *, code: str, whole_instance: bool = False) -> None:
        super().__init__(message, code=code)
        self.whole_instance = whole_instance


class RemoteGone(ConnectorError):
    """The remote thing was there and is not any more."""


class Rejected(ConnectorError):
    """The remote understood and said no; it certainly did nothing.

    `is_of_content` where it does not take what was sent: something else may be taken.
    """

    def __init__(self, message: str, *, code: str, is_of_content: bool = False) -> None:
        super().__init__(message, code=code)
        self.is_of_content = is_of_content


@dataclass(frozen=True)
class Places:
    """Where a connector's settings lead. While `secret_goes_to` is the same, a secret stays where it was tested."""

    secret_goes_to: tuple[str, ...]
    instance: tuple[str, ...]
    """Which instance is asked: ids that were found at one mean nothing at another."""


@dataclass(frozen=True)
class LookupEntry:
    """A remembered look-up. `remote_id` None remembers that nothing was found."""

    remote_id: str | None
    fetched_at: datetime


@dataclass(frozen=True)
class Lookup:
    """What is looked up: a name of a kind, in a scope (a customer, a board), empty where names are the instance's."""

    kind: str
    name: str
    scope: str = ""


class LookupStore(Protocol):
    """Where a connector saves ids that it found by name, so that a restart costs no calls."""

    async def get(self, wanted: Collection[Lookup]) -> dict[Lookup, LookupEntry]:
        """What is remembered of these, however old, in one question."""
        ...

    async def put(self, lookup: Lookup, remote_id: str | None) -> None:
        """Remember it from now on."""
        ...

    async def forget(self, kinds: tuple[str, ...] | None = None) -> None:
        """Forget these kinds, or everything."""
        ...


BeforeCall = Callable[[], Awaitable[None]]
"""Called before each remote call; waits for the budget, raises when the caller lost its lease."""


class Connector(Protocol):
    """What every connector can do. Every method may raise the four kinds of `ConnectorError`."""

    async def check(self) -> list[Finding]:
        """Look whether everything the daily path needs is there and permitted."""
        ...

    async def aclose(self) -> None:
        """Give connections back."""
        ...
