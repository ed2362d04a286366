"""The one folding of names. What a person cannot tell apart is one name: in the database, in calls, in HaloPSA.

Every name that stands for something is saved beside its folded form, and compared by that as plain text.
"""

from __future__ import annotations

import unicodedata

from stepladder.errors import Invalid

from .visible import is_visible

LONGEST_NAME = 200


def fold(name: str) -> str:
    """Without regard to case, width and white space: NFKC, casefold, each run of white space one blank, trimmed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def tidy(name: str) -> str:
    """The name as people read it: outer white space off, each run inside one blank."""
    return " ".join(name.split())


def is_shown(text: str) -> bool:
    """Whether each of its characters can be seen; white space counts as a blank."""
    return is_visible(tidy(text))


def clean(name: str, *, longest: int = LONGEST_NAME) -> str:
    """A name as it is saved. Raises Invalid where nobody could read it."""
    name = tidy(name)
    if not 1 <= len(name) <= longest or not is_shown(name):
        raise Invalid(f"A name has between 1 and {longest} printable characters.")
    return name
