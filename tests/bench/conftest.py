"""A place of its own for each bench, short enough for the socket of the database inside."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short_directory() -> Iterator[Path]:
    """An empty directory with a short path."""
    directory = Path(tempfile.mkdtemp(prefix="sl-b-"))
    yield directory
    shutil.rmtree(directory)
