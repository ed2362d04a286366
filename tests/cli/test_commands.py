"""What an operator does on the command line, as real commands in real processes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Installation
from tests.support.processes import Process

from stepladder.cli import tickets

pytestmark = pytest.mark.xdist_group("cli")


def test_every_command_has_help(bare: Installation) -> None:
    for arguments in ([], ["msp"], ["customer"], ["connector"], ["request"], ["audit"], ["serve"], ["demo"]):
        done = bare.run(*arguments, "--help")
        assert done.status == 0
        assert "Usage" in done.out


def test_a_refusal_has_a_code_and_says_what_to_do(installation: Installation) -> None:
    done = installation.run("customer", "link", "nobody", "Northwind Traders")
    assert done.status == 1
    assert "stepladder customer list" in done.err
    as_json = installation.run("customer", "link", "nobody", "Northwind Traders", "--json")
    assert as_json.status == 1
    assert as_json.json["error"]["code"] == "not_found"


def test_a_name_that_is_taken_is_refused_without_regard_to_case(installation: Installation) -> None:
    done = installation.run("customer", "create", "other", "--display-name", "NORTHWIND traders", "--json")
    assert done.status == 1
    assert done.json["error"]["code"] == "name_taken"


def test_a_key_is_shown_once_and_refused_after_it_is_revoked(installation: Installation) -> None:
    made = installation.json("key", "create", "buttons", "--action", "approve", "--action", "deny")
    assert re.fullmatch(r"pak_\w{8}_\w{49}", made["key"])
    listed = installation.run("key", "list", "--json").out
    assert made["key_id"] in listed
    assert made["key"] not in listed
    assert installation.json("key", "revoke", made["key_id"])["state"] == "revoked"
    assert installation.run("key", "revoke", made["key_id"], "--json").json["error"]["code"] == "key_revoked"


def test_a_key_is_limited_to_networks_and_a_rate(installation: Installation) -> None:
    made = installation.json(
        "key", "create", "buttons", "--network", "203.0.113.0/24", "--calls-per-minute", "60"
    )
    assert (made["networks"], made["calls_per_minute"]) == (["203.0.113.0/24"], 60)
    limited = installation.json("key", "limit", made["key_id"], "--network", "198.51.100.7")
    assert (limited["networks"], limited["calls_per_minute"]) == (["198.51.100.7/32"], 60)
    assert installation.json("key", "limit", made["key_id"], "--anywhere")["networks"] == "anywhere"
    refused = installation.run("key", "limit", made["key_id"], "--network", "203.0.113.9/24", "--json")
    assert refused.json["error"]["code"] == "invalid"
    assert "not a network" in refused.json["error"]["detail"]
    assert installation.run("key", "limit", made["key_id"]).status == 2
    assert installation.run("key", "limit", made["key_id"], "--anywhere", "--network", "::1").status == 2


def test_a_key_for_an_unknown_action_is_refused_with_the_actions_there_are(
    installation: Installation,
) -> None:
    done = installation.run("key", "create", "odd", "--action", "rule_the_world")
    assert done.status == 1
    assert "approve" in done.err


def test_an_enrolment_token_is_bound_to_a_customer_and_tells_how_to_use_it(
    installation: Installation,
) -> None:
    made = installation.json("endpoint", "token", "Northwind Traders", "--lifetime", "30m")
    assert made["customer"] == "Northwind Traders"
    assert made["enrol_with"].startswith("stepladder-agent enrol --server https://msp.test")
    assert installation.run("endpoint", "token", "Northwind Traders", "--lifetime", "30d").status == 1


def test_the_secret_of_a_connector_is_never_shown(installation: Installation) -> None:
    secret = installation.environment["STEPLADDER_HALOPSA_SECRET"]
    for arguments in (
        ["connector", "show"],
        ["connector", "show", "--json"],
        ["connector", "check", "--json"],
    ):
        done = installation.run(*arguments)
        assert done.status == 0, done.err
        assert secret not in done.out + done.err


def test_a_wrong_secret_keeps_nothing_and_leaves_the_old_one_in_use(installation: Installation) -> None:
    done = installation.run("connector", "set-secret", "--json", STEPLADDER_HALOPSA_SECRET="wrong")
    assert done.status == 1
    assert done.json["error"]["code"] == "connector_check_failed"
    assert installation.run("connector", "check").status == 0


def test_settings_are_changed_shown_and_taken_back(installation: Installation) -> None:
    changed = installation.json(
        "connector", "set", "team=infrastructure", "category=none", "--call-budget", "400"
    )
    assert changed["changed"] == ["category", "team", "call_budget"]
    shown = installation.json("connector", "show")
    assert (shown["team"], shown["category"], shown["call_budget"]) == ("infrastructure", "", 400)
    assert "urgency" in shown["defaults"]
    assert "team" not in shown["defaults"]
    text = installation.run("connector", "show").out.splitlines()
    assert {"team: infrastructure", "urgency: Medium (default)", "source: none (default)"} <= set(text)
    assert "close denied: yes (default)" in text
    back = installation.json("connector", "set", "team=", "category=", "--call-budget", "600")
    assert back["changed"] == ["category", "team", "call_budget"]
    assert installation.json("connector", "set", "team=")["state"] == "as it was"
    noted = installation.run("connector", "set", "team=Nobody")
    assert "note: Team: Not found by that name; tickets are created without it." in noted.out
    installation.json("connector", "set", "team=")


def test_a_setting_that_is_wrong_is_refused_by_its_name(installation: Installation) -> None:
    before = installation.json("connector", "show")
    for code, arguments in {
        "unknown_setting": ["ticket_typ=Incident"],
        "connector_check_failed": ["ticket_type=Elevation", "closed_status=Shut"],
        "secret_needed": ["url=https://elsewhere.example"],
        "nothing_to_change": [],
        "invalid": ["closure_minutes=soon"],
    }.items():
        done = installation.run("connector", "set", *arguments, "--json")
        assert (done.status, done.json["error"]["code"]) == (1, code)
    for arguments in (["team"], ["=x"], ["team=a", "team=b"]):
        assert installation.run("connector", "set", *arguments).status == 2
    assert installation.json("connector", "show") == before


def test_a_secret_that_happens_to_be_in_the_environment_is_not_sent_to_a_new_address(
    installation: Installation,
) -> None:
    """It may be the stored one: only a secret that is named in the command is meant for the address in it."""
    done = installation.run("connector", "set", f"auth_url={installation.halopsa_url}/elsewhere", "--json")
    assert done.json["error"]["code"] == "secret_needed"
    secret = installation.environment["STEPLADDER_HALOPSA_SECRET"]
    given = ["connector", "set", f"auth_url={installation.halopsa_url}/auth", "--secret-file", "-"]
    assert installation.run(*given, stdin=f"{secret}\n").status == 0
    assert installation.run(*given, stdin="wrong\n", STEPLADDER_HALOPSA_SECRET=secret).status == 1
    installation.json("connector", "set", "auth_url=")


def test_customers_link_themselves_by_name_and_by_hand(installation: Installation) -> None:
    installation.json("customer", "create", "oddname", "--display-name", "Not In HaloPSA")
    rows = {row["customer"]: row for row in installation.json("customer", "map")}
    assert rows["Northwind Traders"]["state"] == "mapped"
    assert rows["Northwind Traders"]["how"] == "display_name"
    assert rows["Not In HaloPSA"]["state"] == "unmapped"
    linked = installation.json("customer", "link", "Not In HaloPSA", "adventure WORKS")
    assert linked["halopsa_customer"] == "Adventure Works"
    taken = installation.run("customer", "link", "Northwind Traders", "Adventure Works", "--json")
    assert taken.json["error"]["code"] == "remote_customer_taken"
    installation.json("customer", "unlink", "Not In HaloPSA")


DIRECTORY = "72f988bf-86f1-41af-91ab-2d7cd011db47"


def test_a_customers_directory_is_set_shown_refused_and_taken_away(installation: Installation) -> None:
    made = installation.json("customer", "create", "umbra", "--directory-id", DIRECTORY.upper())
    assert made["directory_id"] == DIRECTORY
    rows = {row["name"]: row for row in installation.json("customer", "list")}
    assert (rows["umbra"]["directory_id"], rows["northwind"]["directory_id"]) == (DIRECTORY, None)
    for code, arguments in {
        "directory_taken": ["set-directory", "northwind", DIRECTORY],
        "directory_id_refused": ["set-directory", "northwind", "umbra.onmicrosoft.com"],
        "not_found": ["set-directory", "nobody", DIRECTORY],
    }.items():
        assert installation.run("customer", *arguments, "--json").json["error"]["code"] == code
    done = installation.run("customer", "create", "acme", "--directory-id", DIRECTORY, "--json")
    assert done.json["error"]["code"] == "directory_taken"
    done = installation.run("customer", "create", "acme", "--directory-id", "", "--json")
    assert done.json["error"]["code"] == "directory_id_refused"
    assert installation.json("customer", "set-directory", "umbra", "none")["directory_id"] == "none"
    assert installation.json("customer", "set-directory", "northwind", DIRECTORY)["directory_id"] == DIRECTORY
    installation.json("customer", "set-directory", "northwind", "None")


def test_before_a_connector_is_removed_the_way_to_undo_its_set_up_is_named(
    installation: Installation,
) -> None:
    done = installation.run("connector", "remove", stdin="n\n")
    assert done.status == 1
    assert "stepladder halopsa setup --remove" in done.out
    assert installation.run("connector", "show").status == 0


def test_what_a_run_would_change_can_be_seen_before(installation: Installation) -> None:
    installation.json("customer", "create", "proseware", "--display-name", "Proseware")
    for _ in range(2):
        rows = {row["customer"]: row for row in installation.json("customer", "map", "--dry-run")}
        assert (rows["Proseware"]["change"], rows["Proseware"]["remote_name"]) == (
            "would be linked",
            "Proseware",
        )
    listed = {row["customer"]: row["state"] for row in installation.json("customer", "list")}
    assert listed["Proseware"] == "unmapped"
    assert "Nothing was changed." in installation.run("customer", "map", "--dry-run").out
    rows = {row["customer"]: row for row in installation.json("customer", "map")}
    assert (rows["Proseware"]["state"], rows["Proseware"]["change"]) == ("mapped", "linked")
    installation.json("customer", "unlink", "Proseware")
    rows = {row["customer"]: row for row in installation.json("customer", "map")}
    assert (rows["Proseware"]["state"], rows["Proseware"]["change"]) == ("unmapped", None)
    assert (
        installation.run("customer", "map", "--again", "Nobody", "--json").json["error"]["code"]
        == "not_found"
    )
    rows = {row["customer"]: row for row in installation.json("customer", "map", "--again", "proseware")}
    assert (rows["Proseware"]["state"], rows["Proseware"]["change"]) == ("mapped", "linked")


def test_a_technician_can_be_locked_out(installation: Installation) -> None:
    installation.json("technician", "create", "ro@nikpot.example", "--name", "Ro", "--role", "read_only")
    changed = installation.json("technician", "set", "ro@nikpot.example", "--inactive")
    assert changed["is_active"] is False
    assert installation.run("technician", "create", "bad", "--name", "X").status == 1


async def test_what_is_pending_can_be_asked_in_plain_words(
    installation: Installation, tmp_path: Path
) -> None:
    """OPS-17: without a worker nothing goes on, whatever else is well."""
    for options in ([], ["--check"]):
        done = installation.run("tickets", "status", *options)
        assert done.status == 1
        assert done.out.startswith("No worker is running. Run: stepladder serve\n")
        assert "HaloPSA is connected." in done.out
        assert "Every ticket is as it should be." in done.out
    assert installation.run("tickets", "status", "--json").json["worker"] is False
    worker = Process(tmp_path, "worker", "worker", environment=installation.environment)
    worker.start()
    try:
        await worker.ready()
        while not installation.run("tickets", "status", "--json").json["worker"]:
            assert worker.is_alive, worker.said()
        for options in ([], ["--check"]):
            done = installation.run("tickets", "status", *options)
            assert (done.status, "worker" in done.out) == (0, False)
    finally:
        worker.end()


@pytest.mark.parametrize(
    ("tickets_pending", "connector", "is_bad"),
    [
        (0, None, False),
        (0, {"needs_attention": False}, False),
        (0, {"needs_attention": True}, True),
        (1, {"needs_attention": False}, True),
    ],
)
def test_a_monitor_sees_what_needs_attention(
    tickets_pending: int, connector: dict[str, Any] | None, is_bad: bool
) -> None:
    """OPS-17: `--check` ends with 1 for it."""
    found = {"tickets": {"needs_attention": tickets_pending}, "connector": connector}
    assert tickets._needs_attention(found) is is_bad


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            {"customer": "Umbra", "state": "gone", "detail": "It is gone.", "requests": 3},
            "3 requests of Umbra are waiting for a link to a HaloPSA customer (gone): It is gone.",
        ),
        (
            {"customer": "Umbra", "state": "unmapped", "detail": None, "requests": 1},
            "1 request of Umbra is waiting for a link to a HaloPSA customer (unmapped).",
        ),
    ],
)
def test_the_status_says_whose_requests_wait_for_a_link(row: dict[str, Any], line: str) -> None:
    assert tickets._waits(row) == line


def test_the_trail_of_all_this_verifies(installation: Installation) -> None:
    found = installation.json("audit", "verify")
    assert found["ok"] is True
    assert found["events"] >= 4


def test_an_export_verifies_by_itself_and_not_when_a_word_of_it_is_altered(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "trail.jsonl"
    exported = installation.json("audit", "export", str(file))
    (key,) = installation.json("audit", "keys")
    named = f"{key['id']}={key['key']}"
    assert (
        installation.json("audit", "verify", "--file", str(file), "--key", named)["events"]
        == exported["events"]
    )
    assert "--key" in installation.json("audit", "verify", "--file", str(file))["note"]
    # SEC-10: a log is compared with the trail in the database as with a file, and one without a head proves nothing.
    log = file.with_name("serve.log")
    log.write_text(json.dumps({"event": "audit_head", **json.loads(file.read_text().splitlines()[-1])}))
    assert installation.json("audit", "verify", "--log", str(log))["heads_compared"] == 1
    log.write_text("nothing of interest")
    for more in ((), ("--file", str(file), "--key", named)):
        done = installation.run("audit", "verify", "--log", str(log), *more, "--json")
        assert (done.status, done.json["ok"]) == (1, False)
    file.write_text(file.read_text().replace("msp.created", "msp.cheated"))
    done = installation.run("audit", "verify", "--file", str(file), "--key", named, "--json")
    assert done.status == 1
    assert done.json["first_bad"] == 1


def test_unknown_requests_look_like_foreign_ones(installation: Installation) -> None:
    for text in ("not-an-id", "00000000-0000-4000-8000-000000000000"):
        done = installation.run("request", "approve", text, "--as", "nik@nikpot.example", "--json")
        assert done.status == 1
        assert done.json["error"]["code"] == "request_not_found"


def test_the_description_of_the_apis_names_the_documented_paths(installation: Installation) -> None:
    document = json.loads(installation.run("openapi").out)
    assert "/api/integrations/elevation/request/approve" in document["paths"]
    assert "/api/endpoint/v1/elevation-requests/{request_id}" in document["paths"]


def test_serving_beyond_this_machine_without_tls_is_refused(installation: Installation) -> None:
    done = installation.run("serve", "--host", "0.0.0.0", "--port", "18999")
    assert done.status == 1
    assert "TLS" in done.err


def test_a_wrong_setting_is_refused_at_start_by_its_name(bare: Installation) -> None:
    done = bare.run("msp", "list", STEPLADDER_PORT="many")
    assert done.status == 2
    assert "STEPLADDER_PORT" in done.err


@pytest.mark.parametrize("command", ["migrate", "serve", "worker"])
def test_without_a_database_every_process_says_so(bare: Installation, command: str) -> None:
    nobody = "postgresql://nobody@127.0.0.1:9/nothing"
    done = bare.run(command, STEPLADDER_DATABASE_URL=nobody, STEPLADDER_DATABASE_OWNER_URL=nobody)
    assert done.status == 1
    (line,) = done.err.strip().splitlines()[-1:]
    assert line.startswith("The database does not answer. Nothing was changed; try again. The reason: ")
    assert line.endswith("[database_unavailable]")
    assert "Traceback" not in done.err


def test_a_root_key_that_others_can_read_is_refused(installation: Installation) -> None:
    key = installation.directory / "root.key"
    key.chmod(0o644)
    try:
        done = installation.run("msp", "list")
    finally:
        key.chmod(0o600)
    assert done.status == 1
    assert "chmod 600" in done.err


def test_where_there_are_several_msps_one_has_to_be_named(several: Installation) -> None:
    done = several.run("customer", "list")
    assert done.status == 1
    assert "--msp" in done.err
    assert several.json("customer", "list", "--msp", "second.test") == []
    assert several.json("msp", "set", "--request-lifetime", "2d", "--msp", "second.test")
