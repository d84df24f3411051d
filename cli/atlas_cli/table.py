"""Tables as commands show them: they fit the terminal, and leave out what says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

#: On a terminal of so many columns no cell is narrowed.
_AMPLE = 140


@dataclass(frozen=True)
class Column:
    """A column. `whole` cells are never broken; it is left out when every cell is `nothing`.

    `most` is how wide it is at most where room is scarce.
    """

    title: str
    whole: bool = False
    right: bool = False
    nothing: str | None = None
    most: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows in columns. A cell that is too long for the terminal is folded, and never cut."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]

    def rendered(self, width: int) -> Any:
        """Return the table as rich prints it on a terminal of this width."""
        # rich takes longer to import than most commands take to run
        table = import_module("rich.table").Table(
            box=import_module("rich.box").SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0)
        )
        kept = [number for number, column in enumerate(self.columns) if self._says_something(number, column)]
        for column in (self.columns[number] for number in kept):
            justify = "right" if column.right else "left"
            table.add_column(
                column.title,
                overflow="fold",
                no_wrap=column.whole,
                justify=justify,
                max_width=column.most if width < _AMPLE else None,
            )
        text = import_module("rich.text").Text
        for row in self.rows:
            table.add_row(*(text.from_ansi(row[number]) for number in kept))
        return table

    def _says_something(self, number: int, column: Column) -> bool:
        return column.nothing is None or any(row[number] != column.nothing for row in self.rows)
