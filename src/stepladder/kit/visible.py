"""Text from elsewhere as people may see it: what moves the cursor, turns direction or cannot be seen is spelled out."""

from __future__ import annotations

# Printable to Python and yet seen by nobody: fillers, joiners, variation selectors, the blank Braille pattern.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


def is_visible(text: str) -> bool:
    """Whether every character can be seen and stays in its place."""
    return text.isprintable() and not UNSEEN.intersection(text)


def spell_out(text: str) -> str:
    """`text` with control, direction and unseen characters as escapes, so that nothing can disguise itself."""
    if is_visible(text):
        return text
    return "".join(c if is_visible(c) else c.encode("unicode_escape").decode("ascii") for c in text)
