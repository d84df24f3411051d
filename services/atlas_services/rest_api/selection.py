"""The jobs of a project that a query asks for, page by page."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from atlas_core.errors import InvalidInput
from atlas_core.near_names import nearest
from atlas_core.values import dumps, loads
from atlas_services.rest_api.query import Condition, Field, Jobs, Mark, Term, matching, ordered
from atlas_services.rest_api.query.conditions import fields_of
from atlas_services.rest_api.query.evaluation import DURATION_COLUMNS
from atlas_services.rest_api.query.fields import LIKENESS, known_names
from atlas_services.rest_api.query.order import mark_of
from atlas_services.rest_api.query.tokens import refuse
from atlas_services.tracker import JobPart, Projection, Table, Tracker

_CREATION = "a:creation_time"


@dataclass(frozen=True)
class Query:
    """What is asked for. `cursor` is that of the page before; `before` the id of its last job, `offset` its end."""

    project: str
    condition: Condition | None = None
    terms: Sequence[Term] = ()
    limit: int = 100
    offset: int = 0
    cursor: str | None = None
    before: str | None = None


@dataclass(frozen=True)
class Page:
    """Jobs, in order; how many there are in all; and the cursor of the next page, if there is one."""

    jobs: list[JobPart]
    total: int
    cursor: str | None


@dataclass(frozen=True)
class _Place:
    """Where a page ends. All pages show durations as of one time, or running jobs would pass from page to page."""

    mark: Mark
    time: float


def select(tracker: Tracker, query: Query, projection: Projection, time: float) -> Page:
    """Return a page of the jobs that a query asks for, in two round trips.

    Raises `ProjectNotFound`, or `InvalidInput` for a field that no job has, or a cursor that is none.
    """
    place = None if query.cursor is None else _read_cursor(query.cursor, query.terms)
    jobs = _jobs(tracker, query, place.time if place else time)
    if not jobs.table.count:
        tracker.projects.require(query.project)
    mark = place.mark if place else _mark(tracker, query, jobs)
    rows, start = ordered(matching(query.condition, jobs), query.terms, jobs, mark)
    start += query.offset
    page = rows[start : start + query.limit]
    more = bool(page) and start + len(page) < len(rows)
    cursor = _cursor(query.terms, _Place(mark_of(page[-1], query.terms, jobs), jobs.time)) if more else None
    return Page(_read(tracker, query.project, page, jobs, projection), len(rows), cursor)


def matching_ids(tracker: Tracker, query: Query, time: float) -> list[str]:
    """Return the ids of all jobs that a query asks for. Raises as `select` does."""
    jobs = _jobs(tracker, query, time)
    return tracker.index.ids(query.project, matching(query.condition, jobs))


def _read(tracker: Tracker, project: str, rows: Sequence[int], jobs: Jobs, projection: Projection) -> list[JobPart]:
    """Return the jobs in these rows, without those that went, and those that got the rows of these, meanwhile."""
    parts = tracker.jobs.parts_of_rows(project, rows, projection)
    times = {jobs.creation.numbers[row] for row in rows}
    return [part for part in parts if part.facts["creation_time"] in times]


def _jobs(tracker: Tracker, query: Query, time: float) -> Jobs:
    fields = [*fields_of(query.condition), *(term.field for term in query.terms)]
    names = [_CREATION, *(field.column for field in fields if field.column)]
    if any(field.name == "duration" and field.kind == "a" for field in fields):
        names += DURATION_COLUMNS
    table = read_table(tracker, query.project, names, ids=any(field.name == "job_id" for field in fields))
    if table.count:
        _check_known(tracker, query, table)
    return Jobs(query.project, table, time)


def read_table(tracker: Tracker, project: str, names: Sequence[str], *, ids: bool = False) -> Table:
    """Return columns of a project's index, which is made first if it is not there."""
    table = tracker.index.read(project, names, ids=ids)
    if table is None:
        tracker.ensure_index()
        table = tracker.index.read(project, names, ids=ids)
    assert table is not None
    return table


def _check_known(tracker: Tracker, query: Query, table: Table) -> None:
    """Raise `InvalidInput` for a field that no job of the project has: it is misspelt, or of another project."""
    parts = (("filter", fields_of(query.condition)), ("sort", (term.field for term in query.terms)))
    for parameter, fields in parts:
        for field in fields:
            if field.kind != "a" and table.columns[field.column] is None:
                raise _unknown(parameter, field, tracker.index.names(query.project))


def _unknown(parameter: str, field: Field, columns: Iterable[str]) -> InvalidInput:
    like = nearest(str(field), [name for name in known_names(columns) if "." in name], LIKENESS)
    group = str(field).partition(".")[0]
    expected = f"`{like}`, perhaps" if like else f"one of the {group} of this project, if it has any"
    return refuse(parameter, field.position, f"no job of this project has `{field}`", expected)


def _cursor(terms: Sequence[Term], place: _Place) -> str:
    mark = place.mark
    parts = [_order(terms), mark.values, mark.creation_time, mark.row, place.time]
    return base64.urlsafe_b64encode(dumps(parts).encode()).decode().rstrip("=")


def _mark(tracker: Tracker, query: Query, jobs: Jobs) -> Mark | None:
    if query.before is None:
        return None
    row = tracker.index.row(query.before, query.project)
    if row is None or row >= jobs.table.count:
        raise InvalidInput(
            f"before: the project has no job {query.before!r}; leave it out to begin with the first.", field="before"
        )
    return mark_of(row, query.terms, jobs)


def _read_cursor(text: str, terms: Sequence[Term]) -> _Place:
    try:
        order, values, creation_time, row, time = loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        mark = Mark([list(value)[:1] for value in values], float(creation_time), int(row))
        place = _Place(mark, float(time))
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise InvalidInput(
            f"cursor: {text[:60]!r} is no cursor; take it from the page before.", field="cursor"
        ) from None
    if order != _order(terms) or len(mark.values) != len(terms):
        raise InvalidInput("cursor: it belongs to another order; keep `sort` from page to page.", field="cursor")
    return place


def _order(terms: Sequence[Term]) -> list[list[object]]:
    return [[term.field.column or term.field.name, term.descending] for term in terms]
