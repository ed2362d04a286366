"""Checks what the documents say that a machine can know.

Every relative link leads to a file (and heading) that exists, every `stepladder …`, `stepladder-agent …`
and `make …` in them is a command, with options, that exists, and every setting is described.
"""

from __future__ import annotations

import importlib
import re
import shlex
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from repository import PROJECTS, ROOT, files

if TYPE_CHECKING:
    from collections.abc import Iterator

# systemd units are among them: their commands stand after ExecStart=.
SETTINGS = "docs/settings.md"
SHELL_BLOCKS = {"sh", "bash", "shell", "console", "ini", "systemd"}
FENCE = re.compile(
    r"^(?P<indent> *)(?P<mark>```+|~~~+) *(?P<language>[\w-]*).*?^(?P=indent)(?P=mark) *$",
    re.MULTILINE | re.DOTALL,
)
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?(?P<inline>[^)\s>]+)[^)]*\)|^\s*\[[^\]]+\]:\s+(?P<reference>\S+)", re.MULTILINE)
HTML_LINK = re.compile(r"""<[^>]+?\s(?:href|src|srcset)=["'](?P<target>[^"'\s]+)""")
HEADING = re.compile(r"^ {0,3}#{1,6}\s+(?P<text>.+?)\s*#*\s*$", re.MULTILINE)
ANCHOR = re.compile(r"""<a\s[^>]*?(?:id|name)=["']([^"']+)""")
PLACEHOLDER = re.compile(r"^[\[<(…]|\.\.\.$|…$")  # from here on a command is an illustration


def main() -> int:
    """Print each fault with its place. Returns the exit status."""
    found = 0
    for path in files("*.md"):
        if "vendor" in path.parts:
            continue
        text = (ROOT / path).read_text("utf-8")
        for position, fault in [*link_faults(path, text), *command_faults(text)]:
            print(f"{path}:{text.count(chr(10), 0, position) + 1}: {fault}")
            found += 1
    for name in undescribed_settings((ROOT / SETTINGS).read_text("utf-8")):
        print(f"{SETTINGS}: the setting {name} has no paragraph")
        found += 1
    return 1 if found else 0


# --- settings -------------------------------------------------------------------------------------------


def undescribed_settings(text: str) -> list[str]:
    """The settings of the service that have no heading in `text`."""
    settings = importlib.import_module("stepladder.settings").Settings
    names = [f"STEPLADDER_{name.upper()}" for name in settings.model_fields]
    headings = {match["text"].replace("`", "") for match in HEADING.finditer(text)}
    return [name for name in names if name not in headings]


# --- links ----------------------------------------------------------------------------------------------


def link_faults(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """Position and fault of each link in `text` that leads nowhere."""
    prose = without_code(text)
    for pattern in (LINK, HTML_LINK):
        for match in pattern.finditer(prose):
            target = next(group for group in match.groups() if group)
            if not re.match(r"[a-z][a-z0-9+.-]*:", target) and (fault := broken(path, target)):
                yield match.start(), fault


def without_code(text: str) -> str:
    """The same text with code blanked out, so that positions stay."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    return CODE_SPAN.sub(blank, FENCE.sub(blank, text))


def broken(path: Path, target: str) -> str | None:
    """Why a relative link leads nowhere; None if it leads somewhere."""
    name, _, anchor = target.partition("#")
    if name.startswith("/"):
        return f"link {target} is absolute; write it relative to this file"
    place = (ROOT / path.parent / name).resolve() if name else ROOT / path
    if not place.is_relative_to(ROOT) or not place.exists():
        return f"link {target} leads to nothing"
    if anchor and place.suffix == ".md" and anchor not in anchors(place):
        return f"link {target}: that document has no such heading"
    return None


@cache
def anchors(place: Path) -> set[str]:
    """The names that a document's headings get where it is shown."""
    text = place.read_text("utf-8")
    seen: Counter[str] = Counter()
    found = set(ANCHOR.findall(text))
    # Only blocks are cut out: code inside a heading is part of its name.
    for match in HEADING.finditer(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match["text"]).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


# --- commands -------------------------------------------------------------------------------------------


def command_faults(text: str) -> Iterator[tuple[int, str]]:
    """Position and fault of each command in `text` that does not exist."""
    for position, line in command_lines(text):
        for words in simple_commands(line):
            program, *arguments = words
            if program == "make":
                fault = unknown_target(arguments)
            elif program in programs():
                fault = unknown_command(program, arguments)
            else:
                continue
            if fault:
                yield position, fault


def command_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines of shell blocks, joined where they are continued, and code in running text."""
    for block in FENCE.finditer(text):
        if block["language"] in SHELL_BLOCKS:
            lines = re.sub(r"\\\n", " ", block[0])
            yield from ((block.start(), line) for line in lines.splitlines()[1:-1])
    prose = FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    yield from ((match.start(), match[2]) for match in CODE_SPAN.finditer(prose))


def simple_commands(line: str) -> Iterator[list[str]]:
    """Each command of a shell line as words, from its program on, the program without its folder."""
    lexer = shlex.shlex(line.strip().removeprefix("$ "), posix=True, punctuation_chars=";|&")
    lexer.whitespace_split = True
    try:
        tokens = list(lexer)
    except ValueError:  # an apostrophe in something that is no command
        return
    words: list[str] = []
    for token in [*tokens, ";"]:
        if not set(token) <= set(";|&"):
            words.append(token)
            continue
        start = next((at for at, word in enumerate(words) if not leads_in(words, at, word)), None)
        if start is not None:
            program = words[start].removeprefix("ExecStart=").rpartition("/")[2]
            yield [program, *words[start + 1 :]]
        words = []


def leads_in(words: list[str], at: int, word: str) -> bool:
    """Whether a word only says how the program after it is run: sudo and its user, or a variable."""
    is_variable = re.match(r"[A-Z_]+=", word) is not None
    return word in {"sudo", "-u", "exec", "env"} or is_variable or (at > 0 and words[at - 1] == "-u")


def unknown_target(arguments: list[str]) -> str | None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for word in arguments:
        if PLACEHOLDER.search(word):
            return None
        if "=" not in word and not word.startswith("-") and word not in targets:
            return f"make has no target {word}"
    return None


@cache
def programs() -> dict[str, str]:
    """Our commands and the modules they come from, as the pyprojects declare them."""
    scripts: dict[str, str] = {}
    for path in PROJECTS:
        scripts |= tomllib.loads(path.read_text("utf-8"))["project"].get("scripts", {})
    return {name: entry.partition(":")[0] for name, entry in scripts.items()}


@cache
def command_tree(program: str) -> Any:
    """The command line of one of our programs: the Typer application that its module calls `app`."""
    tree: Any = typer.main.get_command(importlib.import_module(programs()[program]).app)
    tree.list_commands(typer.Context(tree))  # loads what plug-ins bring
    return tree


def unknown_command(program: str, arguments: list[str]) -> str | None:
    """What is wrong with these arguments; None if such a call exists. Values are not judged."""
    try:
        node, said = command_tree(program), program
    except (ImportError, AttributeError) as error:
        return f"`{program}` has no command line to compare with ({error})"
    words = iter(arguments)
    for word in words:
        if word == "--" or PLACEHOLDER.search(word):
            return None
        if word.startswith("-"):
            option, equals, _ = word.partition("=")
            known = find_option(node, option)
            if known is None:
                return f"`{said}` has no option {option}"
            if known and not equals:
                next(words, None)
        elif commands := getattr(node, "commands", None):
            if word not in commands:
                return f"`{said}` has no command {word}"
            node, said = commands[word], f"{said} {word}"
    return None


def find_option(node: Any, option: str) -> bool | None:
    """Whether the option takes a value; None if there is no such option."""
    if option in {"--help", "--install-completion", "--show-completion"}:
        return False
    for parameter in node.params:
        if option in [*parameter.opts, *parameter.secondary_opts]:
            return not (getattr(parameter, "is_flag", False) or getattr(parameter, "count", False))
    return None


if __name__ == "__main__":
    sys.exit(main())
