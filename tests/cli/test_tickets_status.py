"""What `stepladder tickets status` says of the connection, in each of its states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stepladder.cli import tickets

NOW = datetime(2026, 11, 28, 20, tzinfo=UTC)
WELL = {
    "needs_attention": False,
    "paused_until": None,
    "error": None,
    "failing_since": None,
    "drift_error": None,
}
AWAY = "HaloPSA cannot be reached."


@pytest.mark.parametrize(
    ("connector", "waiting", "told"),
    [
        ({}, [], "HaloPSA is connected."),
        (
            {
                "paused_until": NOW + timedelta(seconds=20),
                "error": AWAY,
                "failing_since": NOW - timedelta(hours=1),
            },
            [AWAY],
            f"HaloPSA does not answer since 2026-11-28 19:00:00Z: {AWAY} It is tried again.",
        ),
        (
            {
                "paused_until": NOW - timedelta(seconds=1),
                "error": AWAY,
                "failing_since": NOW - timedelta(hours=1),
            },
            [AWAY],
            f"HaloPSA does not answer since 2026-11-28 19:00:00Z: {AWAY} It is tried again.",
        ),
        ({}, [AWAY], f"HaloPSA does not answer: {AWAY} It is tried again."),
        (
            {"paused_until": NOW + timedelta(seconds=20)},
            [],
            "Nothing is sent to HaloPSA before 20:00:20Z: the call budget is used up for now.",
        ),
        (
            {"needs_attention": True, "error": "The secret is wrong."},
            [],
            "HaloPSA needs attention: The secret is wrong.",
        ),
    ],
)
def test_an_outage_is_called_one_with_its_beginning(
    capsys: pytest.CaptureFixture[str], connector: dict[str, Any], waiting: list[str], told: str
) -> None:
    """USE-22: a HaloPSA that does not answer is not said to be connected."""
    rows = [{"error": each, "needs_attention": False} for each in waiting]
    tickets._connection({"at": NOW, "waiting": rows, "connector": WELL | connector})
    assert capsys.readouterr().out.strip() == told
