"""A program's arguments as one line that can be read in one way only: as a shell writes them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from stepladder.kit.visible import is_visible

_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote_all(arguments: Iterable[str]) -> str:
    """The arguments, each quoted where it must be. Two lists never look the same."""
    return " ".join(_quote(each) for each in arguments)


def _quote(argument: str) -> str:
    """What cannot be seen is spelled out in $'…', where a backslash is doubled, so that it passes for nothing else."""
    if is_visible(argument):
        return shlex.quote(argument)
    return f"$'{''.join(_ESCAPES.get(c) or _spelled(c) for c in argument)}'"


def _spelled(character: str) -> str:
    if is_visible(character):
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
