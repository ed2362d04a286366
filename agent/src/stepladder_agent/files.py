"""The state directory: private files, there whole or not at all, and locks that die with their holder.

Knows bytes and names only; what the files mean is for `enrolment`, `intents` and `verification`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import AlreadyWaiting, StateUnusable

ENVIRONMENT = "STEPLADDER_AGENT_DIR"
PRIVATE_FILE, PRIVATE_DIRECTORY = 0o600, 0o700


def default_directory() -> Path:
    """Where state is kept: as the environment says, else the system's place for root or the person's own."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/stepladder-agent")
    return Path.home() / ".local/state/stepladder-agent"


class StateDirectory:
    """A private directory. Each refusal of the system is raised as StateUnusable."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self, folder: str | Path = "") -> Path:
        """The directory, or a folder in it, made if missing. Raises StateUnusable unless both are private."""
        path = self.path / folder
        with _state_errors(path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for each in dict.fromkeys((self.path, path)):
                each.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
                _require_private(each.stat(), each)
        return path

    def read(self, name: str) -> bytes | None:
        """The file's content, or None if there is none. Raises StateUnusable when others may touch it."""
        path = self.path / name
        with _state_errors(path):
            try:
                handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                return None
            with os.fdopen(handle, "rb") as file:
                _require_private(os.fstat(file.fileno()), path)
                return file.read()

    def write(self, name: str, content: bytes) -> None:
        """Put the file there whole: after a crash it holds the old content or the new, never a part.

        Of two processes that write the same name, one must wait for the other by `lock`.
        """
        path = self.path / name
        directory = self.prepare(path.parent)
        # One name, so that what a kill leaves behind (it may hold a key) is gone with the next write.
        temporary = directory / f".{path.name}.new"
        with _state_errors(path):
            temporary.unlink(missing_ok=True)
            try:
                _write_new(temporary, content)
                temporary.replace(path)
            finally:
                # Already renamed if all went well; otherwise the error goes on to the caller.
                temporary.unlink(missing_ok=True)
            _sync_directory(directory)

    def create_once(self, name: str, content: bytes) -> bool:
        """Make the file, durably; False if it was there before, of two at once for all but one of them."""
        path = self.path / name
        directory = self.prepare(path.parent)
        with _state_errors(path):
            try:
                _write_new(path, content)
            except FileExistsError:
                return False
            _sync_directory(directory)
        return True

    def remove(self, name: str) -> None:
        """Remove the file if it is there, durably."""
        path = self.path / name
        with _state_errors(path), suppress(FileNotFoundError):
            path.unlink()
            _sync_directory(path.parent)

    def drop_older(self, folder: str, seconds: float) -> None:
        """Remove the files of a folder that were not written for so long."""
        with _state_errors(self.path / folder):
            for path in self.prepare(folder).iterdir():
                with suppress(FileNotFoundError):
                    if path.lstat().st_mtime < time.time() - seconds:
                        path.unlink()

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold `name` against other processes. Raises AlreadyWaiting; kill -9 of the holder frees it.

        All names share one file, each a byte of its own, so that no lock files pile up.
        """
        path = self.prepare() / "locks"
        with _state_errors(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            _take(handle, name)
            yield
        finally:
            os.close(handle)


def _take(handle: int, name: str) -> None:
    place = int(hashlib.sha256(name.encode()).hexdigest()[:15], 16)
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
    except OSError as error:
        # The standard leaves it to the system whether a held lock is EAGAIN or EACCES.
        raise AlreadyWaiting("The same command is already running in another window.") from error


@contextmanager
def _state_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateUnusable(f"The agent's file {path} cannot be used: {error.strerror}.") from error


def _require_private(status: os.stat_result, path: Path) -> None:
    if status.st_uid != os.geteuid():
        raise StateUnusable(f"{path} belongs to someone else. Give it to the account that runs the agent.")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise StateUnusable(f"Others can reach {path}. Run: chmod go= '{path}'")


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
