"""`stepladder bench`: how fast it is, as ratios in one run."""

from __future__ import annotations

from typing import Annotated

import typer

from stepladder.cli.context import JsonFlag

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    only: Annotated[list[str] | None, typer.Option(help="Only these measurements.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer rounds; for a look, not for a record.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Measure deciding, calls per lifecycle, latency and memory against a floor in the same run."""
    from .run import run

    raise typer.Exit(run(only=only or [], quick=quick, as_json=as_json))
