"""`stepladder`: everything an operator does on the host, scriptable, with `--json` everywhere.

Commands import what they need when they run, so that `--help` is quick.
"""

from __future__ import annotations

from typing import Annotated

import typer

from stepladder import __version__

from . import (
    audit,
    connector,
    customer,
    endpoint,
    halopsa,
    key,
    msp,
    request,
    restore,
    rule,
    serve,
    technician,
    tickets,
)
from .plugins import CommandsAndPlugins

app = typer.Typer(
    name="stepladder",
    cls=CommandsAndPlugins,
    help="Privileged access for MSPs who run HaloPSA: elevation requests decided from a ticket.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # it would print local variables, secrets among them
    add_completion=False,
)
serve.register(app)
restore.register(app)
for name, module in {
    "msp": msp,
    "customer": customer,
    "technician": technician,
    "endpoint": endpoint,
    "key": key,
    "connector": connector,
    "halopsa": halopsa,
    "request": request,
    "rule": rule,
    "tickets": tickets,
    "audit": audit,
}.items():
    app.add_typer(module.app, name=name)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stepladder {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Privileged access for MSPs who run HaloPSA: elevation requests decided from a ticket."""


def main() -> None:
    """The console script."""
    app()
