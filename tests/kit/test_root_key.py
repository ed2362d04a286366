"""The root key's file: made once, for its owner alone, agreed on by all who start together, refused when it is not right."""

from __future__ import annotations

import concurrent.futures
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from stepladder.kit.secret import RootKeyRefused, load_root_key

SCRIPT = """
import sys, time
from pathlib import Path
from stepladder.kit.secret import load_root_key
path, gate = Path(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
while not gate.exists():
    time.sleep(0.001)
print(load_root_key(path, create=True).hex(), flush=True)
"""


def test_it_is_made_once_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "data" / "root.key"
    first = load_root_key(path, create=True)
    assert len(first) == 32
    assert load_root_key(path, create=True) == load_root_key(path, create=False) == first
    assert load_root_key(tmp_path / "other.key", create=True) != first


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_it_is_for_its_owner_alone_whatever_the_mask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        load_root_key(tmp_path / "root.key", create=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "root.key").stat().st_mode) == 0o600


def test_nothing_else_is_left_beside_it(tmp_path: Path) -> None:
    load_root_key(tmp_path / "root.key", create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["root.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o601, 0o700 | 0o077, 0o620])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "root.key"
    load_root_key(path, create=True)
    path.chmod(mode)
    with pytest.raises(RootKeyRefused, match="chmod 600"):
        load_root_key(path, create=True)


@pytest.mark.parametrize("content", ["", "\n", "00" * 31, "00" * 33, "zz" * 32, "00" * 32 + " x", "é" * 64])
def test_a_file_that_holds_no_key_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    """Making a new one over it would leave everything that was sealed unreadable."""
    path = tmp_path / "root.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(RootKeyRefused) as refusal:
        load_root_key(path, create=True)
    assert path.read_text(encoding="utf-8") == content
    assert content.strip() == "" or content not in str(refusal.value)


def test_a_missing_key_is_refused_where_none_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(RootKeyRefused):
        load_root_key(tmp_path / "root.key", create=False)
    assert not list(tmp_path.iterdir())


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path, gate = tmp_path / "root.key", tmp_path / "gate"
    command = [sys.executable, "-c", SCRIPT, str(path), str(gate)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    gate.touch()
    keys = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert all(process.returncode == 0 for process in processes)
    assert keys == {load_root_key(path, create=False).hex()}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["gate", "root.key"]


def test_threads_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / f"{number}.key"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(lambda target: load_root_key(target, create=True), [path] * 8))
        assert len(keys) == 1


def test_what_a_killed_start_left_behind_does_not_stop_the_next(tmp_path: Path) -> None:
    """In a container every start has the same process id."""
    path = tmp_path / "root.key"
    load_root_key(path, create=True)
    path.rename(tmp_path / f".root.key.{os.getpid()}")
    assert len(load_root_key(path, create=True)) == 32
