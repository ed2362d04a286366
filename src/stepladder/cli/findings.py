"""How commands print a check-up: a line for each finding, then what to do; status 1 where something fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer

from stepladder.kit.findings import Finding, Result

from . import context
from .remedies import add_command


def show_findings(found: Sequence[Finding], *, json_fields: Mapping[str, str], as_json: bool) -> None:
    """Print what was found out. `json_fields` are the names that this command's JSON has for a finding's fields."""
    if as_json:
        rows = [{shown: _fields(each)[own] for own, shown in json_fields.items()} for each in found]
        context.table(rows, as_json=True, empty="")
    else:
        lines = [{"check": each.name, "result": each.result, "detail": each.detail} for each in found]
        context.table(lines, as_json=False, empty="")
        show_steps("What to do:", [f"{', '.join(names)}: {todo}" for todo, names in _todos(found).items()])
    if any(each.result is Result.FAIL for each in found):
        raise typer.Exit(1)


def _fields(finding: Finding) -> dict[str, str]:
    todo = add_command(finding.advice, finding.remedy)
    return {"name": finding.name, "result": finding.result, "detail": finding.detail, "todo": todo}


def _todos(found: Sequence[Finding]) -> dict[str, list[str]]:
    """What is to be done, each once, with what it is for."""
    todos: dict[str, list[str]] = {}
    for each in map(_fields, found):
        if each["todo"]:
            todos.setdefault(each["todo"], []).append(each["name"])
    return todos


def show_steps(title: str, steps: Sequence[str]) -> None:
    """Print what a person does, step by step; nothing where there are no steps."""
    if steps:
        typer.echo(f"\n{title}")
    for step in steps:
        # A body has several lines, and each is shown as it is to be copied.
        first, *more = step.splitlines()
        typer.echo(f"  - {context.visible(first)}")
        for line in more:
            typer.echo(f"    {context.visible(line)}")
