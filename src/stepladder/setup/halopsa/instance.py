"""One HaloPSA instance while it is set up: lists read once, refusals told apart from trouble."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected, RemoteGone, TryLater
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.matching import Row, text
from stepladder.setup.engine.system import Refused

from .elements import RUNBOOK
from .parts import Kind

_REFUSALS = ("halopsa_forbidden", "halopsa_not_there")


class NotShown(TryLater):
    """A write was taken, and what came of it cannot be seen. The next run looks for it."""

    def __init__(self) -> None:
        super().__init__("HaloPSA does not show what it was told to create.", code="halopsa_not_shown")


@dataclass(frozen=True)
class Resource:
    """Where things of a kind are in the API."""

    path: str
    rows: str
    """What the list is called where lists are wrapped."""
    listed_with: Mapping[str, Any] = field(default_factory=dict)
    read_with: Mapping[str, Any] = field(default_factory=dict)


_DETAILS = MappingProxyType({"includedetails": True})
RESOURCES: Mapping[str, Resource] = MappingProxyType(
    {
        Kind.FIELD: Resource("FieldInfo", "fields"),
        Kind.INTEGRATION: Resource("CustomIntegration", "integrations", read_with=_DETAILS),
        Kind.METHOD: Resource("CustomIntegrationMethod", "methods", read_with=_DETAILS),
        Kind.ACTION: Resource("Outcome", "outcomes", {"showhidden": True}, _DETAILS),
        Kind.PLACE: Resource("Workflow", "workflows", {"includeinactive": True}, _DETAILS),
        Kind.TAB: Resource("Tabs", "tabs"),
        Kind.REFERENCE: Resource("Client", "clients", {"includeinactive": True}),
        Kind.RUNBOOK: Resource("Webhook", "webhooks", {"type": RUNBOOK}, _DETAILS),
        Kind.TRIGGER: Resource("Notification", "notifications", {"showall": True}),
    }
)


class Instance:
    """Reads and writes configuration. Raises Refused, and ConnectorError where nothing works."""

    def __init__(self, client: HaloClient) -> None:
        self.client = client
        self._lists: dict[str, list[Row]] = {}
        self._refused: dict[str, str] = {}

    async def rows(self, kind: str, *, afresh: bool = False) -> list[Row]:
        """Every row of a kind, all pages, remembered until something of the kind is written."""
        if kind in self._refused:
            raise Refused(self._refused[kind])
        if afresh or kind not in self._lists:
            found = RESOURCES[kind]
            try:
                self._lists[kind] = await self._asked(
                    lambda: self.client.list_all(
                        found.path, found.rows, must_be_whole=True, **found.listed_with
                    )
                )
            except Refused as error:
                self._refused[kind] = str(error)
                raise
        return self._lists[kind]

    def forget(self) -> None:
        """Read every list again when it is next asked for."""
        self._lists.clear()

    async def whole(self, kind: str, remote_id: str) -> Row:
        """One thing with all its details. Raises RemoteGone where it is not there."""
        found = RESOURCES[kind]
        row = await self._asked(
            lambda: self.client.get(f"{found.path}/{remote_id}", **found.read_with), is_about_one=True
        )
        if not isinstance(row, dict) or text(row, "id").lower() != remote_id.lower():
            raise Refused("HaloPSA answered with something other than what was asked for.")
        return row

    async def write(self, kind: str, element: Mapping[str, Any]) -> str | None:
        """Create, or with an `id` change. Returns the id that HaloPSA says, if it says one."""
        self._lists.pop(kind, None)
        answer = await self._asked(lambda: self.client.post(RESOURCES[kind].path, dict(element)))
        return (text(answer, "id") or None) if isinstance(answer, dict) else None

    async def delete(self, kind: str, remote_id: str) -> None:
        """Delete one thing. Raises RemoteGone where it is not there."""
        self._lists.pop(kind, None)
        path = RESOURCES[kind].path
        await self._asked(lambda: self.client.delete(f"{path}/{remote_id}"), is_about_one=True)

    async def read(self, path: str, rows: str, **params: Any) -> list[Row]:
        """Any other list."""
        found: list[Row] = await self._asked(lambda: self.client.list_all(path, rows, **params))
        return found

    async def one(self, path: str, **params: Any) -> Row:
        """Any other thing."""
        row = await self._asked(lambda: self.client.get(path, **params))
        return row if isinstance(row, dict) else {}

    @staticmethod
    async def _asked(call: Callable[[], Awaitable[Any]], *, is_about_one: bool = False) -> Any:
        try:
            return await call()
        except RemoteGone as error:
            if is_about_one:
                raise
            raise Refused(error.message) from error
        except Rejected as error:
            raise Refused(error.message) from error
        except NeedsAttention as error:
            if is_about_one and error.code == "halopsa_not_there":
                # GUIDs are not told from addresses that do not exist.
                raise RemoteGone(error.message, code="halopsa_gone") from error
            if error.code not in _REFUSALS:
                raise
            raise Refused(_said(error)) from error


def _said(error: ConnectorError) -> str:
    if error.code == "halopsa_forbidden":
        return "HaloPSA does not allow that for this credential (403)."
    return "This HaloPSA has no such address in its API (404)."
