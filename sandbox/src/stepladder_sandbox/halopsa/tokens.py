"""Access tokens: what may be asked for, what is granted, and how long it lasts (HaloPSA facts 2, 3)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from stepladder_sandbox.halopsa.records import Access, Agent, Application, Rights

_RESOURCES = (
    *(
        "tickets",
        "calendar",
        "customers",
        "crm",
        "contracts",
        "suppliers",
        "items",
        "projects",
        "sales",
        "quotes",
    ),
    *("sos", "pos", "invoices", "reporting", "software", "softwarelicensing", "kb", "assets", "timesheets"),
)
_EVERYTHING = frozenset({"all", "all:standard", "admin"})
_CONFIGURATION = frozenset({"all", "admin"})
KNOWN_SCOPES = (
    _EVERYTHING
    | {"all:teams", "offline_access", "access:chat", "access:adpasswordreset"}
    | {f"{verb}:{resource}" for verb in ("read", "edit") for resource in _RESOURCES}
)
"""Every scope that HaloPSA knows. There is no `read:users`, `read:agents`, `read:actions`, `read:sites`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What a token stands for. Rights are those of the moment of issue: a later fix needs a new token."""

    application: Application
    agent: Agent
    scopes: frozenset[str]
    rights: Rights
    expires_at: datetime

    def may(self, verb: str, resource: str) -> bool:
        """True if scopes and role both allow it. `edit:x` includes `read:x`."""
        in_scope = bool(self.scopes & _EVERYTHING) or f"edit:{resource}" in self.scopes
        if verb == "read":
            in_scope = in_scope or f"read:{resource}" in self.scopes
        return in_scope and _role_allows(self.rights, verb, resource)

    def may_configure(self, *, standard_scope_is_enough: bool) -> bool:
        """True if scopes and role allow setting HaloPSA up. Neither of them is enough without the other."""
        enough = _CONFIGURATION | ({"all:standard"} if standard_scope_is_enough else set())
        return bool(self.scopes & enough) and self.rights.administrator


def _role_allows(rights: Rights, verb: str, resource: str) -> bool:
    access: dict[str, Access] = {
        "tickets": rights.tickets,
        "customers": rights.clients,
        "assets": rights.assets,
    }
    return access[resource] == "modify" or (verb == "read" and access[resource] == "read")


class TokenStore:
    """The tokens that are alive."""

    def __init__(self) -> None:
        # Tokens look like the encrypted JWTs of OpenIddict. The part that all of one sandbox share is random
        # too, so that the log can be kept free of every token by knowing this one text.
        self.common_part = f"eyJhbGciOiJSU0EtT0FFUCIsInR5cCI6ImF0K2p3dCJ9.{secrets.token_urlsafe(24)}"
        self._grants: dict[str, Grant] = {}

    def issue(
        self, application: Application, agent: Agent, scopes: frozenset[str], now: datetime, lifetime_s: int
    ) -> str:
        """A new token, good for so many seconds."""
        token = f"{self.common_part}.{secrets.token_urlsafe(48)}"
        self._grants[token] = Grant(
            application=application,
            agent=agent,
            scopes=scopes,
            rights=agent.rights,
            expires_at=now + timedelta(seconds=lifetime_s),
        )
        return token

    def check(self, token: str, now: datetime) -> Grant | None:
        """What a token stands for, or nothing if it is unknown or over."""
        grant = self._grants.get(token)
        if grant and grant.expires_at <= now:
            del self._grants[token]
            return None
        return grant

    def revoke(self, token: str) -> None:
        """End one token before its time."""
        self._grants.pop(token, None)

    def revoke_all(self) -> None:
        """End all tokens before their time."""
        self._grants.clear()

    def __len__(self) -> int:
        return len(self._grants)
