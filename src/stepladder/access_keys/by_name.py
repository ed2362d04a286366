"""Use cases of operators, who write what a key may do as text, and name its customers as people do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from stepladder.errors import Invalid
from stepladder.kit.db import Transaction
from stepladder.tenancy.service import find_customer
from stepladder_protocol.messages import ElevationKind

from . import service
from .networks import parsed_networks
from .service import DEFAULT_CALLS_PER_MINUTE, InboundKey, KeyAction, Limits

Choice = TypeVar("Choice", bound=StrEnum)


async def create_key(
    tx: Transaction,
    *,
    name: str,
    actions: Sequence[str],
    modes: Sequence[str],
    customers: Sequence[str],
    requires_technician: bool,
    lifetime: timedelta,
    networks: Sequence[str],
    calls_per_minute: int | None,
) -> tuple[InboundKey, str]:
    """A new key and its text; nothing named means approving and denying, as a user, everywhere.

    Raises Invalid, or NotFound for a customer.
    """
    customer_ids = [(await find_customer(tx, each)).id for each in customers]
    return await service.create_key(
        tx,
        name=name,
        actions=_parse(KeyAction, actions, "an action") or [KeyAction.APPROVE, KeyAction.DENY],
        modes=_parse(ElevationKind, modes, "a mode") or [ElevationKind.USER],
        customer_ids=list(customer_ids) or None,
        requires_technician=requires_technician,
        lifetime=lifetime,
        networks=parsed_networks(networks) if networks else None,
        calls_per_minute=DEFAULT_CALLS_PER_MINUTE if calls_per_minute is None else calls_per_minute,
    )


async def limit_key(
    tx: Transaction, key_id: str, *, networks: Sequence[str], anywhere: bool, calls_per_minute: int | None
) -> Limits:
    """Change a key's limits; what is not named stays. Raises NotFound, KeyRevoked or Invalid."""
    wanted = parsed_networks(networks) if networks else None

    def change(before: Limits) -> Limits:
        return Limits(
            None if anywhere else wanted or before.networks,
            before.calls_per_minute if calls_per_minute is None else calls_per_minute,
        )

    return await service.limit_key(tx, key_id, change)


def _parse(choices: type[Choice], texts: Sequence[str], what: str) -> list[Choice]:
    """Raises Invalid with the choices that there are."""
    for text in texts:
        if text not in list(choices):
            raise Invalid(f"{text!r} is not {what}. Choose from: {', '.join(choices)}.")
    return [choices(text) for text in texts]
