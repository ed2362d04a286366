"""The one folding of names. What a person cannot tell apart is one name: in the database, in calls, in HaloPSA.

Every name that stands for something is saved beside its folded form, and compared by that as plain text.
"""

from __future__ import annotations

import unicodedata

from stepladder.errors import Invalid

LONGEST_NAME = 200
# Printable to Python and yet seen by nobody: fillers, joiners, variation selectors, the blank Braille pattern.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


def fold(name: str) -> str:
    """Without regard to case, width and white space: NFKC, casefold, each run of white space one blank, trimmed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def tidy(name: str) -> str:
    """The name as people read it: outer white space off, each run inside one blank."""
    return " ".join(name.split())


def is_shown(text: str) -> bool:
    """Whether each of its characters can be seen; white space counts as a blank."""
    tidied = tidy(text)
    return tidied.isprintable() and UNSEEN.isdisjoint(tidied)


def clean(name: str, *, longest: int = LONGEST_NAME) -> str:
    """A name as it is saved. Raises Invalid where nobody could read it."""
    name = tidy(name)
    if not 1 <= len(name) <= longest or not is_shown(name):
        raise Invalid(f"A name has between 1 and {longest} printable characters.")
    return name
