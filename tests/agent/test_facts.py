"""What the agent says of a program and a person is what it saw itself, through one open handle."""

from __future__ import annotations

import hashlib
import os
import platform
import pwd
import random
from pathlib import Path
from typing import Any

import pytest

from stepladder_agent import facts
from stepladder_agent.errors import BadInput

from .conftest import make_program


def test_a_program_is_found_on_path_and_links_are_followed_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = make_program(tmp_path / "real")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tool").symlink_to("middle")
    (tmp_path / "bin/middle").symlink_to("../real")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert facts.find_program("tool") == str(real)
    assert facts.find_program(str(tmp_path / "bin/tool")) == str(real)


def test_a_program_that_is_nowhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BadInput, match="no program"):
        facts.find_program("tool")
    with pytest.raises(BadInput, match="No such file"):
        facts.identify(facts.find_program("./tool"))


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/to\xffol")
    make_program(type(tmp_path)(path))

    with pytest.raises(BadInput, match="not valid UTF-8"):
        facts.find_program(path)


def test_size_and_hash_are_those_of_the_bytes(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(3 * facts.CHUNK + 17)
    path = make_program(tmp_path / "tool", content)
    seen = []

    file = facts.identify(str(path), lambda done, total: seen.append((done, total)))

    assert file == facts.FileIdentity(str(path), len(content), hashlib.sha256(content).hexdigest())
    assert seen[-1] == (len(content), len(content))
    assert len(seen) == 4


def test_an_empty_program_has_an_identity_too(tmp_path: Path) -> None:
    path = make_program(tmp_path / "tool", b"")

    assert facts.identify(str(path)).sha256 == hashlib.sha256().hexdigest()


def test_what_is_not_executable_is_refused(tmp_path: Path) -> None:
    path = make_program(tmp_path / "tool")
    path.chmod(0o644)

    with pytest.raises(BadInput, match="not executable"):
        facts.identify(str(path))


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a regular file"):
        facts.identify(str(tmp_path))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tool", 0o755)

    with pytest.raises(BadInput, match="not a regular file"):
        facts.identify(str(tmp_path / "tool"))


@pytest.mark.parametrize("link", ["tool-link", "folder-link/tool"])
def test_a_path_with_a_link_in_it_is_refused(tmp_path: Path, link: str) -> None:
    (tmp_path / "folder").mkdir()
    make_program(tmp_path / "folder/tool")
    (tmp_path / "folder-link").symlink_to("folder")
    (tmp_path / "tool-link").symlink_to("folder/tool")

    with pytest.raises(BadInput):
        facts.identify(str(tmp_path / link))


def test_a_file_swapped_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = make_program(tmp_path / "tool", b"approved")
    other = make_program(tmp_path / "other", b"approved")

    def swap(done: int, total: int) -> None:
        other.replace(path)

    with pytest.raises(BadInput, match="moved or replaced"):
        facts.identify(str(path), swap)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = make_program(tmp_path / "tool", b"x" * facts.CHUNK)

    def grow(done: Any, total: Any) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    with pytest.raises(BadInput, match="changed"):
        facts.identify(str(path), grow)


def test_a_file_changed_in_place_behind_the_reader_is_refused(tmp_path: Path) -> None:
    path = make_program(tmp_path / "tool", b"x" * 2 * facts.CHUNK)
    times = path.stat()

    def change_and_hide_it(done: Any, total: Any) -> None:
        with path.open("r+b") as file:
            file.write(b"y")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    with pytest.raises(BadInput, match="changed"):
        facts.identify(str(path), change_and_hide_it)


def test_the_person_is_the_real_user_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = pwd.struct_passwd(("ada", "x", 4711, 4711, "Ada Lovelace,Room 1,,", "/home/ada", "/bin/sh"))
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwuid", {4711: entry}.__getitem__)

    assert facts.who_asks() == facts.Person("ada", "Ada Lovelace")


def test_a_user_without_an_entry_or_a_full_name_is_still_someone(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = pwd.struct_passwd(("ada", "x", 4711, 4711, ",,,", "/home/ada", "/bin/sh"))
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    monkeypatch.setattr(pwd, "getpwuid", {4711: entry}.__getitem__)
    assert facts.who_asks() == facts.Person("ada", None)

    monkeypatch.setattr(os, "getuid", lambda: 4712)
    assert facts.who_asks() == facts.Person("uid 4712", None)


def test_the_operating_system_has_a_name_even_where_no_file_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise OSError

    monkeypatch.setattr(platform, "freedesktop_os_release", missing)

    assert facts.operating_system()
