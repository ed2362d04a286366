"""What the check tools share: where the repository is and which files are its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = [
    ROOT / folder / "pyproject.toml" for folder in (".", "protocol", "agent", "sandbox", "demo", "bench")
]


def files(*patterns: str) -> list[Path]:
    """The files that git tracks or would track, relative to the root. Patterns are git's; none means all."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = (Path(name) for name in listing.stdout.split("\0") if name)
    return sorted(path for path in paths if (ROOT / path).is_file())
