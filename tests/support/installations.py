"""Settings of an installation whose root key is there before its first start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stepladder.settings import Settings

ROOT_KEY = "5ea1" * 16
"""One for all tests of a run: they share databases, and what one sealed another must be able to open."""


def settings_in(directory: Path, **changes: Any) -> Settings:
    """Settings for `directory`. The tests' databases have MSPs, so no start would make a root key by itself."""
    path = directory / "root.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(ROOT_KEY, encoding="ascii")
    return Settings(data_dir=directory, **changes)
