"""Checks that no file of the repository names a place that exists only where it was written.

Paths of one machine and hosts of package registries must not reach a commit: the first mean nothing elsewhere, and
the second would tie every installation to one mirror. A registry is known by the form in which it is named, not by its
name: the value of an index option, the `resolved` address of a lock, any address in a lock or a configuration file.
"""

from __future__ import annotations

import re
import sys
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from repository import ROOT, files

if TYPE_CHECKING:
    from collections.abc import Iterator

# Written with classes, so that this file does not contain what it looks for.
MACHINE_PATHS = ["/work[/]", "/root[/]", "/opt[/]wheels", "/opt[/]pypi"]

ADDRESS = r"[a-z][a-z0-9+.-]*://(?P<host>\[[^\]]*\]|[\w.-]*)|git@(?P<git>[\w.-]+):"
# What makes an installer look elsewhere, as an option, a setting or a variable; a relative folder is no other place.
OPTION = r"index[-_]url|find[-_]links|default[-_]index|--index|registry|\bgoproxy|\bresolved|\b(?:pip|uv)\b.* -[if]"
INDEX_OPTION = re.compile(rf"""(?:{OPTION})["']?[ \t=:]+["']?(?:{ADDRESS}|(?P<place>/\w))""", re.IGNORECASE)
TRUSTED = re.compile(r"""trusted[-_]host["']?[ \t=:]+["']?(?P<host>[\w-]+(?:\.[\w-]+)+)""", re.IGNORECASE)
ANY_ADDRESS = re.compile(ADDRESS, re.IGNORECASE)

LOCKS_AND_CONFIGURATION = (
    *("*.lock", "*.toml", "*.cfg", "*.ini", "*.conf", "*.yml", "*.yaml", "*lock.json", "*package.json"),
    *("*requirements*.txt", "*constraints*.txt", "*.npmrc", "*.yarnrc", "*.pypirc"),
    *("Makefile", "*Dockerfile*", "*.env", ".ci/*", "tools/*", ".editorconfig"),
)
# Names that are nobody's, for examples, and this very machine's.
EXAMPLE_HOST = re.compile(
    r"(?:.*\.)?(?:example|example\.(?:com|org|net)|test|localhost)|127\.0\.0\.1|\[::1\]", re.IGNORECASE
)

# A file and a word that may stand there, each with its reason in a comment.
ALLOWED: set[tuple[str, str]] = set()


def main() -> int:
    """Print each forbidden word with its place. Returns the exit status."""
    found = 0
    for path in files():
        text = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        for hit in find_strays(path, text):
            if (path.as_posix(), hit[0]) not in ALLOWED:
                line = text.count("\n", 0, hit.start()) + 1
                print(f"{path}:{line}: {hit[0]} must not be named in the repository")
                found += 1
    return 1 if found else 0


def find_strays(path: Path, text: str) -> Iterator[re.Match[str]]:
    """The forbidden words of a file."""
    yield from compile_machine_places().finditer(text)
    forms = [INDEX_OPTION, TRUSTED]
    if any(fnmatch(path.as_posix(), pattern) for pattern in LOCKS_AND_CONFIGURATION):
        forms.append(ANY_ADDRESS)
    for form in forms:
        for hit in form.finditer(text):
            named = hit.groupdict()
            if not EXAMPLE_HOST.fullmatch(named.get("host") or named.get("git") or ""):
                yield hit


@cache
def compile_machine_places() -> re.Pattern[str]:
    """The paths above and this machine's own two places: the home folder and the one of this checkout."""
    own = [f"{re.escape(str(place))}/" for place in (Path.home(), ROOT) if len(place.parts) > 2]
    # A path counts where it starts, not in the middle of another path or of an address.
    return re.compile(rf"(?<![\w.~-])(?:{'|'.join(MACHINE_PATHS + own)})")


if __name__ == "__main__":
    sys.exit(main())
