"""The documents as a whole: their links and commands exist, the README tells what the demo says, decisions are whole."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from tests.docs.pages import ROOT, page, plain

CITING = ("src", "agent", "protocol", "sandbox", "demo", "bench", "tests")
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))


def test_every_link_command_and_make_target_exists() -> None:
    """The same as `make docs`; each line of its output names what is missing, and where."""
    done = subprocess.run(
        [sys.executable, "tools/check_docs.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout + done.stderr).splitlines() == []


def test_the_readme_starts_with_two_commands() -> None:
    assert "```sh\nmake demo\nmake test\n```" in page("README.md")


def test_the_readme_tells_what_the_demo_says() -> None:
    (told,) = re.findall(r"```\n(Ready\..*?)```", page("README.md"), re.DOTALL)
    said = page("demo/src/stepladder_demo/run.py")
    sentences = [
        line.strip() for line in told.splitlines() if line.strip() and "…" not in line and "http" not in line
    ]
    assert [sentence for sentence in sentences if plain(sentence) not in _spoken(said)] == []


def _spoken(source: str) -> str:
    return plain(re.sub(r"\[/?(bold)?\]", "", source))


def test_the_readme_leads_to_every_page() -> None:
    told = page("README.md")
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} | {"docs/connectors/halopsa.md"}
    assert sorted(name for name in pages if f"({name})" not in told) == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem[:4])
def test_a_decision_has_all_its_parts_and_is_listed(decision: object) -> None:
    name = decision.name  # type: ignore[attr-defined]  # a path, which the parametrization hands on as an object
    told = page(f"docs/decisions/{name}")
    parts = ("## Context", "## Decision", "## Consequences", "## Alternatives")
    assert [part for part in parts if part not in told] == []
    assert re.match(rf"# {name[:4]}: ", told)
    assert f"]({name})" in page("docs/decisions/README.md")


def test_every_fact_and_threat_that_code_cites_is_described() -> None:
    """A reader of *HaloPSA fact 8* or *threat T22* finds it in these documents, and nothing outside of them is cited."""
    facts = set(re.findall(r"^### Fact (\d+):", page("docs/connectors/halopsa-facts.md"), re.MULTILINE))
    threats = set(re.findall(r"^### (T\d+):", page("docs/threats.md"), re.MULTILINE))
    missing = []
    for path in (path for folder in CITING for path in sorted((ROOT / folder).rglob("*.py"))):
        text = path.read_text(encoding="utf-8")
        cited = re.findall(r"HaloPSA facts? ((?:\d+(?:, | to | and )?)+)", text)
        numbers = {number for some in cited for number in re.findall(r"\d+", some)}
        named = {
            name
            for some in re.findall(r"[Tt]hreats? ((?:T\d+(?:, )?)+)", text)
            for name in re.findall(r"T\d+", some)
        }
        missing += [
            f"{path.relative_to(ROOT)}: {name}" for name in sorted((numbers - facts) | (named - threats))
        ]
    assert missing == []


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
