"""Makes `.venv` agree with requirements-dev.lock and the pyprojects, and does nothing if it already does.

Owns the environment only; picking the Python is tools/bootstrap's, the browser is tools/browser's. Runs on
the bare standard library, because it runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "stepladder-stamp.json"
LOCK = ROOT / "requirements-dev.lock"
PRIVATE = ROOT / ".tools"  # git-ignored: what the tools install for themselves

LOCAL = {
    "stepladder-protocol": "protocol",
    "stepladder-agent": "agent",
    "stepladder": ".",
    "stepladder-sandbox": "sandbox",
    "stepladder-demo": "demo",
    "stepladder-bench": "bench",
}
SEEDS = {"pip", "setuptools", "wheel"}  # a fresh environment may come with these; the lock does not name them

# Settings that would make pip install somewhere else than into the environment it runs in.
MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_ROOT", "PYTHONHOME", "PYTHONPATH")
HEARTBEAT_SECONDS = 10


class BootstrapError(Exception):
    """What is missing or failed, in a sentence for the person at the terminal."""


def say(message: str) -> None:
    """One step, on standard error: standard output belongs to what the target runs next."""
    print(f"==> {message}", file=sys.stderr, flush=True)


def main() -> int:
    """Bring the environment up to date. Returns the process's exit status."""
    try:
        if up_to_date():
            return 0
        with only_one_at_a_time():
            refresh()
    except BootstrapError as error:
        print(f"bootstrap: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbootstrap: stopped; the next run goes on from here.", file=sys.stderr)
        return 130
    return 0


def up_to_date() -> bool:
    """Whether the environment is sound and was made from exactly these files."""
    return environment_is_sound() and recorded() == wanted()


def refresh() -> None:
    """Do the steps that are due. Each is recorded when done, so an interrupted run resumes."""
    started = time.monotonic()
    if not environment_is_sound():
        make_environment()
    want, have = wanted(), recorded()
    if have.get("lock") != want["lock"]:
        install_locked()
        have = {"lock": want["lock"]}
        record(have)
    if have.get("local") != want["local"]:
        install_local()
        record(have | {"local": want["local"]})
        say(f"Environment ready in {time.monotonic() - started:.0f} s.")


# --- what is wanted, what is there ----------------------------------------------------------------------


def wanted() -> dict[str, str]:
    """Digests of all that decides what is installed."""
    local = hashlib.sha256()
    for folder in LOCAL.values():
        project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text("utf-8"))
        # Only what an installation reads: an edited lint rule must not cost a reinstall.
        parts = [project.get("project"), project.get("build-system"), project.get("tool", {}).get("hatch")]
        local.update(json.dumps(parts, sort_keys=True).encode())
    return {"lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(), "local": local.hexdigest()}


def recorded() -> dict[str, Any]:
    """What the last finished steps were made from; nothing if that cannot be read."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def record(stamp: dict[str, str]) -> None:
    STAMP.write_text(json.dumps(stamp, indent=2) + "\n", "utf-8")


def environment_version() -> list[int]:
    """The environment's Python version as [major, minor]; empty if it does not run."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([VENV_PYTHON, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return []
    return [int(part) for part in answer.stdout.split()] if answer.returncode == 0 else []


def environment_is_sound() -> bool:
    """Whether the environment runs, is of the Python asked for, and was made in this very folder."""
    if environment_version() != list(sys.version_info[:2]):
        return False
    try:
        # Installed commands name their interpreter by full path: a copied or moved tree needs a new one.
        return str(VENV_PYTHON.parent) in (VENV / "bin" / "pip").read_text("utf-8")
    except OSError:
        return False


@contextlib.contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Two terminals may both run make: the second waits, then finds the work done."""
    PRIVATE.mkdir(exist_ok=True)
    with (PRIVATE / "bootstrap.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another bootstrap is at work in this folder; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- the steps ------------------------------------------------------------------------------------------


def make_environment() -> None:
    # Inside an environment, sys.executable is a link in the very folder that is about to be replaced.
    base = getattr(sys, "_base_executable", None) or sys.executable
    say(f"Making .venv with Python {sys.version.split()[0]}")
    if importlib.util.find_spec("ensurepip"):
        run([base, "-m", "venv", "--clear", str(VENV)])
    else:
        make_environment_with_virtualenv(base)


def make_environment_with_virtualenv(base: str) -> None:
    """Debian ships python3 without ensurepip; the virtualenv package brings its own pip."""
    if not importlib.util.find_spec("pip"):
        message = (
            f"{base} has neither ensurepip nor pip, so it cannot make an environment.\n"
            "  Debian or Ubuntu:  apt-get install python3-venv\n"
            "  elsewhere:         set PYTHON to a complete Python 3.11 or newer"
        )
        raise BootstrapError(message)
    say("This Python lacks ensurepip; using the virtualenv package instead")
    home = PRIVATE / "virtualenv"
    pins = ROOT / "tools" / "pins" / "virtualenv.txt"
    pip("virtualenv", ["--upgrade", "--target", str(home), "--require-hashes", "-r", str(pins)], python=base)
    # Its wheel cache would otherwise go below HOME, which may be missing.
    extra = {"PYTHONPATH": str(home), "VIRTUALENV_OVERRIDE_APP_DATA": str(PRIVATE / "virtualenv-data")}
    run([base, "-m", "virtualenv", "--quiet", "--clear", "--no-download", str(VENV)], extra=extra)


def install_locked() -> None:
    total = len(locked_names())
    say(f"Installing {total} packages from {LOCK.name} (about a minute on a new machine)")
    pip("packages", ["--require-hashes", "-r", str(LOCK)], total=total)
    remove_strangers()


def install_local() -> None:
    say(f"Installing {', '.join(LOCAL)} from this folder")
    # In the lock's own build tools, without isolation: nothing unpinned is fetched to build them.
    editable = [part for folder in LOCAL.values() for part in ("--editable", str(ROOT / folder))]
    pip("local packages", ["--no-deps", "--no-build-isolation", *editable])


def remove_strangers() -> None:
    """A package that left the lock must leave the environment, or a missing dependency goes unseen."""
    version = ".".join(str(part) for part in sys.version_info[:2])
    site = VENV / "lib" / f"python{version}" / "site-packages"
    installed = {normalised(dist.name) for dist in importlib.metadata.distributions(path=[str(site)])}
    strangers = sorted(installed - locked_names() - set(LOCAL) - SEEDS)
    if strangers:
        say(f"Removing what {LOCK.name} does not name: {', '.join(strangers)}")
        run([str(VENV_PYTHON), "-m", "pip", "uninstall", "--quiet", "--yes", *strangers])


def locked_names() -> set[str]:
    found = re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==", LOCK.read_text("utf-8"), re.MULTILINE)
    return {normalised(name) for name in found}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# --- running things -------------------------------------------------------------------------------------


def clean_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    return kept | (extra or {})


def run(command: list[str], *, extra: dict[str, str] | None = None) -> None:
    """Run quietly. On failure, raise with what the command said."""
    done = subprocess.run(
        command,
        env=clean_environment(extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BootstrapError(f"this failed:\n  {' '.join(command)}\n{done.stdout}")


def pip(label: str, arguments: list[str], *, python: str = str(VENV_PYTHON), total: int = 0) -> None:
    """Run `pip install`, showing how far it is. On failure, raise with the end of what pip said."""
    command = [python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", *arguments]
    said: list[str] = []
    progress = Progress(label, total)
    with subprocess.Popen(
        command,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            progress.follow(line)
        status = process.wait()
    progress.end()
    if status:
        raise BootstrapError(f"pip could not install the {label}:\n{''.join(said[-30:])}")


class Progress:
    """One line that moves on a terminal; a line now and then in a log."""

    def __init__(self, label: str, total: int) -> None:
        self.label, self.total, self.seen = label, total, 0
        self.moves = sys.stderr.isatty()
        self.spoke = time.monotonic()

    def follow(self, line: str) -> None:
        """Read one line of pip's."""
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            self.seen += 1
            self.show(f"{self.seen} of {max(self.total, self.seen)} {self.label} fetched")
        elif line.startswith("Installing collected packages"):
            self.show(f"all fetched, unpacking {self.label}", always=True)

    def show(self, text: str, *, always: bool = False) -> None:
        now = time.monotonic()
        if self.moves:
            print(f"\r    {text}\033[K", end="", file=sys.stderr, flush=True)
        elif always or now - self.spoke >= HEARTBEAT_SECONDS:
            print(f"    {text}", file=sys.stderr, flush=True)
            self.spoke = now

    def end(self) -> None:
        """Leave a clean line behind."""
        if self.moves:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
