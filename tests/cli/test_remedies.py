"""Every remedy is worded on the command line, with a command that is there; no other part of the product names one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import check_docs
import stepladder
from stepladder.cli import app
from stepladder.cli.remedies import COMMANDS, add_command
from stepladder.remedies import Remedy

SOURCE = Path(stepladder.__file__).parent
ROOT: Any = typer.main.get_command(app)
# Pages are an edge of their own: this one is for people at the host.
_EDGES = ("cli", "web/portal")


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


SOURCES = ("src", "agent/src", "demo/src", "sandbox/src", "bench/src")
NAMED = re.compile(r"\b(stepladder(?:-agent)?)((?: [a-z][a-z-]*)+)((?: --?[a-z][a-z-]*)*)")
REPOSITORY = Path(__file__).resolve().parents[2]


def _shown() -> Iterator[tuple[str, str]]:
    """Every text that a person may be shown, with its place: in code, and on the pages of the service."""
    for folder in SOURCES:
        for file in sorted((REPOSITORY / folder).rglob("*.py")):
            yield from ((str(file.relative_to(REPOSITORY)), text) for text in _texts(file))
    for file in sorted((REPOSITORY / "src").rglob("*.html")):
        yield str(file.relative_to(REPOSITORY)), re.sub(r"<[^>]+>", "`", file.read_text(encoding="utf-8"))


def test_every_command_that_a_text_names_exists() -> None:
    """USE-05: a message that advises names a command, with options, that is there. Documents: tools/check_docs.py."""
    wrong, found = [], 0
    for place, text in _shown():
        for program, words, options in NAMED.findall(text):
            fault = check_docs.unknown_command(
                program, [*_command_in(program, words.split()), *options.split()]
            )
            found += 1
            wrong += [f"{place}: {text!r}: {fault}"] if fault else []
    assert wrong == []
    assert found > 10


def _command_in(program: str, words: list[str]) -> list[str]:
    """The words that must be commands: where a command has none below it, what follows is the rest of the sentence."""
    node, command = check_docs.command_tree(program), []
    for word in words:
        if not getattr(node, "commands", None):
            break
        command.append(word)
        node = node.commands.get(word)
    return command


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
