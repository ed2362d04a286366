"""`stepladder demo`: the main job on this machine, with sandboxes."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    script: Annotated[
        bool,
        typer.Option("--script", help="Play the story without a person; status 0 if each step happened."),
    ] = False,
    port: Annotated[
        int, typer.Option(help="Stepladder's port; the sandbox HaloPSA gets the next one.")
    ] = 8700,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the demo's data for the next time.")] = False,
) -> None:
    """Start the embedded database, a sandbox HaloPSA and Stepladder with a sample MSP, and show what to do next."""
    from .run import run

    raise typer.Exit(run(script=script, port=port, keep=keep))
