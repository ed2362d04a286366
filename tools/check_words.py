"""Checks that no file of the repository names a place that exists only where it was written.

Paths of one machine and hosts of package registries must not reach a commit: the first mean nothing
elsewhere, and the second would tie every installation to one mirror.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from repository import ROOT, files

# Written with classes, so that this file does not contain what it looks for.
MACHINE_PATHS = ["/work[/]", "/root[/]", "/opt[/]wheels", "/opt[/]pypi"]
REGISTRY_HOSTS = [
    r"pypi[.]org",
    r"pythonhosted[.]org",
    r"registry[.]npmjs[.]org",
    r"registry[.]yarnpkg[.]com",
    r"(?:deb|security)[.]debian[.]org",
    r"archive[.]ubuntu[.]com",
    r"proxy[.]golang[.]org",
    r"index[.]crates[.]io",
]

# A file and a word that may stand there, each with its reason in a comment.
ALLOWED: set[tuple[str, str]] = set()


def main() -> int:
    """Print each forbidden word with its place. Returns the exit status."""
    forbidden = pattern()
    found = 0
    for path in files():
        text = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            for hit in forbidden.finditer(line):
                if (path.as_posix(), hit[0]) not in ALLOWED:
                    print(f"{path}:{number}: {hit[0]} must not be named in the repository")
                    found += 1
    return 1 if found else 0


def pattern() -> re.Pattern[str]:
    """The words above and this machine's own two places: the home folder and the one of this checkout."""
    own = [f"{re.escape(str(place))}/" for place in (Path.home(), ROOT) if len(place.parts) > 2]
    # A path counts where it starts, not in the middle of another path or of an address.
    return re.compile(rf"(?<![\w.~-])(?:{'|'.join(MACHINE_PATHS + own)})|{'|'.join(REGISTRY_HOSTS)}")


if __name__ == "__main__":
    sys.exit(main())
