"""How a check-up is printed: what is to be done, once, with all that it is for."""

from __future__ import annotations

import pytest

from stepladder.cli.findings import show_findings
from stepladder.kit.findings import Finding, Result
from stepladder.remedies import Remedy


def test_one_advice_for_many_lines_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    """USE-10: twelve lines that need a stronger credential need one."""
    hidden = [
        Finding(f"method.{number}", Result.CANNOT_KNOW, "Hidden.", remedy=Remedy.SETUP_CHECK_WITH_CREDENTIAL)
        for number in range(12)
    ]
    other = Finding("key.decisions", Result.WARNING, "It expires.", remedy=Remedy.SETUP_NEW_KEY)
    show_findings([*hidden, other], json_fields={}, as_json=False)
    out = capsys.readouterr().out
    assert out.count("--client-id ID") == 1
    assert ", ".join(each.name for each in hidden) + ": Run:" in out
    assert "key.decisions: Run: stepladder halopsa setup --new-key" in out
