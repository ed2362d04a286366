"""What a command or a process refuses before it does anything: in one line, with a code, and never with a secret."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from tests.cli.conftest import Done, Installation
from tests.support.processes import free_port

from stepladder.app import DatabaseUrls
from stepladder.kit import postgres
from stepladder.settings import ALSO_READ, find_unknown

pytestmark = pytest.mark.xdist_group("cli")

PROCESSES = (["serve"], ["worker"])
COMMANDS = (["customer", "list"],)


def assert_refused(done: Done, code: str, *, status: int = 1) -> None:
    """One line, and no more."""
    assert done.status == status, done.err + done.out
    assert done.err.count("\n") == 1, done.err
    assert done.err.endswith(f"[{code}]\n"), done.err


def url_of(bare: Installation, name: str) -> str:
    return f"postgresql://{name}@/{postgres.DATABASE}?host={bare.directory / 'postgres'}"


@pytest.mark.parametrize("name", ["postgres", postgres.OWNER])
def test_no_process_and_no_command_runs_as_a_superuser_or_the_owner(
    installation: Installation, name: str
) -> None:
    """SEC-02: one MSP would see and change the other's."""
    for arguments in (*PROCESSES, ["customer", "rename", "northwind", "--display-name", "Owned"]):
        done = installation.run(*arguments, STEPLADDER_DATABASE_URL=url_of(installation, name))
        assert_refused(done, "role_too_powerful")
    both = url_of(installation, name)
    done = installation.run("migrate", STEPLADDER_DATABASE_URL=both, STEPLADDER_DATABASE_OWNER_URL=both)
    assert_refused(done, "role_too_powerful")


def test_an_address_that_cannot_be_read_is_refused_and_never_shown(bare: Installation) -> None:
    """SEC-21: it holds a password, or what was meant to be one."""
    address = "postgres:/stepladder_service:TopSecret1@127.0.0.1:5432/stepladder"
    for setting in ("STEPLADDER_DATABASE_URL", "STEPLADDER_DATABASE_OWNER_URL"):
        for arguments in (["msp", "list"], ["serve"]):
            done = bare.run(*arguments, **{setting: address})
            assert (done.status, done.err) == (2, f"{setting}: is not a PostgreSQL address.\n")
            assert done.out == ""


def test_with_another_root_key_nothing_starts(installation: Installation, tmp_path: Path) -> None:
    """SEC-22: at start, not at the first thing that is to be opened."""
    other = tmp_path / "other.key"
    other.touch(mode=0o600)
    other.write_text("ab" * 32)
    for arguments in (*PROCESSES, *COMMANDS):
        done = installation.run(*arguments, STEPLADDER_ROOT_KEY_FILE=str(other))
        assert_refused(done, "refused")
        assert "another root key" in done.err


def test_a_process_without_its_database_says_why(bare: Installation) -> None:
    """OPS-15: a role that is not there, and a server that is not."""
    for arguments in (*PROCESSES, *COMMANDS):
        done = bare.run(*arguments, STEPLADDER_DATABASE_URL=url_of(bare, "nobody"))
        assert_refused(done, "database_unavailable")
        assert 'The reason: role "nobody" does not exist.' in done.err
    nowhere = f"postgresql://x:TopSecret1@127.0.0.1:{free_port()}/stepladder"
    for address in ({"STEPLADDER_DATABASE_URL": nowhere}, {"STEPLADDER_DATABASE_OWNER_URL": nowhere}):
        done = bare.run("migrate", **{"STEPLADDER_DATABASE_URL": nowhere, **address})
        assert done.status == 1
        assert "TopSecret1" not in done.err
        assert "Traceback" not in done.err


def test_a_database_that_is_newer_than_the_program_is_refused(
    bare: Installation, own_urls: DatabaseUrls
) -> None:
    """An older program must not work on tables whose meaning it does not know, nor call them older."""
    settings = {"STEPLADDER_DATABASE_URL": own_urls.service}
    with psycopg.connect(own_urls.owner, autocommit=True) as owner:
        owner.execute("update alembic_version set version_num = '9999'")
        for arguments in (*PROCESSES, *COMMANDS):
            assert_refused(bare.run(*arguments, **settings), "schema_ahead")
        both = {**settings, "STEPLADDER_DATABASE_OWNER_URL": own_urls.owner}
        assert_refused(bare.run("migrate", **both), "schema_ahead")
        owner.execute("update alembic_version set version_num = '0006'")
        assert_refused(bare.run("msp", "list", **settings), "schema_behind")


def test_a_role_that_the_schema_was_not_made_for_is_told_so(
    bare: Installation, own_urls: DatabaseUrls
) -> None:
    """Not that the schema is older, and no failed migration either."""
    name = f"{psycopg.conninfo.conninfo_to_dict(own_urls.service)['dbname']}_other"
    with psycopg.connect(
        own_urls.owner.replace(f"//{postgres.OWNER}@", "//postgres@"), autocommit=True
    ) as all_:
        all_.execute(f"create role {name} login".encode())
        other = own_urls.service.replace(f"//{postgres.SERVICE}@", f"//{name}@")
        try:
            assert_refused(bare.run("msp", "list", STEPLADDER_DATABASE_URL=other), "role_without_rights")
            all_.execute("update alembic_version set version_num = '0006'")
            done = bare.run(
                "migrate", STEPLADDER_DATABASE_URL=own_urls.service, STEPLADDER_DATABASE_OWNER_URL=other
            )
            assert_refused(done, "not_the_owner")
        finally:
            all_.execute(f"drop role {name}".encode())


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "STEPLADDER_DATADIR",
            "unknown setting STEPLADDER_DATADIR; did you mean STEPLADDER_DATA_DIR?\n",
        ),
        ("STEPLADDER_XYZZY_PLUGH", "unknown setting STEPLADDER_XYZZY_PLUGH\n"),
    ],
)
def test_a_setting_that_nothing_reads_is_refused(bare: Installation, name: str, line: str) -> None:
    """USE-24: or the service would work on another place than it was told to."""
    done = bare.run("serve", **{name: "/srv"})
    assert (done.status, done.err) == (2, line)


def test_what_commands_read_beside_the_settings_is_known() -> None:
    """USE-24: in any case, as the settings are read."""
    assert find_unknown([*(f"STEPLADDER_{name}" for name in ALSO_READ), "stepladder_port", "PATH"]) == {}
    assert find_unknown(["stepladder_prot"]) == {"stepladder_prot": "STEPLADDER_PORT"}


def test_a_file_that_cannot_be_written_or_read_is_told_in_a_line(
    installation: Installation, tmp_path: Path
) -> None:
    """USE-06: in every command that writes or reads one."""
    directory = str(tmp_path)
    for file in (f"{directory}/none/x.jsonl", directory, "/proc/x.jsonl"):
        done = installation.run("audit", "export", file)
        assert_refused(done, "file_unusable")
        assert f"{file} cannot be written: " in done.err
        as_json = installation.run("audit", "export", file, "--json").json
        assert as_json["error"]["code"] == "file_unusable"
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\0\xc3")
    for arguments in (
        ["audit", "verify", "--file", directory],
        ["audit", "verify", "--file", f"{directory}/none"],
        ["audit", "verify", "--file", str(binary)],
        ["audit", "verify", "--file", str(binary), "--log", str(binary)],
        ["audit", "verify", "--file", "/proc/self/mem"],
        ["audit", "verify", "--file", str(binary), "--log", "/proc/self/mem"],
        ["connector", "set-secret", "--secret-file", str(binary)],
        ["connector", "set-secret", "--secret-file", directory],
        ["sandbox", "halopsa", "--seed-file", f"{directory}/none"],
        ["sandbox", "halopsa", "--log-file", f"{directory}/none/x", "--port", str(free_port())],
    ):
        done = installation.run(*arguments)
        assert done.status in (1, 2), arguments
        assert "Traceback" not in done.err + done.out, arguments
        assert "Errno" not in done.err + done.out, arguments


def test_places_of_the_service_that_cannot_be_used_are_told_in_a_line(
    bare: Installation, tmp_path: Path
) -> None:
    """USE-06: the data directory and the root key, too."""
    (tmp_path / "file").touch()
    settings = {"STEPLADDER_DATABASE_URL": url_of(bare, postgres.SERVICE)}
    for changes in (
        {"STEPLADDER_DATA_DIR": "/proc/none"},
        {"STEPLADDER_DATA_DIR": str(tmp_path / "file")},
        {**settings, "STEPLADDER_ROOT_KEY_FILE": str(tmp_path / "file" / "root.key")},
        {**settings, "STEPLADDER_ROOT_KEY_FILE": str(tmp_path)},
        {**settings, "STEPLADDER_ROOT_KEY_FILE": "/proc/none/root.key"},
    ):
        done = bare.run("msp", "list", **changes)
        assert (done.status, done.err.count("\n")) == (1, 1), done.err
