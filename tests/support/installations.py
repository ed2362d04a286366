"""Settings of an installation whose root key is there before its first start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stepladder.kit.secret import load_root_key
from stepladder.settings import Settings


def settings_in(directory: Path, **changes: Any) -> Settings:
    """Settings for `directory`. The tests' databases have MSPs, so no start would make a root key by itself."""
    load_root_key(directory / "root.key", create=True)
    return Settings(data_dir=directory, **changes)
