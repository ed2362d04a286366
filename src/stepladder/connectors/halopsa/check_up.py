"""The check-up of a connection to HaloPSA: whether everything that the daily path needs is there and permitted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from stepladder.connectors.base import ConnectorError, TryLater
from stepladder.kit.findings import Finding, Result

from . import payloads
from .client import HaloClient
from .config import SCOPES, HaloConfig
from .lookups import Lookups


class CheckUp:
    """One check-up, with a client and look-ups of its own run."""

    def __init__(self, client: HaloClient, config: HaloConfig, lookups: Lookups) -> None:
        self._client, self._config, self._lookups = client, config, lookups

    async def run(self) -> list[Finding]:
        """One finding per thing the daily path needs; only the first where HaloPSA does not let us in at all."""
        client, lookups = self._client, self._lookups
        client.forget_token()
        one = {"pageinate": True, "page_size": 1, "page_no": 1}
        first = await _finding("Sign-in and permission read:tickets", lambda: client.get("Tickets", **one))
        if first.error and first.error.code != "halopsa_forbidden":
            return [first.finding]
        rest: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
            ("Permission read:customers", lambda: client.get("Client", **one)),
            ("Permission read:assets", lambda: client.get("Asset", **one)),
            ("Ticket type", lookups.ticket_type),
            ("Closed status", lookups.closed_status),
            ("Closing outcome", lookups.outcomes),
            *self._optional_names(),
        ]
        findings = [(await _finding(name, call)).finding for name, call in rest]
        return [
            first.finding,
            self._may_edit(),
            *findings,
            *self._source(),
            await self._users(),
            await self._agents(),
            await self._custom_fields(),
        ]

    def _optional_names(self) -> list[tuple[str, Callable[[], Awaitable[Any]]]]:
        """What tickets can go without, as far as it is set."""
        config, lookups = self._config, self._lookups
        named = [
            (config.category, "Category", lookups.category),
            (config.urgency, "Urgency", lookups.urgency),
            (config.impact, "Impact", lookups.impact),
            (config.team, "Team", lookups.team),
        ]
        return [(title, look_up) for value, title, look_up in named if value.strip()]

    def _source(self) -> list[Finding]:
        """A number that HaloPSA documents no list of."""
        is_set = self._config.source is not None
        return [Finding("Source", Result.CANNOT_KNOW, "Shown by the first ticket.")] if is_set else []

    def _may_edit(self) -> Finding:
        """The only right that cannot be tried without leaving a trace; HaloPSA says what the token allows."""
        name, granted = "Permission edit:tickets", self._client.granted
        if "edit:tickets" in granted:
            return Finding(name, Result.PASS)
        if granted & set(SCOPES.split()):
            return Finding(name, Result.FAIL, "The application's permissions do not include edit:tickets.")
        return Finding(name, Result.CANNOT_KNOW, "Shown by the first ticket.")

    async def _users(self) -> Finding:
        """Tickets name their end user where HaloPSA shows users; they go without otherwise."""
        found = await _finding(
            "Users", lambda: self._client.get("Users", pageinate=True, page_size=1, page_no=1)
        )
        if found.error is None:
            return found.finding
        return Finding(
            "Users",
            Result.WARNING,
            "HaloPSA does not show them; tickets are created for the customer's General User.",
        )

    async def _agents(self) -> Finding:
        """Closed tickets get their approver where HaloPSA shows agents. A list that cannot be read holds closing up."""
        try:
            if await self._lookups.agents():
                return Finding("Agents", Result.PASS)
        except TryLater as error:
            return Finding("Agents", Result.FAIL, error.message)
        except ConnectorError:
            pass  # tickets go without
        told = "HaloPSA shows none; tickets are closed without being assigned to who decided."
        return Finding("Agents", Result.WARNING, told)

    async def _custom_fields(self) -> Finding:
        """The buttons need the two fields; tickets do not, so a missing one is no failure."""
        name, wanted = "Custom fields", payloads.BUTTON_FIELDS
        try:
            has_both = await self._lookups.has_custom_fields(wanted)
        except ConnectorError:
            return Finding(name, Result.CANNOT_KNOW, "HaloPSA does not show them; the first ticket will.")
        if has_both:
            return Finding(name, Result.PASS)
        return Finding(
            name, Result.WARNING, f"Without {' and '.join(wanted)} the buttons in HaloPSA do not work."
        )


@dataclass(frozen=True)
class _Checked:
    finding: Finding
    error: ConnectorError | None = None


async def _finding(name: str, call: Callable[[], Awaitable[Any]]) -> _Checked:
    try:
        found = await call()
    except ConnectorError as error:
        return _Checked(Finding(name, Result.FAIL, error.message), error)
    if found is None:
        return _Checked(
            Finding(name, Result.WARNING, "Not found by that name; tickets are created without it.")
        )
    return _Checked(Finding(name, Result.PASS))
