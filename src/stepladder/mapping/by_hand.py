"""Which remote customer a person means: by its id, or by its name. Pure.

A person may choose among those whose names fold together, which no automatic run does: the id is always a way out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.errors import Conflict, NotFound
from stepladder.kit.folding import fold

from .policy import resembling, told


class AmbiguousName(Conflict):
    """Two remote customers have that name."""

    code = "ambiguous_name"
    sentence = "More than one active customer in HaloPSA has that name. Use its id instead."


def choose(text: str, remotes: Collection[RemoteCustomer]) -> RemoteCustomer:
    """The active customer of that id or name; of several, the one that is equal to the letter.

    Raises NotFound, with those that only look the same, or AmbiguousName.
    """
    hits = _meant(text, (remote for remote in remotes if remote.is_active))
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise AmbiguousName(f"{AmbiguousName.sentence} {told(hits)}.")
    inactive = _meant(text, remotes)
    if inactive:
        raise NotFound(f"That customer is inactive in HaloPSA: {told(inactive)}.")
    alike = resembling(text, (remote for remote in remotes if remote.is_active))
    hint = f" {told(alike)}: that only looks the same. Use the id if it is meant." if alike else ""
    raise NotFound(f"HaloPSA has no active customer called {text!r}.{hint}")


def _meant(text: str, remotes: Iterable[RemoteCustomer]) -> list[RemoteCustomer]:
    wanted = text.strip()
    if not wanted:
        return []
    hits = [remote for remote in remotes if remote.id == wanted or fold(remote.name) == fold(text)]
    exact = [remote for remote in hits if wanted in (remote.id, remote.name.strip())]
    return exact if len(exact) == 1 else hits
