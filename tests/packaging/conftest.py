"""The wheels as a release has them, and an environment with nothing but the product and what running needs."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "stepladder": ".",
    "stepladder_agent": "agent",
    "stepladder_bench": "bench",
    "stepladder_demo": "demo",
    "stepladder_protocol": "protocol",
    "stepladder_sandbox": "sandbox",
}


@dataclass
class Environment:
    """A folder of installed packages, and Python run with it alone."""

    packages: Path

    def run(self, *arguments: str, also: Path | None = None) -> subprocess.CompletedProcess[str]:
        """`stepladder …`; `also` has more packages, as another installation step would bring them."""
        return self.python("-m", "stepladder", *arguments, also=also)

    def python(self, *arguments: str, also: Path | None = None) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(str(place) for place in (self.packages, also) if place)
        return subprocess.run(
            [sys.executable, "-S", *arguments],  # -S: the packages of the test run's environment stay out
            env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "200"},
            cwd=self.packages.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A wheel of each distribution, built with what is installed here."""
    place = tmp_path_factory.mktemp("wheels")
    for folder in FOLDERS.values():
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
        done = subprocess.run(build, cwd=ROOT / folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return {wheel.name.split("-")[0]: wheel for wheel in place.glob("*.whl")}


@pytest.fixture(scope="session")
def product_alone(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What an installation gets: the packages that requirements.lock names, the protocol and the service."""
    packages = tmp_path_factory.mktemp("alone") / "packages"
    packages.mkdir()
    for name in read_running_lock():
        _link(name, packages)
    for name in ("stepladder_protocol", "stepladder"):
        with zipfile.ZipFile(wheels[name]) as wheel:
            wheel.extractall(packages)
    return Environment(packages)


def read_running_lock() -> list[str]:
    """The packages that requirements.lock names."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    return re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==", lock, re.MULTILINE)


def _link(name: str, packages: Path) -> None:
    """Show an installed package in `packages`, as far as it is for this machine."""
    try:
        package = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return
    for top in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
        link = packages / top
        if not link.exists():
            link.symlink_to(Path(str(package.locate_file(top))).resolve())
