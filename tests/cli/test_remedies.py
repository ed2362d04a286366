"""Every remedy is worded on the command line, with a command that is there; no other part of the product names one."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import typer

import stepladder
from stepladder.cli import app
from stepladder.cli.remedies import COMMANDS, add_command
from stepladder.remedies import Remedy

SOURCE = Path(stepladder.__file__).parent
ROOT: Any = typer.main.get_command(app)
# Pages are an edge of their own: this one is for people at the host.
_EDGES = ("cli", "web/application.py")


def test_every_remedy_has_a_command() -> None:
    assert sorted(set(Remedy) - COMMANDS.keys()) == []


def _resolve(words: list[str]) -> Any:
    command = ROOT
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    return command


@pytest.mark.parametrize("remedy", Remedy)
def test_a_remedy_s_command_and_its_options_exist(remedy: Remedy) -> None:
    words = COMMANDS[remedy].split()
    command = _resolve(words)
    options = {option for each in command.params for option in each.opts}
    assert not getattr(command, "commands", {}), "the command is a group"
    assert [word for word in words if not word.isupper() and word != "…" and word not in options] == []


def test_a_sentence_without_a_remedy_stays_as_it_is() -> None:
    assert add_command("It is so.", None) == "It is so."
    assert add_command("It is so.", Remedy.KEY_LIST) == "It is so. Run: stepladder key list"


def test_no_sentence_of_a_feature_names_a_command() -> None:
    commands = "|".join(sorted(ROOT.commands))
    named = re.compile(rf"\bstepladder ({commands})\b")
    found = [
        f"{file.relative_to(SOURCE)}: {text}"
        for file in sorted(SOURCE.rglob("*.py"))
        if not str(file.relative_to(SOURCE)).startswith(_EDGES)
        for text in _texts(file)
        if named.search(text)
    ]
    assert found == []


def _texts(file: Path) -> list[str]:
    """The texts of a module that are no docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs)
    return [node.value for node in constants if isinstance(node.value, str)]
