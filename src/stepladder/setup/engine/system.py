"""What a remote system must offer to be set up. The engine knows nothing else of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .parts import Ids, Made, Part, Row


class Refused(Exception):
    """The system does not let its API do this, so a person does it by hand. It certainly did nothing."""


class Shown(StrEnum):
    """What a look at one part came to."""

    ABSENT = "absent"
    ONE = "one"
    SEVERAL = "several"
    HIDDEN = "hidden"
    """The system does not show whether it is there, or what it is like."""
    NEEDLESS = "needless"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True)
class Sight:
    """What a look at one part showed. `note` is what is to be said of it."""

    shown: Shown
    ids: tuple[str, ...] = ()
    row: Row | None = None
    note: str = ""


ABSENT = Sight(Shown.ABSENT)


@dataclass(frozen=True)
class User:
    """What would stop working without a part."""

    kind: str
    remote_id: str
    name: str


@dataclass(frozen=True)
class Held:
    """A thing that we made, as it is now, and what depends on it."""

    made: Made
    sight: Sight
    users: tuple[User, ...] = ()


class Blueprint(Protocol):
    """What the parts should be like. Pure: nothing here calls the system."""

    def differences(self, part: Part, row: Row, ids: Ids) -> Sequence[str]:
        """What of a part is not as it should be, a sentence each; empty when it is right."""
        ...

    def obstacle(self, part: Part) -> str:
        """Why a part cannot be made, other than what it depends on; empty when it can."""
        ...

    def note(self, part: Part) -> str:
        """What is to be said when a part is made."""
        ...

    def steps(self, part: Part) -> tuple[str, ...]:
        """How a person makes a part that is not there."""
        ...

    def corrections(self, part: Part, row: Row | None, ids: Ids) -> tuple[str, ...]:
        """How a person makes right a part that is there, without making a second one; no `row`: it cannot be seen."""
        ...

    def key_steps(self, part: Part) -> tuple[str, ...]:
        """How a person gives another key to a part that is there."""
        ...

    def fingerprint(self, row: Row) -> bytes:
        """What tells whether a thing is as we left it."""
        ...


class Things(Protocol):
    """How the parts of one kind are reached. Every call may raise `ConnectorError`, too."""

    async def look(self, part: Part, ids: Ids, known_id: str | None, *, afresh: bool = False) -> Sight:
        """What there is by the part's name or, where it was renamed, by the id that we know.

        `afresh` asks for what is there now, and not for what an earlier look has shown.
        """
        ...

    async def create(self, part: Part, ids: Ids, key: str) -> tuple[str, Row]:
        """Make it. Returns its id, and it as it is then. Raises Refused."""
        ...

    async def set_key(self, part: Part, remote_id: str, key: str) -> None:
        """Give another key to one that is there. Raises Refused or RemoteGone."""
        raise Refused("It holds no key.")

    async def read(self, part: Part, remote_id: str) -> Sight:
        """One that is there, as it is now. Raises Refused or RemoteGone."""
        ...

    async def users(self, part: Part, remote_id: str, row: Row) -> list[User]:
        """What depends on it. Raises Refused."""
        return []

    async def delete(self, part: Part, remote_id: str) -> None:
        """Take it away. Raises Refused or RemoteGone."""
        ...


class System(Protocol):
    """One remote system, with the credential that may set it up."""

    @property
    def blueprint(self) -> Blueprint:
        """What its parts should be like, once it is prepared."""
        ...

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is to be there, each behind all that it depends on."""
        ...

    async def prepare(self) -> None:
        """Read what the parts refer to and set-up never makes."""
        ...

    def forget(self) -> None:
        """Forget what was seen, so that who uses a part is looked up again."""
        ...

    def things(self, kind: str) -> Things:
        """How parts of a kind are reached."""
        ...
