"""Commands that other distributions bring, such as `stepladder demo`: Typer applications under an entry point group.

They are looked for only where the product has no command of the name, and where all commands are listed, so that
`stepladder serve` neither waits for one nor runs its code. None can take the name of a command of the product.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from .context import fail

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "stepladder.commands"
# What to do for a command of ours that is not there.
_REMEDIES = {
    "demo": "Install it with: pip install 'stepladder[demo]'",
    "sandbox": "Install it with: pip install 'stepladder[demo]'",
    "bench": "It is for development; run `make bench` in a checkout.",
}


class CommandsAndPlugins(TyperGroup):
    """The product's commands, and those of plug-ins once they are asked for."""

    # Typer keeps its contexts' and commands' base classes private, hence Any.
    def list_commands(self, ctx: Any) -> list[str]:
        for name in sorted(_find_plugins()):
            self.get_command(ctx, name)
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands:
            if entry := _find_plugins().get(cmd_name):
                self.commands[cmd_name] = _load(entry)
            elif remedy := _REMEDIES.get(cmd_name):
                return _make_refusing(cmd_name, f"The command {cmd_name} is not installed. {remedy}")
        return super().get_command(ctx, cmd_name)


@cache
def _find_plugins() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _load(entry: EntryPoint) -> Any:
    """Load the plug-in's command. One that is broken becomes a command that says so, and the others work."""
    try:
        command = typer.main.get_command(entry.load())
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a plug-in's code may raise anything
        why = f"{type(error).__name__}: {error}"
        return _make_refusing(
            entry.name, f"The command {entry.name} cannot be loaded from {entry.value}. {why}"
        )
    command.name = entry.name
    return command


def _make_refusing(name: str, why: str) -> Any:
    """Make a command that takes any arguments and refuses with the sentence `why`."""
    from rich.markup import escape

    def refuse(call: typer.Context) -> None:
        fail("command_unavailable", why, as_json="--json" in call.args)

    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    anything = {"allow_extra_args": True, "ignore_unknown_options": True}
    # The list of commands reads markup, and the sentence may have brackets of its own.
    app.command(name, help=why, short_help=escape(why), context_settings=anything)(refuse)
    return typer.main.get_command(app)
