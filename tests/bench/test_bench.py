"""The bench measures what it says and prints the documented shape. No figure is judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from stepladder_bench.run import PARTS

NAMES = {
    "deciding": {"ratio", "ratio_joined", "product", "plain", "joined"},
    "lifecycle": {"ratio", "product", "floor"},
    "calls": {"total", "button", "technician", "rolling", "rolling_calm"},
    "burst": {"other_customer", "before"},
    "latency": {
        "ticket_median",
        "ticket_p95",
        "ticket_p99",
        "ticket_busy_median",
        "ticket_busy_p99",
        "told_here_median",
        "told_here_p99",
        "told_elsewhere_median",
        "told_elsewhere_p99",
    },
    "memory": {"idle", "per_agent"},
    "start": {"ready"},
}
LINE = {"name": str, "title": str, "measured": int | float, "unit": str, "facts": dict}


def _bench(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as an operator whose own Stepladder must not be touched."""
    environment = {
        **os.environ,
        "TMPDIR": str(home),
        "STEPLADDER_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "STEPLADDER_DATABASE_POOL": "2",
    }
    return subprocess.run(
        [sys.executable, "-m", "stepladder", "bench", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.campaign
@pytest.mark.xdist_group("bench")
@pytest.mark.parametrize("part", PARTS)
def test_a_quick_run_of_each_part_gives_the_documented_shape(part: str, short_directory: Path) -> None:
    done = _bench("--quick", "--json", "--only", part, home=short_directory)
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert set(report) == {
        "shape",
        "stepladder",
        "started_at",
        "seconds",
        "quick",
        "machine",
        "lines",
        "not_measured",
    }
    assert (report["shape"], report["quick"], report["not_measured"]) == (1, True, [])
    assert set(report["machine"]) == {"cores", "system", "architecture", "python", "packages"}
    assert {line["name"] for line in report["lines"]} == {f"{part}.{name}" for name in NAMES[part]}
    for line in report["lines"]:
        _assert_line(line)
    _assert_nothing_of_this_machine(done.stdout, short_directory)
    _assert_nothing_left(short_directory)


def _assert_line(line: dict[str, Any]) -> None:
    assert set(line) == {*LINE, "target", "passed"}
    assert all(isinstance(line[name], kind) for name, kind in LINE.items()), line
    assert line["measured"] > 0, line
    if line["target"] is None:
        assert line["passed"] is None
    else:
        assert set(line["target"]) == {"relation", "value"}
        assert line["target"]["relation"] in ("at least", "at most", "below")
        assert line["passed"] in (True, False)


def _assert_nothing_left(directory: Path) -> None:
    """Neither data nor processes. (The database's wheel leaves an empty lock file of its own.)"""
    assert not list(directory.glob("sl-bench-*"))
    for process in psutil.process_iter(["cmdline"]):
        assert str(directory) not in " ".join(process.info["cmdline"] or ())


def _assert_nothing_of_this_machine(text: str, directory: Path) -> None:
    for place in (str(directory), str(Path.home()), str(Path(__file__).resolve().parents[2])):
        assert place not in text


@pytest.mark.campaign
@pytest.mark.xdist_group("bench")
def test_a_bench_that_is_ended_takes_everything_it_started_with_it(short_directory: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "stepladder", "bench", "--only", "memory"],
        env={**os.environ, "TMPDIR": str(short_directory)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    for told in running.stderr:
        if told.startswith("memory: idle"):  # the service is up
            break
    running.terminate()
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130, told
    _assert_nothing_left(short_directory)


def test_an_unknown_part_is_named_with_those_there_are(short_directory: Path) -> None:
    done = _bench("--only", "speed", home=short_directory)
    assert done.returncode == 2
    assert "'speed'" in done.stderr
    assert all(part in done.stderr for part in PARTS)


def test_what_cannot_be_measured_is_said_and_ends_with_status_1(short_directory: Path) -> None:
    too_long = short_directory / ("d" * 80)
    too_long.mkdir()
    done = _bench("--quick", "--json", "--only", "start", home=too_long)
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["lines"] == []
    assert [missing["part"] for missing in report["not_measured"]] == ["start"]
    _assert_nothing_left(too_long)


def test_the_table_names_each_line_with_its_target(short_directory: Path) -> None:
    done = _bench("--quick", "--only", "start", home=short_directory)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Start to ready" in done.stdout
    assert "at most 2" in done.stdout
    assert "cores" in done.stdout
