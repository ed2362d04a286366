"""Checks that the locks and the pyprojects are in step, and that the locks are fit to publish.

Every direct dependency is locked at a version its specifier admits, nothing is locked for a dependency that
is gone, every version is pinned by hash, and no line names an index, an address or a place on a machine.
requirements.lock has what running needs and no more; requirements-dev.lock has the same versions and all the rest.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from repository import PROJECTS, ROOT

RUNNING, DEVELOPMENT = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
BUILDING = ROOT / "tools" / "pins" / "build.txt"
RUN = {"stepladder", "stepladder-agent", "stepladder-protocol"}

PIN = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
VIA = re.compile(r"^    #(?: via|  ) +(?P<by>\S+)$")
NOT_FOR_A_LOCK = re.compile(r"^\s*-(?!-hash=)|://|@ |file:")

Wanted = dict[str, list[Requirement]]


def main() -> int:
    """Print what is out of step. Returns the exit status."""
    projects = [tomllib.loads(path.read_text("utf-8")) for path in PROJECTS]
    ours = {name_of(project) for project in projects}
    running = {
        name_of(project): read_requirements(project, ours) for project in projects if name_of(project) in RUN
    }
    everything = {name_of(project): read_requirements(project, ours, all_of_it=True) for project in projects}
    faults = [
        *find_faults(RUNNING, running, ours),
        *find_faults(DEVELOPMENT, everything, ours),
        *find_unfit_lines(BUILDING),
        *find_differences(RUNNING),
        *find_differences(BUILDING),
    ]
    for fault in faults:
        print(fault)
    if faults:
        print("Re-make them with: make lock")
    return 1 if faults else 0


def name_of(project: dict[str, Any]) -> str:
    """The distribution's name, as the locks spell it."""
    return canonicalize_name(project["project"]["name"])


def read_requirements(
    project: dict[str, Any], ours: set[str], *, all_of_it: bool = False
) -> list[Requirement]:
    """What a pyproject asks for, our own distributions left out; its extras and groups only if `all_of_it`."""
    table = project["project"]
    written = list(table.get("dependencies", []))
    if all_of_it:
        for extra in table.get("optional-dependencies", {}).values():
            written += extra
        for group in project.get("dependency-groups", {}).values():
            written += [entry for entry in group if isinstance(entry, str)]
    asked = [Requirement(entry) for entry in written]
    return [it for it in asked if canonicalize_name(it.name) not in ours]


def find_faults(lock: Path, wanted: Wanted, ours: set[str]) -> list[str]:
    pins, asked_by = read_lock(lock)
    found = [*find_missing(wanted, pins), *find_left_over(wanted, asked_by, ours)]
    return [*find_unfit_lines(lock), *(f"{lock.name}: {fault}" for fault in found)]


def read_lock(lock: Path) -> tuple[dict[str, list[Version]], dict[str, set[str]]]:
    """The locked versions of each package (more than one where markers differ), and who asks for it."""
    pins: dict[str, list[Version]] = defaultdict(list)
    asked_by: dict[str, set[str]] = defaultdict(set)
    current = ""
    for line in lock.read_text("utf-8").splitlines():
        if pin := PIN.match(line):
            current = canonicalize_name(pin["name"])
            pins[current].append(Version(pin["version"]))
            asked_by[current] |= set()
        elif via := VIA.match(line):
            asked_by[current].add(via["by"])
    return pins, asked_by


def find_unfit_lines(lock: Path) -> list[str]:
    lines = lock.read_text("utf-8").splitlines()
    faults = [
        f"{lock.name}:{number}: names an index, an address or a path: {line.strip()}"
        for number, line in enumerate(lines, start=1)
        if not line.lstrip().startswith("#") and NOT_FOR_A_LOCK.search(line)
    ]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if (pin := PIN.match(line)) and "--hash=" not in following:
            faults.append(f"{lock.name}: {pin['name']} is not pinned by hash")
    return faults


def find_missing(wanted: Wanted, pins: dict[str, list[Version]]) -> list[str]:
    faults = []
    for project, asked in wanted.items():
        for requirement in asked:
            versions = pins.get(canonicalize_name(requirement.name), [])
            if not versions:
                faults.append(f"{project} asks for {requirement}, which is not locked")
            faults += [
                f"{project} asks for {requirement}, but {version} is locked"
                for version in versions
                if not requirement.specifier.contains(version, prereleases=True)
            ]
    return faults


def find_left_over(wanted: Wanted, asked_by: dict[str, set[str]], ours: set[str]) -> list[str]:
    direct = {project: {canonicalize_name(it.name) for it in asked} for project, asked in wanted.items()}
    anyones = set().union(*direct.values())
    faults = []
    for package, askers in asked_by.items():
        if not askers and package not in anyones:  # uv names nobody where only a dependency group asks
            faults.append(f"{package} is locked, and nothing asks for it any more")
        faults += [
            f"{package} is locked for {asker}, which does not ask for it"
            for asker in sorted(askers & ours)
            if package not in direct.get(asker, set())
        ]
    return faults


def find_differences(lock: Path) -> list[str]:
    """What a lock names that requirements-dev.lock does not have, or has in another version."""
    pins, developed_with = read_lock(lock)[0], read_lock(DEVELOPMENT)[0]
    return [
        f"{lock.name}: {package} is not what {DEVELOPMENT.name} has"
        for package, versions in pins.items()
        if versions != developed_with.get(package)
    ]


if __name__ == "__main__":
    sys.exit(main())
