"""The demo's own story, as a newcomer plays it."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest


@pytest.mark.campaign
@pytest.mark.xdist_group("demo")
def test_the_demo_plays_its_story_and_sees_every_step() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stepladder", "demo", "--script", "--port", str(_free_pair())],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every step happened." in done.stdout


def _free_pair() -> int:
    """A port that is free together with the next one, below the ephemeral range."""
    for port in range(21000, 32000, 2):
        try:
            for number in (port, port + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port
    raise AssertionError("no two free ports")
