"""Secrets as editors save them: marks and blanks around them are no part of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepladder.cli.context import read_secret


@pytest.mark.parametrize(
    "saved", ["s3cret", "\ufeffs3cret", "s3cret\r\n", "\ufeff s3cret \n", "s3cret\t"], ids=ascii
)
def test_a_secret_is_what_stands_between_marks_and_blanks(tmp_path: Path, saved: str) -> None:
    """HALO-14: a byte order mark made HaloPSA refuse the credentials."""
    file = tmp_path / "secret"
    file.write_text(saved, encoding="utf-8")
    assert read_secret("client secret", file=str(file), variable="NOT_SET") == "s3cret"
