"""How a remedy is carried out on the command line: the command for each, and a sentence with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stepladder.remedies import Remedy

COMMANDS = {
    Remedy.AUDIT_EXPORT: "audit export FILE",
    Remedy.CONNECTION_ADD: "connector add",
    Remedy.CONNECTION_CHECK: "connector check",
    Remedy.CONNECTION_CHANGE: "connector set",
    Remedy.CONNECTION_CHANGE_WITH_SECRET: "connector set … --secret-file FILE",
    Remedy.CONNECTION_REMOVE: "connector remove",
    Remedy.CONNECTION_RETRY: "connector retry",
    Remedy.CONNECTION_SHOW: "connector show",
    Remedy.CUSTOMER_CREATE: "customer create",
    Remedy.CUSTOMER_LINK: "customer link",
    Remedy.CUSTOMER_LIST: "customer list",
    Remedy.CUSTOMER_MAP: "customer map",
    Remedy.CUSTOMER_MAP_AGAIN: "customer map --again CUSTOMER",
    Remedy.CUSTOMER_REMOVE: "customer remove CUSTOMER",
    Remedy.ENDPOINT_ACTIVATE: "endpoint activate",
    Remedy.ENDPOINT_LIST: "endpoint list",
    Remedy.ENDPOINT_REVOKE: "endpoint revoke",
    Remedy.KEY_CREATE: "key create",
    Remedy.KEY_CREATE_WITH_ACTION: "key create --action ACTION",
    Remedy.KEY_LIMIT: "key limit",
    Remedy.KEY_LIST: "key list",
    Remedy.MSP_CREATE: "msp create",
    Remedy.MSP_LIST: "msp list",
    Remedy.MSP_SET_URL: "msp set --url URL",
    Remedy.PROCESS_SERVE: "serve",
    Remedy.RESTORE_DECLARE: "restore --declare",
    Remedy.RESTORE_RELEASE: "restore --release-keys",
    Remedy.RULE_CONFIRM: "rule confirm",
    Remedy.RULE_LIST: "rule list",
    Remedy.SCHEMA_MIGRATE: "migrate",
    Remedy.SETUP_CHECK: "halopsa check",
    Remedy.SETUP_CHECK_WITH_CREDENTIAL: "halopsa check --client-id ID",
    Remedy.SETUP_FILL_REFERENCES: "halopsa setup --fill-client-references",
    Remedy.SETUP_NEW_KEY: "halopsa setup --new-key",
    Remedy.SETUP_RUN: "halopsa setup",
    Remedy.SETUP_WITH_JIT: "halopsa setup --with-jit",
    Remedy.SETUP_WITH_TAB: "halopsa setup --with-tab",
    Remedy.SETUP_SELF_TEST: "halopsa check --self-test",
    Remedy.TECHNICIAN_LIST: "technician list",
    Remedy.TOKEN_LIST: "endpoint token list",
    Remedy.TICKETS_STATUS: "tickets status",
}


def find_command(remedy: Remedy) -> str:
    """The command that carries a remedy out."""
    return f"stepladder {COMMANDS[remedy]}"


def add_command(sentence: str | None, remedy: Remedy | None) -> str:
    """The sentence, with the command to run behind it where there is one."""
    parts = [sentence or "", f"Run: {find_command(remedy)}" if remedy else ""]
    return " ".join(part for part in parts if part)


def with_commands(rows: Iterable[Mapping[str, Any]], column: str) -> list[dict[str, Any]]:
    """The rows, each with the command of its remedy behind the sentence in `column`."""
    return [{**row, column: add_command(row[column], row["remedy"]) or None} for row in rows]
