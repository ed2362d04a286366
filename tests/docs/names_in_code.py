"""What the code calls things, read from the code itself: error codes and the facts of audit events."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import stepladder
import stepladder_agent
from stepladder.errors import StepladderError
from stepladder_agent.errors import AgentError

SOURCE = Path(stepladder.__file__).parent
_LOG_LEVELS = {"debug", "info", "warning", "error"}
# Alembic runs these, with a database at hand.
_NOT_IMPORTED = ("stepladder.migrations.env", "stepladder.migrations.versions")


def import_everything() -> None:
    """Every module of the service and the agent, so that every subclass of their errors is there."""
    for package in (stepladder, stepladder_agent):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(_NOT_IMPORTED) and not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def refusals() -> list[type[StepladderError]]:
    """Every refusal of the service, the families included."""
    return [StepladderError, *_below(StepladderError)]


def agent_errors() -> list[type[AgentError]]:
    """Every error that the agent ends with."""
    return [AgentError, *_below(AgentError)]


def _below(base: type) -> Iterator[type]:
    for each in base.__subclasses__():
        # Tests have families of their own.
        if each.__module__.startswith(("stepladder.", "stepladder_agent.")):
            yield each
        yield from _below(each)


def connector_codes() -> set[str]:
    """Codes that connectors and tickets give their failures, and that pages and commands give without a class."""
    found: set[str] = set()
    for call in _calls(
        "connectors/ticket_system.py", "connectors/halopsa", "mapping", "tickets", "web", "cli"
    ):
        name = _name_of(call)
        if name in _LOG_LEVELS:
            continue  # what a log line calls "code" is not shown by that name alone
        code = next((keyword.value for keyword in call.keywords if keyword.arg == "code"), None)
        if code is not None:
            found |= _texts(code)
        elif name == "fail" and call.args:
            found |= _texts(call.args[0])
        elif name == "problem" and len(call.args) > 1:
            found |= _texts(call.args[1])
        elif (name == "_missing" and call.args) or (name == "_needed" and call.args):
            found |= {f"halopsa_no_{kind}" for kind in _texts(call.args[0])}
    return found


def facts_of_tags() -> dict[str, set[str]]:
    """The facts that each audit tag is recorded with, by the tag's name in the enum, as far as they are spelled out."""
    found: dict[str, set[str]] = {}
    for call in _calls("."):
        if _name_of(call) == "record" and len(call.args) > 1 and isinstance(call.args[1], ast.Attribute):
            names = {keyword.arg for keyword in call.keywords if keyword.arg not in (None, "actor")}
            found.setdefault(call.args[1].attr, set()).update(name for name in names if name)
    return found


def _calls(*places: str) -> Iterator[ast.Call]:
    for place in places:
        path = SOURCE / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield node


def _name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _texts(node: ast.expr) -> set[str]:
    """The literal texts that an expression can be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return set()
