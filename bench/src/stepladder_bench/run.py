"""Running the measurements that were asked for, and printing what they found."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import uvloop
from rich.console import Console

from stepladder.errors import StepladderError
from stepladder.kit.postgres import DataDirectoryRefused

from . import burst, calls, deciding, latency, lifecycle, memory, start
from .children import CannotMeasure
from .progress import Teller
from .report import Line, NotMeasured, Report
from .sizes import FULL, QUICK, Sizes

Measure = Callable[[Sizes, Teller], Awaitable[list[Line]]]
PARTS: dict[str, Measure] = {
    "deciding": deciding.measure,
    "lifecycle": lifecycle.measure,
    "calls": calls.measure,
    "burst": burst.measure,
    "latency": latency.measure,
    "memory": memory.measure,
    "start": start.measure,
}


def run(*, only: Sequence[str], quick: bool, as_json: bool) -> int:
    """Measure and print. Returns 0 for any figures, 1 if something could not be measured, 2 for a wrong name."""
    told = Console(stderr=True, highlight=False)
    unknown = [part for part in only if part not in PARTS]
    if unknown:
        told.print(f"There is no measurement {unknown[0]!r}. There are: {', '.join(PARTS)}.", markup=False)
        return 2
    chosen = [part for part in PARTS if part in only or not only]
    report = Report(datetime.now(UTC).isoformat(timespec="seconds"), quick)
    try:
        uvloop.run(_measured(chosen, QUICK if quick else FULL, report, told))
    except (KeyboardInterrupt, asyncio.CancelledError):
        told.print("Stopped.")
        return 130
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), indent=2) + "\n")
    else:
        report.show(Console(highlight=False))
    return 1 if report.not_measured else 0


async def _measured(parts: Sequence[str], sizes: Sizes, report: Report, told: Console) -> None:
    task = asyncio.current_task()
    if task:  # SIGTERM ends like Ctrl-C: everything that was started is ended first
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    began = time.monotonic()
    with Teller(told) as teller:
        for part in parts:
            try:
                report.lines += await PARTS[part](sizes, teller)
            except (CannotMeasure, StepladderError, DataDirectoryRefused, OSError, TimeoutError) as error:
                report.not_measured.append(NotMeasured(part, str(error)))
    report.seconds = time.monotonic() - began
