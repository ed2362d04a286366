"""Tables on a terminal. An id, which the next command takes, is not cut: other columns wrap, or rows become blocks."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

Columns = Mapping[str, Sequence[str]]
"""The cells of each column, by its heading."""

_NARROWEST = 12
"""Below that a column of words cannot be read."""
_UNBOUNDED = 10_000


def print_table(columns: Columns) -> None:
    """Print the rows as a table where it fits, or each row as a block of lines. A pipe gets a line for each row."""
    console = Console(width=None if sys.stdout.isatty() else _UNBOUNDED, highlight=False)
    needed = {heading: _least(heading, cells) for heading, cells in columns.items()}
    if sum(needed.values()) + len(needed) - 1 <= console.width:
        console.print(_grid(columns, needed))
    else:
        _print_blocks(console, columns)


def _least(heading: str, cells: Sequence[str]) -> int:
    """The width that a column must have: all of an id, and of words at least what can be read."""
    full = max(map(_width, (heading, *cells)))
    return full if _is_id(heading) else min(full, max(_NARROWEST, _width(heading)))


def _is_id(heading: str) -> bool:
    return heading == "id" or heading.endswith(" id")


def _width(text: str) -> int:
    return Text(text).cell_len


def _grid(columns: Columns, needed: Mapping[str, int]) -> Table:
    grid = Table(box=None, header_style="bold", pad_edge=False)
    for heading in columns:
        grid.add_column(heading, no_wrap=_is_id(heading), overflow="fold", min_width=needed[heading])
    for row in zip(*columns.values(), strict=True):
        grid.add_row(*map(Text, row))
    return grid


def _print_blocks(console: Console, columns: Columns) -> None:
    """Each row by itself, a line for each of its values; what is empty is left out."""
    for number, row in enumerate(zip(*columns.values(), strict=True)):
        if number:
            console.print()
        for heading, cell in zip(columns, row, strict=True):
            if cell not in ("", "-"):
                console.print(Text(f"{heading}: {cell}"), soft_wrap=True)
