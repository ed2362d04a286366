"""`stepladder bench`: how fast it is, as ratios in one run."""

from __future__ import annotations

from typing import Annotated

import typer

from .context import JsonFlag


def register(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command()(bench)


def bench(
    only: Annotated[list[str] | None, typer.Option(help="Only these measurements.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer rounds; for a look, not for a record.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Measure deciding, calls per lifecycle, latency and memory against a floor in the same run."""
    from stepladder_bench.run import run

    raise typer.Exit(run(only=only or [], quick=quick, as_json=as_json))
