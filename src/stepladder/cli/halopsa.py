"""`stepladder halopsa`: setting HaloPSA up for Stepladder, and checking that it is."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stepladder.remedies import Remedy

from . import context
from .context import JsonFlag, MspChoice, Session
from .findings import show_findings, show_steps
from .remedies import add_command, find_command

if TYPE_CHECKING:
    from stepladder.kit.findings import Finding
    from stepladder.setup.engine.parts import Item, Report
    from stepladder.setup.halopsa.access import Credential
    from stepladder.tickets.trial import Outcome, Step

app = typer.Typer(help="Set HaloPSA up for Stepladder, and check it.", no_args_is_help=True)
VARIABLE = "STEPLADDER_HALOPSA_SETUP_SECRET"
_JSON_FIELDS = {"name": "name", "result": "result", "detail": "detail", "todo": "todo"}
SecretFile = Annotated[
    str | None,
    typer.Option(help=f"A file with the secret of the stronger credential, or -. {VARIABLE} if left out."),
]
Workflow = Annotated[
    str | None,
    typer.Option(help="The workflow of the elevation tickets; not needed if their ticket type names it."),
]


WithTab = Annotated[
    bool, typer.Option("--with-tab", help="Also create the custom tab. There is no portal for it yet.")
]
WithJit = Annotated[
    bool,
    typer.Option(
        "--with-jit",
        help="Also create what ends JIT accounts when a ticket closes. There are no JIT accounts yet.",
    ),
]


@app.command()
def setup(
    client_id: Annotated[
        str,
        typer.Option(
            help="Client id of the temporary application with more permissions. Neither it nor its secret is stored."
        ),
    ],
    secret_file: SecretFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan.")] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove what was made and has not been changed.")
    ] = False,
    workflow: Workflow = None,
    fill_client_references: Annotated[
        bool,
        typer.Option(help="Set the empty reference of each linked customer to its display name."),
    ] = False,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Replace the keys in integrations that exist.")
    ] = False,
    with_tab: WithTab = False,
    with_jit: WithJit = False,
    system_use: Annotated[
        int | None,
        typer.Option(
            help="HaloPSA's number of the system use Execute an Integration Method, if you know it."
        ),
    ] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Create in HaloPSA what the buttons need. What already exists is never changed."""
    secret = context.read_secret("secret of the stronger credential", file=secret_file, variable=VARIABLE)

    async def work(session: Session) -> Report:
        from stepladder.setup.halopsa.service import remove as undo, set_up
        from stepladder.setup.halopsa.system import Options

        wiring, credential = session.services.halopsa_setup, _credential(client_id, secret)
        if remove:
            return await undo(wiring, session.actor, credential, dry_run=dry_run)
        options = Options(
            workflow=workflow,
            fill_client_references=fill_client_references,
            tab=with_tab,
            jit=with_jit,
            new_key=new_key,
            system_use=system_use,
            dry_run=dry_run,
        )
        return await set_up(wiring, session.actor, credential, options)

    report = context.session(msp, work, as_json=as_json)
    if as_json:
        context.show(asdict(report), as_json=True)
    else:
        _print_report(report)
    if report.stopped:
        raise typer.Exit(1)


@app.command()
def check(
    client_id: Annotated[
        str | None, typer.Option(help="Client id of a stronger application, to see everything. Not stored.")
    ] = None,
    secret_file: SecretFile = None,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Open a test ticket for each button, in which you press it.")
    ] = False,
    customer: Annotated[
        str | None, typer.Option(help="The linked customer to open the test tickets for.")
    ] = None,
    workflow: Workflow = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Check every requirement of the set-up. Status 1 when something fails."""
    secret = ""
    if client_id:
        secret = context.read_secret("secret of the stronger credential", file=secret_file, variable=VARIABLE)

    async def work(session: Session) -> list[Finding]:
        from stepladder.setup.halopsa.check import check as run

        return await run(
            session.services.halopsa_setup,
            session.actor,
            _credential(client_id, secret) if client_id else None,
            start_self_test=self_test,
            customer=customer,
            workflow=workflow,
        )

    show_findings(context.session(msp, work, as_json=as_json), json_fields=_JSON_FIELDS, as_json=as_json)


@app.command("test-ticket")
def try_a_ticket(
    customer: Annotated[
        str | None, typer.Option(help="The linked customer to open it for; the first by name if left out.")
    ] = None,
    keep_open: Annotated[
        bool, typer.Option("--keep-open", help="Leave the ticket open, to look at it.")
    ] = False,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Open a marked test ticket in HaloPSA, find it, add a note and close it. Status 1 when a step fails."""

    async def work(session: Session) -> Outcome:
        from stepladder.tickets.trial import try_ticket

        services = session.services
        return await try_ticket(
            services.connections,
            partial(services.jobs.drive, services.drains.run),
            session.actor,
            customer=customer,
            keep_open=keep_open,
            told=_nothing if as_json else _print_step,
        )

    outcome = context.session(msp, work, as_json=as_json)
    if as_json:
        todo = add_command(outcome.todo, outcome.remedy) or None
        context.show({**asdict(outcome), "todo": todo}, as_json=True)
    else:
        _print_outcome(outcome)
    if not outcome.ok:
        raise typer.Exit(1)


def _nothing(_: Step) -> None:
    """With --json the steps are told at the end."""


def _print_step(step: Step) -> None:
    word = "ok" if step.ok else "FAILED"
    typer.echo(f"{step.name}: {word} ({step.seconds:.1f} s)  {context.visible(step.detail)}")


def _print_outcome(outcome: Outcome) -> None:
    number = f"ticket {outcome.ticket_id}" if outcome.ticket_id else "no ticket"
    word = "Everything worked" if outcome.ok else "Something failed"
    typer.echo(f"{word}: {number} for {context.visible(outcome.customer)}, {outcome.seconds:.1f} s in all.")
    if outcome.todo:
        typer.echo(add_command(outcome.todo, outcome.remedy), err=True)


def _credential(client_id: str, secret: str) -> Credential:
    from stepladder.kit.secret import Secret
    from stepladder.setup.halopsa.access import Credential

    return Credential(client_id.strip(), Secret(secret))


def _key_first(item: Item) -> list[str]:
    if item.key_rights is None:
        return []
    actions = " ".join(f"--action {each}" for each in item.key_rights.actions)
    command = f"{find_command(Remedy.KEY_CREATE)} {shlex.quote(item.name)} {actions}"
    return [f"First create its key, which is shown once. Run: {command}"]


def _print_report(report: Report) -> None:
    rows: list[dict[str, Any]] = [
        {
            "what": str(each.kind).replace("_", " "),
            "name": each.name,
            "state": each.state,
            "detail": add_command(each.detail, each.remedy),
        }
        for each in report.items
    ]
    context.table(rows, as_json=False, empty="Stepladder has created nothing in this HaloPSA.")
    for each in report.items:
        show_steps(f"By hand: {each.name}", [*_key_first(each), *each.clicks] if each.clicks else ())
    for note in report.notes:
        typer.echo(f"\n{context.visible(note)}")
    if report.stopped:
        typer.echo(f"\nStopped: {context.visible(report.stopped)}", err=True)
