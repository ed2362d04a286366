"""What is in each wheel and what it asks for: the product weighs what it does, and no more."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.packaging.conftest import FOLDERS, ROOT, Environment, read_running_lock

pytestmark = pytest.mark.xdist_group("packaging")

# Needed, and imported by other packages than ours.
UNSEEN = {
    ("stepladder", "httptools"),  # uvicorn reads HTTP with it where it is installed
    ("stepladder_demo", "stepladder-agent"),  # run as a program
    ("stepladder_sandbox", "httptools"),  # as above; its wire is a subclass of uvicorn's class for it
    ("stepladder_sandbox", "python-multipart"),  # starlette reads forms with it
}
IMPORT_ALL = """
import importlib, pkgutil, stepladder
for module in pkgutil.walk_packages(stepladder.__path__, "stepladder."):
    # Alembic runs the migrations with a database at hand; a __main__ is a command.
    if not module.name.startswith("stepladder.migrations.") and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def _files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return {name for name in opened.namelist() if ".dist-info/" not in name}


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (each for each in opened.namelist() if each.endswith(".dist-info/METADATA"))
        return message_from_bytes(opened.read(name))


def _required(wheel: Path) -> dict[str, Requirement]:
    """What a wheel asks for when no extra is wished, by the name of the distribution."""
    written = [Requirement(text) for text in _metadata(wheel).get_all("Requires-Dist", [])]
    return {canonicalize_name(it.name): it for it in written if "extra" not in str(it.marker)}


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _names(written: list[Any]) -> set[str]:
    return {canonicalize_name(Requirement(each).name) for each in written if isinstance(each, str)}


@pytest.mark.parametrize("package", FOLDERS)
def test_a_wheel_has_every_file_of_its_package_and_nothing_else(
    package: str, wheels: dict[str, Path]
) -> None:
    source = ROOT / FOLDERS[package] / "src"
    there = {
        file.relative_to(source).as_posix()
        for file in (source / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert _files(wheels[package]) == there


def test_the_product_has_neither_sandbox_nor_demo_nor_bench_nor_tests(wheels: dict[str, Path]) -> None:
    parts = {part for name in _files(wheels["stepladder"]) for part in Path(name).with_suffix("").parts}
    assert parts & {"sandbox", "demo", "bench", "tests", "testing", "conftest"} == set()


def test_the_sandbox_brings_its_pages(wheels: dict[str, Path]) -> None:
    inside = _files(wheels["stepladder_sandbox"])
    for name in ("README.md", "pages/templates/base.html", "static/sandbox.css", "static/vendor/htmx.min.js"):
        assert f"stepladder_sandbox/halopsa/{name}" in inside


def test_the_product_asks_for_no_tool_of_development(wheels: dict[str, Path]) -> None:
    """OPS-24: what runs an installation is locked by itself."""
    tools = _names(_pyproject()["dependency-groups"]["dev"]) | _names(
        _pyproject()["dependency-groups"]["build"]
    )
    assert {"mypy", "playwright", "pytest", "hatchling", "stepladder-bench"} <= tools
    assert _required(wheels["stepladder"]).keys() & tools == set()
    assert {canonicalize_name(name) for name in read_running_lock()} & tools == set()


def test_the_demo_is_an_extra_of_the_product(wheels: dict[str, Path]) -> None:
    metadata = _metadata(wheels["stepladder"])
    assert metadata.get_all("Provides-Extra") == ["demo"]
    asked = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    assert {it.name for it in asked if it.marker} == {"stepladder-demo", "stepladder-sandbox"}


@pytest.mark.parametrize("package", FOLDERS)
def test_a_distribution_asks_for_what_it_imports_and_for_nothing_else(
    package: str, wheels: dict[str, Path]
) -> None:
    asked = _required(wheels[package])
    with_extras = {f"{name}-{extra}" for name, it in asked.items() for extra in it.extras}
    imported = _imported(ROOT / FOLDERS[package] / "src" / package) - {package.replace("_", "-")}
    assert sorted(imported - asked.keys() - with_extras) == []
    assert sorted(name for name in asked.keys() - imported if (package, name) not in UNSEEN) == []


def _imported(source: Path) -> set[str]:
    """The distributions that the modules below `source` import from."""
    tops: set[str] = set()
    for file in source.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                tops |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                tops.add(node.module.partition(".")[0])
    known = importlib.metadata.packages_distributions()
    # Ours are installed from their folders, which leaves no list of their modules.
    return {
        canonicalize_name(name)
        for top in tops - sys.stdlib_module_names
        for name in ([top] if top in FOLDERS else known[top])
    }


def test_every_module_of_the_product_loads_with_what_running_needs(product_alone: Environment) -> None:
    done = product_alone.python("-c", IMPORT_ALL)
    assert done.returncode == 0, done.stderr


def test_the_product_s_page_for_a_registry_is_the_readme(wheels: dict[str, Path]) -> None:
    assert "# Stepladder" in str(_metadata(wheels["stepladder"]).get_payload())
