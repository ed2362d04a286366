"""The command line: options, and the one place where errors become exit statuses.

The commands themselves are in `commands`, imported when one runs, so that `--help` and mistakes are quick.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from .errors import AgentError, BadInput, ExitStatus
from .terminal import Voice

TOKEN_VARIABLE = "STEPLADDER_ENROLMENT_TOKEN"  # noqa: S105  the name of a variable, not a secret

# No pretty tracebacks: they print local variables, and those may be secrets.
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Asks Stepladder to let one program run as administrator, and verifies the answer.",
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
GiveUp = Annotated[
    float | None, typer.Option(min=0, help="Seconds without an answer from the server before giving up.")
]


@app.command()
def enrol(
    *,
    server: Annotated[str, typer.Option(help="The service, as https://host.")],
    token_file: Annotated[
        str | None,
        typer.Option(
            help=f"A file with the enrolment token, or - for standard input. {TOKEN_VARIABLE} if left out, or you are "
            "asked."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="This machine's name: the name of its asset.")] = None,
    replace: Annotated[bool, typer.Option(help="Replace an existing enrolment.")] = False,
    give_up: GiveUp = None,
    as_json: AsJson = False,
) -> None:
    """Enrol this machine with a Stepladder service, for the account that runs this."""

    def work(voice: Voice) -> ExitStatus:
        from .commands import run_enrol

        return run_enrol(
            server=server,
            token=_token(token_file),
            name=name,
            replace=replace,
            give_up=give_up,
            as_json=as_json,
            voice=voice,
        )

    _end_with(work, as_json=as_json)


@app.command(context_settings={"allow_interspersed_args": False})
def request(
    *,
    command: Annotated[list[str], typer.Argument(metavar="PROGRAM [ARGS]...")],
    reason: Annotated[str | None, typer.Option(help="Why you need it; the technician reads this.")] = None,
    kind: Annotated[
        Literal["USER", "ADMIN"],
        typer.Option(help="USER: you get the rights. ADMIN: it runs as a managed administrator."),
    ] = "USER",
    email: Annotated[
        str | None,
        typer.Option(
            envvar="STEPLADDER_REQUESTER_EMAIL", help="Your e-mail, by which the ticket system finds you."
        ),
    ] = None,
    wait: Annotated[float | None, typer.Option(min=0, help="Seconds to wait for the decision.")] = None,
    give_up: GiveUp = None,
    as_json: AsJson = False,
) -> None:
    """Ask to run PROGRAM as administrator, wait for the decision and verify the grant.

    Exit status: 0 approved and verified, 10 denied, 11 expired, 12 cancelled, 13 not yet decided within
    --wait, 20 the grant or the file did not verify, 2 bad input, 3 not enrolled or refused, 4 unreachable.
    """

    def work(voice: Voice) -> ExitStatus:
        from .commands import run_request

        return run_request(
            command=command,
            reason=reason,
            kind=kind,
            email=email,
            wait=wait,
            give_up=give_up,
            as_json=as_json,
            voice=voice,
        )

    _end_with(work, as_json=as_json)


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Show how this machine is enrolled and whether its server answers."""

    def work(voice: Voice) -> ExitStatus:
        from .commands import run_status

        return run_status(as_json=as_json, voice=voice)

    _end_with(work, as_json=as_json)


def _token(file: str | None) -> str:
    """The token from a file, the environment or the terminal; never from the command line, where others see it."""
    from getpass import getpass

    if file:
        try:
            return (sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")).strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"“{file}” cannot be read.") from error
    if token := os.environ.get(TOKEN_VARIABLE):
        return token.strip()
    if not sys.stdin.isatty():
        raise BadInput(f"There is no enrolment token. Give it with --token-file, or in {TOKEN_VARIABLE}.")
    return getpass("Enrolment token (not shown): ").strip()


def _end_with(work: Callable[[Voice], ExitStatus], *, as_json: bool) -> None:
    """Run `work` and leave with its exit status, or the one of what it raised."""
    voice = Voice.on_standard_error()
    try:
        exit_status = work(voice)
    except AgentError as error:
        exit_status = error.exit_status
        _report(error, as_json=as_json, voice=voice)
    except KeyboardInterrupt:
        exit_status = ExitStatus.INTERRUPTED
        _report(_Interrupted("Stopped. A request that was sent stays pending."), as_json=as_json, voice=voice)
    except Exception as error:  # noqa: BLE001  the last edge: nothing above would catch it
        # The text of an unknown error may quote a secret, so only its kind and place are told.
        exit_status = ExitStatus.FAULT
        _report(AgentError(f"A fault in the agent: {_kind_and_place(error)}."), as_json=as_json, voice=voice)
    raise typer.Exit(int(exit_status))


class _Interrupted(AgentError):
    code = "interrupted"
    exit_status = ExitStatus.INTERRUPTED


def _report(error: AgentError, *, as_json: bool, voice: Voice) -> None:
    from .report import failure

    failure(error, as_json=as_json, voice=voice)


def _kind_and_place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name} line {frame.lineno}"


def main(argv: list[str] | None = None) -> None:
    """Run the command line; ends in SystemExit."""
    app(args=argv, prog_name="stepladder-agent")
