"""`stepladder rule`: standing rules, and the second person's yes to those that approve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session
from .remedies import add_command

if TYPE_CHECKING:
    from datetime import datetime

    from stepladder.elevation.rules.queries import Rule
    from stepladder.kit.db import Transaction

_WARNING = (
    "This program now runs as administrator without a question. If it can open any file, or start other programs, its "
    "users can do anything on their machines. If so, end the rule: stepladder rule end"
)

app = typer.Typer(help="Standing rules: decisions made in advance.", no_args_is_help=True)
RuleId = Annotated[
    str, typer.Argument(help="The rule's id, as `stepladder rule list` shows it, or its beginning.")
]


@app.command("list")
def list_(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """List rules, newest first, and whether each is applied."""

    async def list_all(tx: Transaction, _: Session) -> list[dict[str, Any]]:
        from stepladder.elevation.rules.service import list_rules

        return [_shown(rule, tx.now) for rule in await list_rules(tx)]

    rows = context.transaction(msp, list_all, as_json=as_json)
    columns = (
        "id",
        "state",
        "verdict",
        "kind",
        "customer",
        "matches",
        "arguments",
        "expires_at",
        "written_by",
    )
    shown = rows if as_json else [_readable(row) for row in rows]
    context.table(shown, as_json=as_json, columns=columns, empty="There are no rules.")


@app.command()
def show(rule: RuleId, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Show everything about a rule, and the names that machines gave its file."""

    async def describe_one(tx: Transaction, _: Session) -> dict[str, Any]:
        from stepladder.elevation.rules.service import describe

        found, seen = await describe(tx, rule.strip())
        seen_as = sorted(f"{one.program_name} ({one.program_path})" for one in seen)
        return {**_shown(found, tx.now), "seen_as": seen_as}

    found = context.transaction(msp, describe_one, as_json=as_json)
    context.show(found if as_json else _readable(found), as_json=as_json)


@app.command()
def confirm(
    rule: RuleId,
    technician: Annotated[str, typer.Option("--as", help="The e-mail of the administrator who confirms.")],
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Apply a rule that approves, from now until it expires. Look at it first: stepladder rule show.

    The program will run as administrator without a question. If it can open any file, or start other programs, then its
    users can do anything on their machines.
    """

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.elevation.rules.service import confirm as confirm_rule

        confirmed = await confirm_rule(
            session.services.db, session.actor, rule_id=rule.strip(), email=technician
        )
        return _shown(confirmed, session.now)

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)
    if not as_json:
        typer.echo(_WARNING)


@app.command()
def end(rule: RuleId, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """End a rule. What it decided stays."""

    async def end_one(tx: Transaction, _: Session) -> dict[str, Any]:
        from stepladder.elevation.rules.service import end as end_rule

        return _shown(await end_rule(tx, rule.strip()), tx.now)

    ended = context.transaction(msp, end_one, as_json=as_json)
    told = {"state": "ended", "detail": "It is no longer applied. What it decided stays."}
    context.show({**ended, **told}, as_json=as_json)


def _readable(shown: dict[str, Any]) -> dict[str, Any]:
    """With its arguments as a shell writes them: one reading only."""
    from stepladder.elevation.arguments import quote_all

    if isinstance(shown["arguments"], str):
        return shown
    return {**shown, "arguments": quote_all(shown["arguments"]) or "none"}


def _shown(rule: Rule, now: datetime) -> dict[str, Any]:
    state = rule.standing().state(now)
    by_name = f"{rule.program_name} by {rule.publisher}"
    return {
        "id": rule.id,
        "state": str(state),
        "detail": add_command(state.sentence, state.remedy),
        "verdict": rule.verdict,
        "kind": rule.kind or "USER and ADMIN",
        "customer": rule.customer or "all",
        "matches": f"sha256 {rule.sha256}" if rule.sha256 else by_name,
        "arguments": "any" if rule.arguments is None else rule.arguments,
        "expires_at": rule.expires_at,
        "note": rule.note,
        "written_by": rule.written_by_name or rule.written_by_id,
        "confirmed_by": rule.confirmed_by,
        "confirmed_until": rule.confirmed_until,
    }
