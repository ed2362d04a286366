"""What a change of a connector's settings means. Pure.

A secret is only ever sent where it was tested (THREATS T12), and ids that were found in one instance are used in no
other: customer 1 of another HaloPSA is somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stepladder.connectors.base import Places
from stepladder.connectors.ticket_system import RemoteCustomer

Changes = Mapping[str, Any]
"""Settings by name. None takes a setting back to its default."""


def with_changes(settings: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """The settings as they are to be, defaults left out where one is taken back."""
    wanted = {**settings, **changes}
    return {name: value for name, value in wanted.items() if name not in changes or value is not None}


def changed_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of what is not the same in both."""
    names = before.keys() | after.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))


def needs_secret(before: Places, after: Places) -> bool:
    """Whether the secret would go where it never was, so that it has to be given anew."""
    return before.secret_goes_to != after.secret_goes_to


def moves(before: Places, after: Places) -> bool:
    """Whether another instance may be asked from now on."""
    return before.instance != after.instance


def is_same_instance(
    linked: Mapping[str, str], remotes: Iterable[RemoteCustomer], *, has_tickets: bool
) -> bool:
    """Whether the instance at the new address is the one that we know.

    `linked` are the remote names of linked customers by remote id. Every one of them must be there under that id and
    name. Where there is nothing to compare, tickets of ours would be taken for others of the same number.
    """
    names = {remote.id: _key(remote.name) for remote in remotes}
    if not linked:
        return not has_tickets
    return all(names.get(remote_id) == _key(name) for remote_id, name in linked.items())


def _key(name: str) -> str:
    return name.strip().casefold()
