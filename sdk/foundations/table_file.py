"""Tables as CSV files, or as Parquet where that is asked for: of pandas, of polars, or of plain rows."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

_PARQUET = ".parquet"


def table_of(table: Any) -> Any:
    """Return a data frame as it is; a list of mappings, or a mapping of columns, as a list of rows.

    Raises `TypeError` for anything else, `ValueError` for columns of different lengths.
    """
    if isinstance(table, type) or not (hasattr(table, "to_csv") or hasattr(table, "write_csv")):
        return _rows(table)
    return table.to_frame() if _is_column(table) else table


def _is_column(table: Any) -> bool:
    """Whether this is a series of pandas or polars: one column, which cannot be written by itself everywhere."""
    return hasattr(table, "to_frame") and not hasattr(table, "columns")


def write_table(table: Any, path: Path) -> None:
    """Write what `table_of` returns in the form that the path's ending names.

    Raises `ImportError` for Parquet without what writes it, and `OSError`.
    """
    if hasattr(table, "write_csv"):  # polars
        table.write_parquet(path) if path.suffix == _PARQUET else table.write_csv(path)
    elif hasattr(table, "to_csv"):
        _write_pandas(table, path)
    elif path.suffix == _PARQUET:
        _write_pandas(import_module("pandas").DataFrame(table), path)
    else:
        _write_rows(table, path)


def _write_pandas(frame: Any, path: Path) -> None:
    with_index = frame.index.name is not None or type(frame.index).__name__ != "RangeIndex"
    if path.suffix == _PARQUET:
        frame.to_parquet(path, index=with_index)
    else:
        frame.to_csv(path, index=with_index)


def _write_rows(rows: Sequence[Mapping[Any, Any]], path: Path) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def _rows(table: Any) -> Sequence[Mapping[Any, Any]]:
    if isinstance(table, Mapping):
        return _rows_of_columns(table)
    if isinstance(table, Iterable) and not isinstance(table, (str, bytes)):
        rows = list(table)
        wrong = next((number for number, row in enumerate(rows) if not isinstance(row, Mapping)), None)
        if rows and wrong is None:
            return rows
        if wrong:  # the first rows are as they should be
            raise TypeError(f"table: row {wrong} is no mapping but {type(rows[wrong]).__name__}.")
        if not rows:
            raise ValueError("table: it has no rows and so no columns; give at least one row, or a mapping of columns.")
    raise TypeError(
        f"table: {type(table).__name__} is no table; log a data frame, a list of mappings, or a mapping of columns."
    )


def _rows_of_columns(columns: Mapping[Any, Any]) -> Sequence[Mapping[Any, Any]]:
    if not columns:
        raise ValueError("table: it has no columns; give at least one, a name and the list of its values.")
    lists = {name: _column(name, values) for name, values in columns.items()}
    if len({len(values) for values in lists.values()}) > 1:
        lengths = ", ".join(f"{name} ({len(values)})" for name, values in lists.items())
        raise ValueError(f"table: the columns have different lengths: {lengths}; give each as many values.")
    return [dict(zip(lists, row)) for row in zip(*lists.values())]


def _column(name: Any, values: Any) -> list[Any]:
    if not isinstance(values, (str, bytes, Mapping)) and not isinstance(values, type):
        with contextlib.suppress(TypeError):  # an array without a dimension has the method, too
            return list(values)
    raise TypeError(f"table: column {name!r} is {type(values).__name__}; give a list of its values.")
