"""What is true on this desktop: who asks, and which program exactly, down to the bytes on disk.

Everything here is what the agent saw itself; nothing the person typed is passed on unchecked, apart from
their reason and e-mail address, which the service treats as claims.
"""

from __future__ import annotations

import hashlib
import os
import platform
import pwd
import re
import shutil
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass

from .errors import BadInput

CHUNK = 1024 * 1024
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class FileIdentity:
    """One file by its final path and the bytes that were read through one handle."""

    path: str
    size: int
    sha256: str


def find_program(program: str) -> str:
    """The final path of `program`, searched on PATH and with all links followed. Raises BadInput."""
    found = program if "/" in program else shutil.which(program)
    if found is None:
        raise BadInput(f"There is no program “{program}” on PATH.")
    return require_text(os.path.realpath(found))


def require_text(text: str) -> str:
    """`text` itself. Raises BadInput for bytes that are no UTF-8: no approver could read them."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"“{text}” is not valid UTF-8, so it could not be shown to a technician.") from error
    return text


def identify(path: str, progress: Progress | None = None) -> FileIdentity:
    """Open `path` once and describe what the handle holds. Raises BadInput unless it is a plain program.

    The path must be final (no link anywhere in it) before and after the opening, so that the path which an
    approver reads is the one that was read here.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BadInput(f"“{path}” cannot be opened: {error.strerror}.") from error
    try:
        before = os.fstat(handle)
        _require_program(before, path)
        size, digest = _read_through(handle, before.st_size, progress)
        _require_final(before, path)
        _require_unchanged(before, os.fstat(handle), size, path)
    finally:
        os.close(handle)
    return FileIdentity(path, size, digest)


def _require_program(status: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise BadInput(f"“{path}” is not a regular file.")
    if not status.st_mode & 0o111:
        raise BadInput(f"“{path}” is not executable.")


def _read_through(handle: int, total: int, progress: Progress | None) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    # A file that keeps growing is left at once; the caller sees that the sizes differ.
    while size <= total and (chunk := os.read(handle, CHUNK)):
        digest.update(chunk)
        size += len(chunk)
        if progress is not None:
            progress(size, total)
    return size, digest.hexdigest()


def _require_unchanged(before: os.stat_result, after: os.stat_result, size: int, path: str) -> None:
    if before.st_ctime_ns != after.st_ctime_ns or before.st_size != after.st_size or size != after.st_size:
        raise BadInput(f"“{path}” changed while it was being read; try again when that is done.")


def _require_final(opened: os.stat_result, path: str) -> None:
    try:
        is_final = os.path.realpath(path) == path and os.path.samestat(opened, os.lstat(path))
    except OSError:
        is_final = False
    if not is_final:
        raise BadInput(f"“{path}” was moved or replaced while it was being read.")


@dataclass(frozen=True)
class Person:
    """The account that runs the command: its real user id, so that a set-user-id wrapper changes nothing."""

    user: str
    display_name: str | None


def who_asks() -> Person:
    """The person by the system's own account list; a user id without an entry stays a number."""
    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        return Person(f"uid {os.getuid()}", None)
    return Person(entry.pw_name, entry.pw_gecos.split(",")[0].strip() or None)


def is_email(text: str) -> bool:
    """Whether `text` has the form of an e-mail address, as the service wants it."""
    return len(text) <= 254 and re.fullmatch(r"[^@\s]+@[^@\s]+", text) is not None


def host_name() -> str:
    """The machine's own name, as the system has it."""
    return socket.gethostname()


def operating_system() -> str:
    """A name for people, such as "Debian GNU/Linux 12 (bookworm)"."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"][:256]
    except (OSError, KeyError):
        return platform.platform()[:256]
