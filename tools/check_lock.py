"""Checks that requirements.lock and the three pyprojects are in step, and that the lock is fit to publish.

Every direct dependency is locked at a version its specifier admits, nothing is locked for a dependency that
is gone, every version is pinned by hash, and no line names an index, an address or a place on a machine.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from repository import PROJECTS, ROOT

LOCK = ROOT / "requirements.lock"

PIN = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
VIA = re.compile(r"^    #(?: via|  ) +(?P<by>\S+)$")
NOT_FOR_A_LOCK = re.compile(r"^\s*-(?!-hash=)|://|@ |file:")


def main() -> int:
    """Print what is out of step. Returns the exit status."""
    lines = LOCK.read_text("utf-8").splitlines()
    projects = [tomllib.loads(path.read_text("utf-8")) for path in PROJECTS]
    wanted = direct_dependencies(projects)
    pins, asked_by = read_lock(lines)
    faults = [
        *unfit_lines(lines),
        *missing(wanted, pins),
        *left_over(wanted, asked_by, ours={name(project) for project in projects}),
    ]
    for fault in faults:
        print(f"requirements.lock: {fault}")
    if faults:
        print("Re-make it with: make lock")
    return 1 if faults else 0


def name(project: dict[str, Any]) -> str:
    """The distribution's name, as the lock spells it."""
    return canonicalize_name(project["project"]["name"])


def direct_dependencies(projects: list[dict[str, Any]]) -> dict[str, list[Requirement]]:
    """Every requirement written in a pyproject, by the distribution that asks; our own ones left out."""
    ours = {name(project) for project in projects}
    wanted: dict[str, list[Requirement]] = {}
    for project in projects:
        table = project["project"]
        written = list(table.get("dependencies", []))
        for extra in table.get("optional-dependencies", {}).values():
            written += extra
        for group in project.get("dependency-groups", {}).values():
            written += [entry for entry in group if isinstance(entry, str)]
        requirements = [Requirement(entry) for entry in written]
        wanted[name(project)] = [it for it in requirements if canonicalize_name(it.name) not in ours]
    return wanted


def read_lock(lines: list[str]) -> tuple[dict[str, list[Version]], dict[str, set[str]]]:
    """The locked versions of each package (more than one where markers differ), and who asks for it."""
    pins: dict[str, list[Version]] = defaultdict(list)
    asked_by: dict[str, set[str]] = defaultdict(set)
    current = ""
    for line in lines:
        if pin := PIN.match(line):
            current = canonicalize_name(pin["name"])
            pins[current].append(Version(pin["version"]))
            asked_by[current] |= set()
        elif via := VIA.match(line):
            asked_by[current].add(via["by"])
    return pins, asked_by


def unfit_lines(lines: list[str]) -> list[str]:
    faults = [
        f"line {number} names an index, an address or a path: {line.strip()}"
        for number, line in enumerate(lines, start=1)
        if not line.lstrip().startswith("#") and NOT_FOR_A_LOCK.search(line)
    ]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if (pin := PIN.match(line)) and "--hash=" not in following:
            faults.append(f"{pin['name']} is not pinned by hash")
    return faults


def missing(wanted: dict[str, list[Requirement]], pins: dict[str, list[Version]]) -> list[str]:
    faults = []
    for project, requirements in wanted.items():
        for requirement in requirements:
            versions = pins.get(canonicalize_name(requirement.name), [])
            if not versions:
                faults.append(f"{project} asks for {requirement}, which is not locked")
            faults += [
                f"{project} asks for {requirement}, but {version} is locked"
                for version in versions
                if not requirement.specifier.contains(version, prereleases=True)
            ]
    return faults


def left_over(
    wanted: dict[str, list[Requirement]], asked_by: dict[str, set[str]], *, ours: set[str]
) -> list[str]:
    direct = {project: {canonicalize_name(it.name) for it in asked} for project, asked in wanted.items()}
    anyones = set().union(*direct.values())
    faults = []
    for package, askers in asked_by.items():
        if not askers and package not in anyones:  # uv names nobody where only a dependency group asks
            faults.append(f"{package} is locked, and nothing asks for it any more")
        faults += [
            f"{package} is locked for {asker}, which no longer asks for it"
            for asker in sorted(askers & ours)
            if package not in direct[asker]
        ]
    return faults


if __name__ == "__main__":
    sys.exit(main())
