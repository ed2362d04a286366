"""What an MSP sets to reach its HaloPSA: addresses in all their forms, and names with the documented defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx2
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from stepladder.connectors.base import Places
from stepladder.kit.outbound import origin_of

SCOPES = "read:tickets edit:tickets read:customers read:assets"
# On the vendor's own hosts the API is at /api and nowhere else (HaloPSA fact 1).
_HOSTED = (".halopsa.com", ".haloitsm.com", ".haloservicedesk.com")
_LARGEST_NUMBER = 2**31 - 1


class HaloConfig(BaseModel):
    """One instance. Every name is looked up without regard to case and never assumed to be an id.

    Of `category`, `urgency`, `impact`, `team` and `source`, "none" leaves the field out of new tickets.
    """

    # People paste ids and names with blanks around them.
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    url: str
    auth_url: str = ""
    tenant: str | None = None
    client_id: str = Field(min_length=1, max_length=200)
    ticket_type: str = Field(default="Incident", min_length=1)
    category: str = "Business Applications"
    urgency: str = "Medium"
    impact: str = "Single User Affected"
    team: str = ""
    source: int | None = None
    closed_status: str = Field(default="Closed", min_length=1)
    closing_outcome: str | None = Field(
        default=None, description="Empty: the first of the usual ones that there is."
    )
    search_lag_seconds: float = Field(default=60, ge=0, le=600)

    @field_validator("category", "urgency", "impact", "team")
    @classmethod
    def _name_or_none(cls, value: str) -> str:
        return "" if _is_none(value) else value.strip()

    @field_validator("source", mode="before")
    @classmethod
    def _number(cls, value: Any) -> int | None:
        """The number as HaloPSA wants it: which names the numbers have is documented nowhere."""
        if value is None or (isinstance(value, str) and (_is_none(value) or not value.strip())):
            return None
        text = "" if isinstance(value, bool) else str(value).strip()
        if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > _LARGEST_NUMBER:
            raise ValueError("Give the number that HaloPSA has for the source, as in source=5")
        return int(text)

    @field_validator("url")
    @classmethod
    def _of_instance(cls, value: str) -> str:
        """The instance, also where the address of its sign-in, or of a page of it, was copied."""
        parts = urlsplit(_absolute(value))
        path = re.sub(r"/auth(/token)?$", "", parts.path, flags=re.IGNORECASE)
        if (parts.hostname or "").endswith(_HOSTED) and path.lower() != "/api":
            path = ""
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    @field_validator("auth_url")
    @classmethod
    def _of_sign_in(cls, value: str) -> str:
        address = _absolute(value)
        if address.lower().endswith("/api"):
            raise ValueError(
                "That is the resource server. The authorisation server is as in https://example.halopsa.com/auth"
            )
        return address

    @model_validator(mode="after")
    def _has_url(self) -> HaloConfig:
        if not self.url:
            raise ValueError("The address of the HaloPSA instance is missing.")
        return self

    @property
    def api_base(self) -> str:
        """The resource server: a bare host gets `/api` (HaloPSA fact 1)."""
        return self.url if self.url.lower().endswith("/api") else f"{self.url}/api"

    @property
    def token_url(self) -> str:
        """The token endpoint: on the same host below `/auth` where no other address is given."""
        base, own = self.auth_url, f"{origin_of(self.url)}/auth"
        if not base or (not urlsplit(base).path and origin_of(base) == origin_of(self.url)):
            base = own
        return base if base.lower().endswith("/token") else f"{base}/token"

    @property
    def places(self) -> Places:
        """The secret goes to the token endpoint, and what it buys to the instance's origin."""
        origin, tenant = origin_of(self.url), (self.tenant or "").strip().casefold()
        path = urlsplit(self.api_base).path.lower()
        return Places(secret_goes_to=(origin, self.token_url), instance=(origin, path, tenant))


def halo_config(settings: Mapping[str, Any]) -> HaloConfig:
    """HaloPSA's own part of a connection's settings, which were checked before they were saved."""
    return HaloConfig(**{name: value for name, value in settings.items() if name in HaloConfig.model_fields})


def _absolute(value: str) -> str:
    """An address as people copy it, with a scheme and without a slash at its end. Raises ValueError."""
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


def _is_none(value: str) -> bool:
    return value.strip().casefold() == "none"


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
