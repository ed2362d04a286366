"""What an MSP sets to reach its HaloPSA: addresses in all their forms, and names with the documented defaults."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import httpx2
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from stepladder.kit.outbound import origin_of

SCOPES = "read:tickets edit:tickets read:customers read:assets"


class HaloConfig(BaseModel):
    """One instance. Every name is looked up without regard to case and never assumed to be an id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    auth_url: str = ""
    tenant: str | None = None
    client_id: str = Field(min_length=1, max_length=200)
    ticket_type: str = Field(default="Incident", min_length=1)
    category: str = "Business Applications"
    urgency: str = "Medium"
    impact: str = "Single User Affected"
    closed_status: str = Field(default="Closed", min_length=1)
    closing_outcome: str | None = Field(
        default=None, description="Empty: the first of the usual ones that there is."
    )
    closure_minutes: float = Field(default=5, ge=0, le=24 * 60)
    search_lag_seconds: float = Field(default=60, ge=0, le=600)
    press_wait_seconds: float = Field(default=3, ge=0, le=60)
    drift_check_seconds: float = Field(default=30, ge=10, le=3600)

    @field_validator("url", "auth_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        value = value.strip()
        if not value:
            return value
        if "://" not in value:
            value = f"https://{value}"
        value = value.rstrip("/")
        if not _is_address(value):
            raise ValueError("Give the address as in https://example.halopsa.com")
        parts = urlsplit(value)
        if parts.query or parts.fragment:
            raise ValueError("Give the address without anything behind ? or #")
        return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, "", ""))

    @model_validator(mode="after")
    def _has_url(self) -> HaloConfig:
        if not self.url:
            raise ValueError("The address of the HaloPSA instance is missing.")
        return self

    @property
    def api_base(self) -> str:
        """The resource server: a bare host gets `/api` (API.md section 1)."""
        return self.url if self.url.lower().endswith("/api") else f"{self.url}/api"

    @property
    def token_url(self) -> str:
        """The token endpoint: on the same host below `/auth` where no other address is given."""
        base = self.auth_url or f"{origin_of(self.url)}/auth"
        return base if base.lower().endswith("/token") else f"{base}/token"


def _is_address(value: str) -> bool:
    """Whether `value` can be called at all: scheme, host and port are such that no later step chokes on them."""
    try:
        parts, host = urlsplit(value), httpx2.URL(value).host
        host.encode("idna")
        port = parts.port
    except (ValueError, httpx2.InvalidURL):
        return False
    is_named = bool(parts.hostname) and all(c.isalnum() or c in "-._:" for c in host)
    is_clean = value.isprintable() and " " not in value and "\\" not in value
    return (
        parts.scheme in ("http", "https") and "@" not in parts.netloc and is_named and is_clean and port != 0
    )
