"""Which package of the operating system owns a file.

Best effort: without an answer in time the publisher is unknown, and the request goes on.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence

# Fixed places and an empty environment: PATH and DPKG_ADMINDIR are in the hands of the person who asks.
DPKG = "/usr/bin/dpkg-query"
RPM = "/usr/bin/rpm"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
SECONDS = 10.0
MERGED = ("/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/")

Run = Callable[[Sequence[str]], str]


def publisher_of(path: str) -> str | None:
    """The owning package with its version, such as "Debian package coreutils 9.1-1", where known."""
    if os.access(DPKG, os.X_OK) and (owner := debian_owner(path)):
        return owner
    if os.access(RPM, os.X_OK):
        return rpm_owner(path)
    return None


def debian_owner(path: str, run: Run | None = None) -> str | None:
    """By dpkg's own records, under both spellings that a merged /usr allows."""
    run = run or _run
    if any(letter in path for letter in "*?[]\\"):
        # dpkg-query reads these as patterns: a file named `*` must not borrow another file's owner.
        return None
    for spelling in spellings(path):
        for line in run([DPKG, "--search", spelling]).splitlines():
            packages, _, owned = line.rpartition(": ")
            if owned == spelling and not packages.startswith("diversion by"):
                return _debian_package(packages.partition(",")[0].strip(), run)
    return None


def _debian_package(name: str, run: Run) -> str | None:
    version = run([DPKG, "--show", "--showformat=${Version}", name]).strip()
    return f"Debian package {name.partition(':')[0]} {version}"[:256] if version else None


def rpm_owner(path: str, run: Run | None = None) -> str | None:
    """By the RPM database, under both spellings that a merged /usr allows."""
    run = run or _run
    for spelling in spellings(path):
        answer = run([RPM, "-qf", "--queryformat", "%{NAME} %{VERSION}-%{RELEASE}\\n", spelling])
        if answer.strip():
            return f"RPM package {answer.splitlines()[0].strip()}"[:256]
    return None


def spellings(path: str) -> list[str]:
    """`/usr/bin/x` and `/bin/x` are one file on a merged system, but only one of them is on record."""
    for folder in MERGED:
        if path.startswith("/usr" + folder):
            return [path, path.removeprefix("/usr")]
        if path.startswith(folder):
            return [path, "/usr" + path]
    return [path]


def _run(command: Sequence[str]) -> str:
    """Standard output of a look-up that succeeded, else nothing."""
    try:
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace")
