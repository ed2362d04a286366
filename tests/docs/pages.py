"""Reading the documents: a page's paragraphs by their heading, a table's rows by their first cell."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_HEADING = re.compile(r"^#{2,4} (.+)$", re.MULTILINE)


def page(name: str) -> str:
    """A document as it is."""
    return (ROOT / name).read_text(encoding="utf-8")


def sections(name: str) -> dict[str, str]:
    """What stands below each heading, by the heading without its marks of code."""
    parts = _HEADING.split(page(name))
    return {
        heading.replace("`", "").strip(): body for heading, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def rows(name: str) -> dict[str, str]:
    """Every table row of a document whose first cell is code, by that code."""
    found = re.findall(r"^\| `([^`|]+)` \|(.*)$", page(name), re.MULTILINE)
    return dict(found)


def plain(text: str) -> str:
    """`text` on one line and without marks, to compare sentences that were wrapped."""
    return " ".join(text.replace("*", "").replace("`", "").split())
