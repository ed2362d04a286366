"""What one command shows is what the next one takes, in a terminal of any width."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.cli.conftest import Installation
from tests.cli.desks import ask

from stepladder_protocol.messages import Program

pytestmark = pytest.mark.xdist_group("cli")
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
ARGUMENTS = ["a\nb", "c d", '"q"', "", "it's"]


@pytest.fixture(scope="module")
def asked(installation: Installation) -> str:
    """A pending request with arguments that could be misread."""
    program = Program(name="env", path="/usr/bin/env", arguments=ARGUMENTS, sha256="ab" * 32, size=4096)
    return ask(installation, program=program, reason="needed for the quarterly report", name="DESK-17")


def on_a_terminal(installation: Installation, columns: int, *arguments: str) -> str:
    """What a command prints on a terminal of this width."""
    ours, theirs = pty.openpty()
    environment = {**installation.environment, "COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "stepladder", *arguments], env=environment, stdout=theirs, stdin=theirs
    )
    os.close(theirs)
    shown = b"".join(_until_closed(ours))
    os.close(ours)
    assert process.wait() == 0
    return shown.decode().replace("\r\n", "\n")


def _until_closed(handle: int) -> Iterator[bytes]:
    try:
        while chunk := os.read(handle, 4096):
            yield chunk
    except OSError:
        return


@pytest.mark.parametrize("columns", [40, 80, 120, 140, 200, 400])
def test_ids_are_never_cut(installation: Installation, asked: str, columns: int) -> None:
    """USE-02: other columns give way, or a row becomes a block."""
    shown = on_a_terminal(installation, columns, "request", "list", "--state", "pending")
    assert asked in UUID.findall(shown)
    machines = on_a_terminal(installation, columns, "endpoint", "list")
    assert UUID.findall(machines)
    if columns >= 80:
        assert max(map(len, (line for line in shown.splitlines() if "arguments" not in line))) <= columns


def test_the_list_shows_what_one_decides_by(installation: Installation, asked: str) -> None:
    """USE-02: reason and arguments, in a pipe too, where a row is one line."""
    (line,) = [
        each for each in installation.run("request", "list").out.splitlines() if each.startswith(asked)
    ]
    assert "needed for the quarterly report" in line
    assert r"""'c d' '"q"' ''""" in line
    assert "needed for the quarterly report" in " ".join(
        on_a_terminal(installation, 80, "request", "list").split()
    )


def test_a_request_s_arguments_are_shown_as_a_shell_has_them(installation: Installation, asked: str) -> None:
    """USE-11: `x, y` as one and as two do not look the same."""
    shown = installation.run("request", "show", asked).out.splitlines()
    assert r"""arguments: $'a\nb' 'c d' '"q"' '' 'it'"'"'s'""" in shown
    assert installation.json("request", "show", asked)["arguments"] == ARGUMENTS


def test_the_beginning_of_an_id_is_enough(installation: Installation, asked: str) -> None:
    """USE-02: of a request, a machine, a key and a token; nothing is guessed."""
    machine = installation.json("request", "show", asked[:8])["endpoint_id"]
    assert installation.run("request", "show", asked[:3]).status == 1
    assert installation.json("request", "show", asked.replace("-", "")[:13].upper())["id"] == asked
    refused = installation.run("endpoint", "activate", machine[:6], "--json")
    assert refused.json["error"]["code"] == "endpoint_not_held"
    key = installation.json("key", "create", "by its beginning")["key_id"]
    assert installation.json("key", "limit", key[:6], "--anywhere")["networks"] == "anywhere"
    assert installation.json("key", "revoke", key[:6])["state"] == "revoked"


def test_what_fits_no_id_is_refused(installation: Installation) -> None:
    """USE-02: that a beginning fits two is refused, too (tests/kit/test_typed_ids.py)."""
    for text in ("00000000", "nik", "", "0000-"):
        done = installation.run("request", "show", text, "--json")
        assert done.json["error"]["code"] == "request_not_found"


def test_deciding_takes_what_the_list_shows(installation: Installation) -> None:
    """USE-02: the command that the demo names next."""
    asked = ask(installation, name="DESK-18")
    done = installation.json("request", "deny", asked[:8], "--as", "nik@nikpot.example")
    assert (done["id"], done["state"]) == (asked, "denied")
