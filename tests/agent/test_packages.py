"""The publisher is what the operating system's own records say, or unknown; never what a file name makes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stepladder_agent import packages


class Records:
    """What dpkg-query or rpm would answer, and what it was asked."""

    def __init__(self, answers: Any) -> None:
        self.answers, self.asked = answers, list[Any]()

    def __call__(self, command: Any) -> Any:
        self.asked.append(list(command))
        return self.answers.get(command[-1], "")


def test_a_debian_file_names_its_package_and_version() -> None:
    run = Records({"/usr/bin/tool": "tool: /usr/bin/tool\n", "tool": "1.0-1"})

    assert packages.debian_owner("/usr/bin/tool", run) == "Debian package tool 1.0-1"


@pytest.mark.parametrize(
    ("path", "recorded"), [("/usr/bin/ls", "/bin/ls"), ("/bin/ls", "/usr/bin/ls"), ("/usr/sbin/x", "/sbin/x")]
)
def test_both_spellings_of_a_merged_system_are_tried(path: str, recorded: str) -> None:
    run = Records({recorded: f"coreutils: {recorded}\n", "coreutils": "9.1-1"})

    assert packages.debian_owner(path, run) == "Debian package coreutils 9.1-1"


def test_a_package_of_an_architecture_and_one_of_several_owners_is_read() -> None:
    run = Records({"/opt/x": "libx:amd64, liby: /opt/x\n", "libx:amd64": "2"})

    assert packages.debian_owner("/opt/x", run) == "Debian package libx 2"


def test_a_diverted_file_is_not_the_diverting_packages() -> None:
    run = Records({"/opt/x": "diversion by other from: /opt/x\n"})

    assert packages.debian_owner("/opt/x", run) is None


@pytest.mark.parametrize("letter", "*?[]\\")
def test_a_name_that_dpkg_would_read_as_a_pattern_is_never_looked_up(letter: str) -> None:
    run = Records({})

    assert packages.debian_owner(f"/home/ada/{letter}", run) is None
    assert run.asked == []


def test_a_path_that_only_resembles_the_record_does_not_count() -> None:
    run = Records({"/bin/x": "tool: /bin/xyz\n", "tool": "1.0"})

    assert packages.debian_owner("/bin/x", run) is None


def test_an_rpm_file_names_its_package_under_either_spelling() -> None:
    run = Records({"/bin/ls": "coreutils 9.1-1.fc40\n"})

    assert packages.rpm_owner("/usr/bin/ls", run) == "RPM package coreutils 9.1-1.fc40"
    assert packages.rpm_owner("/opt/x", run) is None


def test_a_look_up_that_fails_or_hangs_leaves_the_publisher_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(command: Any, **more: Any) -> None:
        raise subprocess.TimeoutExpired(command, more["timeout"])

    monkeypatch.setattr(subprocess, "run", hangs)
    monkeypatch.setattr(os, "access", lambda path, mode: True)

    assert packages.publisher_of("/usr/bin/ls") is None


@pytest.mark.skipif(not Path(packages.DPKG).exists(), reason="not a Debian system")
def test_on_a_debian_system_the_real_records_know_a_real_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The environment of the person who asks has no say in it."""
    monkeypatch.setenv("DPKG_ADMINDIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    path = os.path.realpath(shutil.which("ls", path="/usr/bin:/bin") or "")

    assert (packages.publisher_of(path) or "").startswith("Debian package coreutils ")
    assert packages.publisher_of(str(tmp_path / "mine")) is None
