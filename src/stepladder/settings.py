"""Process settings: environment variables with the prefix `STEPLADDER_`, read once, refused at start.

What an MSP can change (request lifetime, connector values) is data in the database, not here.
`docs/settings.md` has a paragraph for each field; a test compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from stepladder.kit.outbound import Route, is_proxy_address
from stepladder.kit.postgres import is_address
from stepladder.kit.tls import trust

_PREFIX = "STEPLADDER_"
# What commands read beside the settings, so that a name that nothing reads is one that was mistyped.
ALSO_READ = frozenset(
    {
        "AGENT_DIR",
        "ENROLMENT_TOKEN",
        "HALOPSA_SECRET",
        "HALOPSA_SETUP_SECRET",
        "REQUESTER_EMAIL",
        "SANDBOX_KEY",
    }
)


def find_unknown(environment: Iterable[str]) -> dict[str, str | None]:
    """The names of ours in the environment that nothing reads, each with the one that was probably meant."""
    known = {name.upper() for name in Settings.model_fields} | ALSO_READ
    ours = {name: name[len(_PREFIX) :].upper() for name in environment if name.upper().startswith(_PREFIX)}
    return {name: _nearest(rest, known) for name, rest in sorted(ours.items()) if rest not in known}


def _nearest(rest: str, known: Collection[str]) -> str | None:
    found = get_close_matches(rest, sorted(known), 1)
    return f"{_PREFIX}{found[0]}" if found else None


def _default_data_dir() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/stepladder")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "stepladder"


def _usual(*names: str) -> Callable[[], str | None]:
    """A default from the variables that other programs read for the same thing."""
    return lambda: next((os.environ[name] for name in names if os.environ.get(name)), None)


class Settings(BaseSettings):
    """Everything a process needs to know before it opens the database."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="ignore", frozen=True)

    data_dir: Path = Field(default_factory=_default_data_dir)
    database_url: str | None = Field(default=None, repr=False)
    database_owner_url: str | None = Field(default=None, repr=False)
    root_key_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8700, ge=1, le=65535)
    behind_tls_proxy: bool = False
    trusted_proxies: str = "127.0.0.1"
    outbound_allow: Annotated[tuple[str, ...], NoDecode] = ()
    outbound_ca_file: Path | None = Field(default_factory=_usual("SSL_CERT_FILE"), validate_default=True)
    outbound_proxy: str | None = Field(
        default_factory=_usual("HTTPS_PROXY", "https_proxy"), validate_default=True, repr=False
    )
    outbound_no_proxy: Annotated[tuple[str, ...], NoDecode] = Field(
        default_factory=_usual("NO_PROXY", "no_proxy"), validate_default=True
    )
    outbound_proxy_resolves: bool = False
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

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _addresses(cls, value: str | None) -> str | None:
        if value and not is_address(value):
            raise PydanticCustomError("address", "is not a PostgreSQL address")
        return value

    @field_validator("outbound_allow", "outbound_no_proxy", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return () if value is None else value

    @field_validator("outbound_ca_file", mode="before")
    @classmethod
    def _authorities(cls, value: object) -> object:
        """The file is read once at the start, so that a wrong one is told before anything is called."""
        if not value:
            return None
        try:
            trust(Path(str(value)))
        except OSError as error:
            raise ValueError(
                f"The file of authorities (also SSL_CERT_FILE) cannot be used: {error.strerror}."
            ) from error
        return value

    @field_validator("outbound_proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        value = (value or "").strip()
        if not value:
            return None
        value = value if "://" in value else f"http://{value}"
        if not is_proxy_address(value):
            raise ValueError(
                "The proxy (also HTTPS_PROXY) is not an address such as http://proxy.example:3128. Set it to nothing "
                "to go without one."
            )
        return value

    @field_validator("outbound_allow")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
                raise ValueError(f"{origin!r} is not an origin such as http://127.0.0.1:8701")
        return value

    @property
    def route(self) -> Route:
        """How calls leave the network."""
        return Route(
            self.outbound_ca_file, self.outbound_proxy, self.outbound_no_proxy, self.outbound_proxy_resolves
        )

    @cached_property
    def root_key_path(self) -> Path:
        """Where the root key lies: beside the embedded database's directory, never inside it."""
        return self.root_key_file or self.data_dir / "root.key"
