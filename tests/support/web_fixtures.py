"""Fixtures of the tests that speak to the application and need no ticket system: tenants behind a running web."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.kit.log import get_logger
from stepladder.settings import Settings
from stepladder.web import problems
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, new_tenant
from tests.support.web import Machine, MovedClock, RunningWeb, machine, running_web


@pytest.fixture
def clock() -> MovedClock:
    """The services' clock, for the test to move."""
    return MovedClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings without a ticket system."""
    return settings_in(tmp_path, long_poll_seconds=20)


@pytest.fixture
async def services(settings: Settings, urls: DatabaseUrls, clock: MovedClock) -> AsyncIterator[Services]:
    """The product in this process, on this process's database, on the moved clock."""
    async with open_services(settings, urls, clock=clock) as opened:
        yield opened


@pytest.fixture
async def other_process(
    settings: Settings, urls: DatabaseUrls, clock: MovedClock
) -> AsyncIterator[RunningWeb]:
    """A second application on the same database, which shares nothing else but the root key's file."""
    async with open_services(settings, urls, clock=clock) as opened, running_web(opened) as running:
        yield running


@pytest.fixture
async def web(services: Services) -> AsyncIterator[RunningWeb]:
    """The application on a loopback socket."""
    async with running_web(services) as running:
        yield running


@pytest.fixture
async def other_msp(services: Services) -> Tenant:
    """Another MSP on the same installation."""
    return await new_tenant(services, name="Southwind MSP")


@pytest.fixture
def desk(tenant: Tenant) -> Machine:
    """The tenant's enrolled desktop."""
    return machine(tenant)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[MutableMapping[str, Any]]]:
    """What the web layer logs. It gets a fresh logger, because one that was used before keeps its old outlet."""
    monkeypatch.setattr(problems, "_log", get_logger("web"))
    with structlog.testing.capture_logs() as lines:
        yield lines
