"""What a change of a connector's settings means. Pure.

A secret is only ever sent where it was tested (threat T12), and ids that were found in one instance are used in no
other: customer 1 of another HaloPSA is another company.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepladder.connectors.base import Places

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
    """Whether the secret would go where it never was, so that it has to be given again."""
    return before.secret_goes_to != after.secret_goes_to


def moves(before: Places, after: Places) -> bool:
    """Whether another instance may be asked from now on."""
    return before.instance != after.instance
