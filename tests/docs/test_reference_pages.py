"""Every setting, error code, audit tag and command has its place in the documents, and the documents name no others."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer
from tests.docs import names_in_code
from tests.docs.pages import page, plain, rows, sections

from stepladder.audit.tags import Tag
from stepladder.cli import app as service_commands
from stepladder.cli.remedies import find_command
from stepladder.errors import StepladderError
from stepladder.remedies import Remedy
from stepladder.settings import Settings
from stepladder_agent.cli import app as agent_commands
from stepladder_agent.errors import ExitStatus

SETTINGS = sections("docs/settings.md")
ERRORS, ERROR_ROWS = sections("docs/errors.md"), rows("docs/errors.md")
TAG_ROWS = rows("docs/audit.md")
COMMANDS = sections("docs/cli.md")


@pytest.fixture(scope="module", autouse=True)
def _everything_imported() -> None:
    names_in_code.import_everything()


def test_every_setting_has_its_paragraph() -> None:
    named = {f"STEPLADDER_{name.upper()}" for name in Settings.model_fields}
    assert sorted(named - SETTINGS.keys()) == []


def test_no_setting_is_described_that_there_is_not() -> None:
    described = {heading for heading in SETTINGS if heading.startswith("STEPLADDER_")}
    assert sorted(described - {f"STEPLADDER_{name.upper()}" for name in Settings.model_fields}) == []


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_s_paragraph_states_its_default(name: str) -> None:
    default = Settings.model_fields[name].default
    told = plain(SETTINGS[f"STEPLADDER_{name.upper()}"])
    assert "Default:" in told
    if isinstance(default, str | int | float):
        shown = (
            str(default).lower()
            if isinstance(default, bool)
            else f"{default:g}"
            if isinstance(default, float)
            else default
        )
        assert f"Default: {shown}." in told or f"Default: {shown} " in told


def test_every_refusal_has_its_paragraph() -> None:
    codes = {refusal.code for refusal in names_in_code.refusals()}
    assert sorted(codes - ERRORS.keys() - ERROR_ROWS.keys()) == []


def test_every_code_without_a_class_has_its_paragraph() -> None:
    assert sorted(names_in_code.connector_codes() - ERRORS.keys() - ERROR_ROWS.keys()) == []


def test_a_refusal_s_paragraph_has_its_sentence() -> None:
    """A reader who searches the documents for what is on the screen finds it."""
    missing = {
        refusal.code: refusal.sentence
        for refusal in names_in_code.refusals()
        if "sentence" in vars(refusal) and plain(refusal.sentence) not in plain(_told_of(refusal))
    }
    assert missing == {}


def test_a_refusal_s_paragraph_has_its_remedy() -> None:
    missing = {
        refusal.code: str(refusal.remedy)
        for refusal in names_in_code.refusals()
        if refusal.remedy and f"Remedy: {refusal.remedy}" not in plain(_told_of(refusal))
    }
    assert missing == {}


def test_every_remedy_has_its_line_with_its_command() -> None:
    told = {name: row for name, row in ERROR_ROWS.items() if "." in name}
    assert told.keys() == set(Remedy)
    assert [remedy for remedy in Remedy if f"`{find_command(remedy)}`" not in told[remedy]] == []


def _told_of(refusal: type[StepladderError]) -> str:
    return ERRORS.get(refusal.code) or ERROR_ROWS.get(refusal.code, "")


def test_every_error_of_the_agent_has_its_line() -> None:
    codes = {error.code for error in names_in_code.agent_errors()}
    assert sorted(code for code in codes if f"`{code}`" not in ERRORS["The agent"]) == []


def test_every_exit_status_of_the_agent_has_its_line() -> None:
    told = set(re.findall(r"^\| (\d+) \|", ERRORS["The agent"], re.MULTILINE))
    assert sorted({str(int(status)) for status in ExitStatus} - told) == []


def test_no_code_is_explained_that_nothing_gives() -> None:
    given = {refusal.code for refusal in names_in_code.refusals()} | names_in_code.connector_codes()
    given |= {error.code for error in names_in_code.agent_errors()} | {
        "route_not_found",
        "method_not_allowed",
    }
    explained = {
        heading for heading in ERRORS if re.fullmatch(r"[a-z]+(_[a-z]+)+", heading)
    } | ERROR_ROWS.keys()
    assert sorted(explained - given - set(Remedy)) == []


def test_every_audit_tag_has_its_line() -> None:
    assert sorted({str(tag) for tag in Tag} - TAG_ROWS.keys()) == []


def test_no_audit_tag_is_listed_that_there_is_not() -> None:
    listed = {name for name in TAG_ROWS if "." in name}
    assert sorted(listed - {str(tag) for tag in Tag}) == []


def test_an_audit_tag_s_line_names_its_facts() -> None:
    recorded = names_in_code.facts_of_tags()
    missing = {
        str(tag): sorted(
            fact for fact in recorded.get(tag.name, ()) if f"`{fact}`" not in TAG_ROWS.get(str(tag), "")
        )
        for tag in Tag
    }
    assert {tag: facts for tag, facts in missing.items() if facts} == {}


@pytest.mark.parametrize(
    ("program", "app"), [("stepladder", service_commands), ("stepladder-agent", agent_commands)]
)
def test_every_command_has_its_section(program: str, app: typer.Typer) -> None:
    missing = []
    for name, command in _commands(app).items():
        heading = f"{program} {name}"
        told = COMMANDS.get(heading, "")
        missing += [] if told else [heading]
        for inner in getattr(command, "commands", {}):
            if f"{heading} {inner}" not in told:
                missing.append(f"{heading} {inner}")
    assert missing == []


def test_every_section_about_a_command_is_about_one_that_there_is() -> None:
    commands = {"stepladder": service_commands, "stepladder-agent": agent_commands}
    known = {f"{program} {name}" for program, app in commands.items() for name in _commands(app)}
    described = {heading for heading in COMMANDS if heading.startswith("stepladder")}
    assert sorted(described - known) == []


def _commands(app: typer.Typer) -> dict[str, Any]:
    """All commands by their names, with those that plug-ins bring."""
    tree: Any = typer.main.get_command(app)
    tree.list_commands(typer.Context(tree))
    return dict(tree.commands)


def test_the_glossary_has_every_state_a_request_can_be_in() -> None:
    from stepladder.elevation.policy import Channel
    from stepladder_protocol.messages import RequestState

    told = page("docs/glossary.md")
    names = [*RequestState, *Channel]
    assert [str(name) for name in names if f"`{name}`" not in told] == []
