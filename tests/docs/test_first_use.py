"""Sentences of the documents that somebody relies on the first time, each beside what makes it true."""

from __future__ import annotations

import inspect

from tests.docs.pages import page, plain, sections

from stepladder.kit import secret


def test_the_readme_says_which_desktops_there_are() -> None:
    """USE-20: the agent is for Linux, not only the trial."""
    assert "Desktops: Linux only." in plain(sections("README.md")["What is not there yet"])


def test_an_enrolment_is_said_to_be_one_account_s() -> None:
    """USE-19: whoever enrols a second account of a machine knows beforehand that it is held."""
    assert "An enrolment belongs to one account." in plain(page("docs/installation.md"))
    enrol = plain(sections("docs/cli.md")["stepladder-agent enrol"])
    assert "Each account of a machine has its own enrolment" in enrol
    assert "is held, because the machine's name is enrolled already" in enrol


def test_settings_that_are_kept_with_a_note_are_told_from_those_that_are_refused() -> None:
    """USE-23: a ticket needs a type and a status; it needs no team."""
    told = plain(sections("docs/connectors/halopsa.md")["Settings"])
    assert "because no ticket could be opened or closed" in told
    assert "is saved with a note, because tickets are opened without it" in told


def test_a_missing_root_key_is_described_as_it_is() -> None:
    """USE-35: it is made only where nothing was sealed with one."""
    told = plain(page("docs/installation.md"))
    assert "A missing file is made only while the database has no MSP." in told
    assert "There is no root key at …, and this database was sealed with one." in told
    assert "There is no root key at" in inspect.getsource(secret)
    assert "without asking" not in told


def test_who_must_be_able_to_read_a_secret_file_is_said() -> None:
    """USE-36: the command runs as the account of the service."""
    told = plain(sections("docs/cli.md")["stepladder connector"])
    assert "The account of the service, as which the command runs, must be able to read the file" in told


def test_an_embedded_database_that_died_is_said_to_come_back() -> None:
    """USE-34: tests/kit/test_embedded_database.py kills one."""
    told = plain(page("docs/how-it-works.md"))
    assert (
        "The embedded PostgreSQL is killed alone | everything committed | the service starts it again" in told
    )
