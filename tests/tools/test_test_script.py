"""`tools/test`, which `make test` runs: a slip in its arguments is told before anything is started."""

from __future__ import annotations

import subprocess

import pytest
from tests.docs.pages import ROOT


@pytest.mark.parametrize("path", ["tests/nosuch", "tests/nosuch/test_it.py::test_one"])
def test_a_path_that_is_not_there_is_named(path: str) -> None:
    """USE-28: at once, and not after ten seconds without the path."""
    done = subprocess.run(
        [ROOT / "tools/test", path, "-q"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == f"There is no {path.partition('::')[0]}.\n"


def test_how_one_file_is_tested_is_said() -> None:
    """USE-28: with one process, which starts sooner."""
    assert "make test ARGS='tests/tickets/test_steps.py -n0'" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_make_check_sees_a_setting_without_a_paragraph() -> None:
    """USE-28: and not only the suite."""
    import check_docs

    told = (ROOT / check_docs.SETTINGS).read_text("utf-8")
    assert check_docs.undescribed_settings(told) == []
    forgotten = told.replace("STEPLADDER_LOG_LEVEL", "STEPLADDER_LEVEL")
    assert check_docs.undescribed_settings(forgotten) == ["STEPLADDER_LOG_LEVEL"]
