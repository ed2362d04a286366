"""What can be made can be listed, changed and taken away, by commands."""

from __future__ import annotations

import os
import re

import pytest
from tests.cli.conftest import Installation
from tests.cli.desks import ask

from stepladder.errors import Invalid
from stepladder.tenancy.forms import read_address

pytestmark = pytest.mark.xdist_group("cli")


def code(installation: Installation, *arguments: str) -> str:
    done = installation.run(*arguments, "--json")
    assert done.status == 1, done.out + done.err
    return str(done.json["error"]["code"])


def test_an_msp_is_renamed_and_moved_and_says_what_that_means(several: Installation) -> None:
    """USE-05: by the command that the check names."""
    named = ("--msp", "second.test")
    assert several.json("msp", "set", "--name", "Renamed", *named)["name"] == "Renamed"
    moved = several.json("msp", "set", "--url", "https://other.test:8443", *named)
    assert (moved["host"], moved["url"]) == ("other.test", "https://other.test:8443")
    assert "enrol each machine again" in moved["note"]
    assert [row["host"] for row in several.json("msp", "list")] == ["first.test", "other.test"]
    assert code(several, "msp", "set", "--url", "https://first.test", "--msp", "other.test") == "host_taken"
    assert code(several, "msp", "set", "--url", "http://elsewhere.test", "--msp", "other.test") == "invalid"
    assert several.run("msp", "set", "--msp", "other.test").status == 2


def test_an_msp_that_was_a_mistake_can_be_removed(several: Installation) -> None:
    """USE-05: and then no command asks which one is meant, and the host name is free."""
    several.json("customer", "create", "northwind", "--msp", "second.test")
    assert code(several, "msp", "remove", "--yes", "--msp", "second.test") == "msp_in_use"
    assert (
        several.json("customer", "remove", "northwind", "--yes", "--msp", "second.test")["state"] == "removed"
    )
    aborted = several.run("msp", "remove", "--msp", "second.test", stdin="n\n")
    assert (aborted.status, len(several.json("msp", "list"))) == (1, 2)
    assert several.json("msp", "remove", "--yes", "--msp", "second.test")["state"] == "removed"
    assert several.json("customer", "list") == []
    several.json("msp", "create", "Second again", "--url", "https://second.test")


def test_an_msp_with_a_connection_is_not_removed(installation: Installation) -> None:
    """USE-05: HaloPSA would go on being called for nobody."""
    refused = installation.run("msp", "remove", "--yes", "--json").json["error"]
    assert refused["code"] == "msp_in_use"
    assert refused["command"] in ("stepladder customer remove CUSTOMER", "stepladder connector remove")


def test_an_address_of_six_is_an_address(bare: Installation) -> None:
    """USE-27: as it stands in a Host header."""
    for number, (url, host) in enumerate(
        {"http://[::1]:8700": "[::1]", "https://[2001:db8::1]": "[2001:db8::1]"}.items()
    ):
        made = bare.json("msp", "create", f"Sixth {number}", "--url", url)
        assert (made["url"], made["host"]) == (url, host)
        bare.json("msp", "remove", "--yes", "--msp", host)


@pytest.mark.parametrize(
    "url", ["http://[::1", "https://host:port", "https://host:70000", "http://[2001:db8::1]"]
)
def test_what_is_no_address_is_refused_in_a_sentence(url: str) -> None:
    """USE-27: never in a traceback."""
    with pytest.raises(Invalid):
        read_address(url)


def test_a_customer_is_removed_once_nothing_of_it_is_in_use(installation: Installation) -> None:
    """USE-12: its machines are revoked first, which withdraws what they asked."""
    installation.json("customer", "create", "umbra", "--display-name", "Umbra Ltd")
    request = ask(installation, customer="umbra", name="UM-1")
    assert code(installation, "customer", "remove", "umbra", "--yes") == "customer_in_use"
    machine = installation.json("request", "show", request)["endpoint_id"]
    assert installation.json("endpoint", "revoke", machine[:8])["state"] == "revoked"
    assert installation.json("request", "show", request)["state"] == "cancelled"
    assert installation.json("customer", "remove", "umbra", "--yes")["customer"] == "Umbra Ltd"
    assert "Umbra" not in installation.run("customer", "list").out
    assert code(installation, "customer", "remove", "umbra", "--yes") == "not_found"


def test_a_technician_s_name_and_e_mail_are_changed(installation: Installation) -> None:
    """USE-12: people marry, and mistype."""
    installation.json("technician", "create", "dna@nikpot.example", "--name", "Dna")
    changed = installation.json(
        "technician",
        "set",
        "dna@nikpot.example",
        "--name",
        "Dana Whitfield",
        "--email",
        "dana@nikpot.example",
    )
    assert (changed["name"], changed["email"]) == ("Dana Whitfield", "dana@nikpot.example")
    assert code(installation, "technician", "set", "dna@nikpot.example", "--inactive") == "not_found"
    assert code(
        installation, "technician", "set", "dana@nikpot.example", "--email", "NIK@nikpot.example"
    ) == ("email_taken")
    assert code(installation, "technician", "set", "dana@nikpot.example", "--email", "nope") == "invalid"
    events = installation.json("audit", "list", "--limit", "200")
    (event,) = [each for each in events if each["facts"].get("email_changed")]
    assert "dana" not in str(event["facts"])


def test_enrolment_tokens_are_listed_and_withdrawn(installation: Installation) -> None:
    """USE-12: the tokens themselves are shown nowhere again."""
    made = installation.json("endpoint", "token", "northwind", "--name", "DESK-30")["token"]
    also = installation.json("endpoint", "token", "create", "northwind")["token"]
    listed = installation.run("endpoint", "token", "list", "--json").out
    assert made not in listed
    assert also not in listed
    (bound,) = [
        row for row in installation.json("endpoint", "token", "list") if row["endpoint_name"] == "DESK-30"
    ]
    assert bound["customer"] == "Northwind Traders"
    assert installation.json("endpoint", "token", "revoke", bound["id"][:8])["state"] == "withdrawn"
    assert bound["id"] not in installation.run("endpoint", "token", "list").out
    assert code(installation, "endpoint", "token", "revoke", bound["id"]) == "not_found"


def test_the_trail_is_read_on_a_terminal(installation: Installation) -> None:
    """USE-12: newest first, with names, a page at a time."""
    installation.json("customer", "create", "listed", "--display-name", "Listed Ltd")
    (newest,) = installation.json("audit", "list", "--limit", "1")
    assert (newest["tag"], newest["subject_name"]) == ("customer.created", "Listed Ltd")
    (second,) = installation.json("audit", "list", "--limit", "1", "--page", "2")
    assert second["at"] <= newest["at"]
    about = installation.json("audit", "list", "--customer", "Listed Ltd")
    assert {event["subject"] for event in about} == {newest["subject"]}
    shown = installation.run("audit", "list", "--limit", "1").out
    assert "Listed Ltd" in shown
    assert "There is more: --page 2." in shown
    assert installation.run("audit", "list", "--since", "yesterday").status == 2


def test_a_machine_was_last_seen_about_then(installation: Installation) -> None:
    """USE-25: it is noted every few minutes, and the list does not pretend more."""
    ask(installation, name="DESK-40")
    heading, *_, row = installation.run("endpoint", "list").out.splitlines()
    assert "last seen about" in heading
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\dZ\s*$", row)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("STEPLADDER_OUTBOUND_ALLOW", "halopsa.internal", "'halopsa.internal' is not an origin such as"),
        ("STEPLADDER_PORT", "many", "must be a whole number."),
        ("STEPLADDER_PORT", "70000", "must be at most 65535."),
        ("STEPLADDER_LOG_LEVEL", "loud", "must be 'debug', 'info', 'warning' or 'error'."),
        ("STEPLADDER_BEHIND_TLS_PROXY", "perhaps", "must be yes or no."),
    ],
)
def test_a_wrong_setting_is_told_in_plain_words(bare: Installation, name: str, value: str, told: str) -> None:
    """USE-15: a setting's name and what is wrong, without a validator's words."""
    done = bare.run("msp", "list", **{name: value})
    assert (done.status, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert line.startswith(f"{name}: {told}")
    assert "Value error" not in line
    assert os.linesep not in line


def test_a_wrong_setting_of_the_connection_is_told_in_plain_words(installation: Installation) -> None:
    """USE-15: likewise."""
    for given, told in {
        "closure_minutes=soon": "closure_minutes: must be a number.",
        "closure_minutes=-1": "closure_minutes: must be at least 0.",
        "time_zone=Mars/Base": "time_zone: Give a time zone as in time_zone=Europe/Berlin.",
        "close_denied=perhaps": "close_denied: must be yes or no.",
    }.items():
        refused = installation.run("connector", "set", given, "--json").json["error"]
        assert refused["detail"] == told
