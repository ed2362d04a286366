"""Process settings: environment variables with the prefix `STEPLADDER_`, read once, refused at start.

What an MSP can change (request lifetime, connector values) is data in the database, not here.
`docs/settings.md` has a paragraph for each field; a test compares the two.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _default_data_dir() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/stepladder")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "stepladder"


class Settings(BaseSettings):
    """Everything a process needs to know before it opens the database."""

    model_config = SettingsConfigDict(env_prefix="STEPLADDER_", extra="ignore", frozen=True)

    data_dir: Path = Field(default_factory=_default_data_dir)
    database_url: str | None = None
    database_owner_url: str | None = None
    root_key_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8700, ge=1, le=65535)
    behind_tls_proxy: bool = False
    trusted_proxies: str = "127.0.0.1"
    outbound_allow: Annotated[tuple[str, ...], NoDecode] = ()
    long_poll_seconds: float = Field(default=50, gt=0, le=55)
    max_waiting: int = Field(default=6000, ge=1)
    endpoint_messages_per_minute: int = Field(default=300, ge=1, le=1_000_000)
    endpoint_requests_per_minute: int = Field(default=24, ge=1, le=1_000_000)
    database_pool: int = Field(default=10, ge=2, le=200)
    sweep_seconds: float = Field(default=2, gt=0, le=60)
    heartbeat_seconds: float = Field(default=3, gt=0, le=60)
    stalled_after_seconds: float = Field(default=12, gt=0, le=600)
    retry_base_seconds: float = Field(default=2, gt=0)
    retry_cap_seconds: float = Field(default=60, gt=0)
    attention_cap_seconds: float = Field(default=900, gt=0)
    http_timeout_seconds: float = Field(default=65, gt=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @field_validator("outbound_allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("outbound_allow")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
                raise ValueError(f"{origin!r} is not an origin such as http://127.0.0.1:8701")
        return value

    @cached_property
    def root_key_path(self) -> Path:
        """Where the root key lies: beside the embedded database's directory, never inside it."""
        return self.root_key_file or self.data_dir / "root.key"
