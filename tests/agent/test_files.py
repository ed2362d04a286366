"""The state directory: private, whole or not at all, and locked by the living only."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from stepladder_agent.errors import AlreadyWaiting, StateUnusable
from stepladder_agent.files import StateDirectory, default_directory


@pytest.fixture
def state(state_dir: Path) -> StateDirectory:
    return StateDirectory(state_dir)


def mode(path: Any) -> Any:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_read_and_private_to_its_owner(state: StateDirectory) -> None:
    state.write("folder/name", b"content")

    assert state.read("folder/name") == b"content"
    assert mode(state.path / "folder/name") == 0o600
    assert mode(state.path) == mode(state.path / "folder") == 0o700


def test_files_are_private_under_any_umask(state: StateDirectory) -> None:
    before = os.umask(0)
    try:
        state.write("folder/name", b"content")
        state.create_once("folder/once", b"")
    finally:
        os.umask(before)

    assert mode(state.path / "folder/name") == mode(state.path / "folder/once") == 0o600
    assert mode(state.path) == 0o700


def test_what_a_kill_left_half_written_is_gone_with_the_next_write(state: StateDirectory) -> None:
    (state.prepare() / ".name.new").write_bytes(b"half")
    state.write("name", b"content")

    assert [path.name for path in state.path.iterdir()] == ["name"]


def test_only_what_is_old_is_dropped(state: StateDirectory) -> None:
    state.write("folder/old", b"")
    state.write("folder/new", b"")
    os.utime(state.path / "folder/old", (0, 0))
    state.drop_older("folder", 60)

    assert [path.name for path in (state.path / "folder").iterdir()] == ["new"]


def test_a_missing_file_reads_as_none(state: StateDirectory) -> None:
    assert state.read("name") is None


def test_a_write_that_dies_half_way_leaves_the_old_content_and_nothing_else(
    state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.write("name", b"old")

    def full(handle: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StateUnusable, match="No space left"):
        state.write("name", b"new")

    assert state.read("name") == b"old"
    assert [path.name for path in state.path.iterdir()] == ["name"]


def test_a_write_that_is_interrupted_leaves_the_old_content_and_nothing_else(
    state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.write("name", b"old")

    def interrupted(handle: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        state.write("name", b"new")

    assert state.read("name") == b"old"
    assert [path.name for path in state.path.iterdir()] == ["name"]


@pytest.mark.parametrize("bits", [0o604, 0o640, 0o620, 0o666])
def test_a_file_that_others_can_reach_is_refused(state: StateDirectory, bits: int) -> None:
    state.write("name", b"content")
    (state.path / "name").chmod(bits)

    with pytest.raises(StateUnusable, match="chmod go="):
        state.read("name")


@pytest.mark.parametrize("bits", [0o755, 0o770, 0o707])
def test_a_directory_that_others_can_reach_is_refused(state: StateDirectory, bits: int) -> None:
    state.prepare()
    state.path.chmod(bits)

    with pytest.raises(StateUnusable, match="chmod go="):
        state.write("name", b"content")


def test_a_link_in_place_of_a_file_is_not_followed(state: StateDirectory, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"planted")
    (tmp_path / "elsewhere").chmod(0o600)
    (state.prepare() / "name").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StateUnusable):
        state.read("name")


def test_a_file_is_made_once(state: StateDirectory) -> None:
    assert state.create_once("folder/name", b"first")
    assert not state.create_once("folder/name", b"second")
    assert state.read("folder/name") == b"first"


def test_removing_is_repeatable(state: StateDirectory) -> None:
    state.write("name", b"content")
    state.remove("name")
    state.remove("name")

    assert state.read("name") is None


def hold(path: Any, held: Any, release: Any) -> None:
    with StateDirectory(path).lock("name"):
        held.set()
        release.wait(30)


def test_a_lock_holds_against_another_process_until_that_is_gone(state: StateDirectory) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=hold, args=(state.path, held, release))
    state.prepare()
    other.start()
    assert held.wait(30)

    with pytest.raises(AlreadyWaiting), state.lock("name"):
        pass
    with state.lock("another name"):
        pass
    other.kill()
    other.join(30)

    with state.lock("name"):
        pass


def test_an_error_inside_a_lock_is_not_taken_for_the_lock_being_held(state: StateDirectory) -> None:
    with pytest.raises(BlockingIOError), state.lock("name"):
        raise BlockingIOError


def test_the_directory_is_the_systems_for_root_and_the_persons_own_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("STEPLADDER_AGENT_DIR")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert str(default_directory()) == "/var/lib/stepladder-agent"

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", "/home/ada")
    assert str(default_directory()) == "/home/ada/.local/state/stepladder-agent"
