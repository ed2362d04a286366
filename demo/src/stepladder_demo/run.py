"""Running the demo: set the stage, then show what to do next, or play the story."""

from __future__ import annotations

import atexit
import shlex
import signal
import subprocess
import threading
from pathlib import Path
from types import FrameType

from rich.console import Console

from stepladder.errors import StepladderError

from .processes import Children, DidNotStart
from .stage import TECHNICIANS, Stage, StageRefused, build, clear, prepare
from .story import NotSeen, Story

_console = Console(highlight=False, soft_wrap=True)


def run(*, script: bool, port: int, keep: bool) -> int:
    """Returns 0 when it went well; otherwise it prints the reason. Ends with Ctrl-C when no script is played."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        stage = prepare(port, keep=keep)
    except StageRefused as error:
        _console.print(str(error))
        return 1
    if not keep:
        # The database server leaves its lock when the process ends; what is registered first is called last.
        atexit.register(clear, stage.directory)
    children = Children(stage.directory)
    try:
        with _console.status("Setting up") as status:
            build(stage, children, lambda step: status.update(f"{step} …"))
        return _play(stage, children) if script else _wait(stage, children)
    except KeyboardInterrupt:
        _console.print("\nStopping.")
        return 0
    except (DidNotStart, NotSeen, StepladderError) as error:
        _console.print(f"[bold red]The demo failed.[/] {error}", markup=True)
        return 1
    except subprocess.CalledProcessError as error:
        _console.print(f"Failed: {shlex.join(error.cmd)}\n{(error.stderr or b'').decode()}", markup=False)
        return 1
    finally:
        children.end()
        _stop_database(stage)


def _play(stage: Stage, children: Children) -> int:
    Story(stage, children, lambda step: _console.print(f"[green]✓[/] {step}")).play()
    _console.print("[bold]Every step happened.[/]")
    return 0


def _wait(stage: Stage, children: Children) -> int:
    agent = shlex.quote(str(Path(stage.agent_command()[0]).absolute()))
    prefix = f"STEPLADDER_AGENT_DIR={shlex.quote(str(stage.agent_directory))} {agent}"
    operator = " ".join(f"{name}={shlex.quote(value)}" for name, value in stage.environment().items())
    stepladder = f"{operator} {shlex.quote(str(Path(agent).with_name('stepladder')))}"
    _console.print("[bold]Ready.[/] Stepladder and a sandbox HaloPSA run on this machine.\n")
    _console.print("1. In a second terminal, ask to run a program as administrator:\n")
    _console.print(f"   {prefix} request --reason 'to try it' -- /usr/bin/env\n", markup=False)
    _console.print(f"2. Open the ticket in HaloPSA and press Approve or Deny: [bold]{stage.halopsa_url}[/]")
    _console.print("   The waiting terminal has the decision at once, and the ticket closes itself.\n")
    _console.print("3. Or decide on the command line, in a third terminal:\n")
    _console.print(f"   {stepladder} request list --state pending", markup=False)
    _console.print(f"   {stepladder} request approve ID --as {TECHNICIANS[0][0]}\n", markup=False)
    _console.print("Ctrl-C ends the demo.")
    ended = threading.Event()
    while not ended.wait(1.0):
        name = children.first_to_end()
        if name:
            raise DidNotStart(f"{name} ended by itself. Its log: {stage.directory / f'{name}.log'}")
    return 0


def _stop_database(stage: Stage) -> None:
    if (stage.directory / "postgres").exists():
        from stepladder.kit import postgres

        postgres.start(stage.directory).shut_down()


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
