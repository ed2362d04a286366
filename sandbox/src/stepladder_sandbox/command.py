"""`stepladder sandbox`: stand-ins for remote systems, to try things out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Stand-ins for remote systems.", no_args_is_help=True, add_completion=False)


@app.callback()
def _group() -> None:
    """Stand-ins for remote systems."""


@app.command()
def halopsa(
    port: Annotated[int, typer.Option(help="The port on this machine.")] = 8701,
    seed_file: Annotated[Path | None, typer.Option(help="A JSON file that describes the tenant.")] = None,
    log_file: Annotated[
        Path | None, typer.Option(help="Append every call and commit here, as JSON lines.")
    ] = None,
    device_name: Annotated[str, typer.Option(help="An asset of this name for the first customer.")] = "",
    stepladder_url: Annotated[str, typer.Option(help="Where the buttons call.")] = "http://127.0.0.1:8700",
    with_portal: Annotated[
        bool,
        typer.Option(
            "--with-portal",
            help="Also a tab for Stepladder's portal and a runbook for JIT accounts, which are not there yet.",
        ),
    ] = False,
) -> None:
    """Run a sandbox HaloPSA with pages, on this machine only. Its buttons need a key in STEPLADDER_SANDBOX_KEY."""
    import os

    from .halopsa.config import BadSeed, load_config
    from .halopsa.demo import demo_config, without_portal
    from .halopsa.server import run

    try:
        key = os.environ.get("STEPLADDER_SANDBOX_KEY", "no-key-yet")
        demo = demo_config(stepladder_url, key, device_name=device_name)
        config = load_config(seed_file) if seed_file else demo if with_portal else without_portal(demo)
    except BadSeed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(f"Sandbox HaloPSA: http://127.0.0.1:{port}", err=True)
    for each in config.applications:
        typer.echo(f"Client id: {each.client_id}  secret: {each.client_secret}", err=True)
    try:
        run("127.0.0.1", port, config, log_file)
    except OSError as error:
        if error.filename is None:
            raise
        typer.echo(f"{error.filename} cannot be written: {error.strerror}.", err=True)
        raise typer.Exit(1) from error
