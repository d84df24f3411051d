"""What one route takes and answers. `describes` puts it beside the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from atlas_services.openapi.schema import TEXT, Schema

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain"
PROBLEM_TYPE = "application/problem+json"

#: The attribute of a function that holds what it was described with.
_MARK = "__openapi_operation__"

Function = TypeVar("Function", bound=Callable[..., object])


@dataclass(frozen=True)
class Param:
    """A parameter in the query string."""

    name: str
    about: str
    schema: Schema = field(default_factory=lambda: TEXT)
    required: bool = False
    #: Given several times, `name=a&name=b`; else a list is written with commas.
    repeated: bool = True


@dataclass(frozen=True)
class Header:
    """A header of a request."""

    name: str
    about: str
    schema: Schema = field(default_factory=lambda: TEXT)
    required: bool = False


@dataclass(frozen=True)
class Body:
    """The body of a request."""

    schema: Schema | None = None
    media: str = JSON_TYPE
    required: bool = True


@dataclass(frozen=True)
class Answer:
    """An answer. Without a schema it is bytes of this type; without a type it has no body."""

    about: str = ""
    schema: Schema | None = None
    media: str | None = JSON_TYPE
    #: Other types as which it may come, as bytes.
    or_else: Sequence[str] = ()


@dataclass(frozen=True)
class Operation:
    """What a route takes and answers. `fails` are the statuses of problems that are its own."""

    summary: str
    answers: Mapping[int, Answer]
    fails: Sequence[int] = ()
    query: Sequence[Param] = ()
    headers: Sequence[Header] = ()
    body: Body | None = None
    #: Schemas of the parts of the path of which more is known than that they are texts.
    path: Mapping[str, Schema] = field(default_factory=dict)
    #: The route speaks as the original did; new clients have a better one.
    is_old: bool = False
    #: What else comes in the query or the body is passed on or passed over; other routes refuse it.
    takes_anything: bool = False
    #: The request carries the token of a job.
    takes_token: bool = False


def describes(operation: Operation) -> Callable[[Function], Function]:
    """Return a decorator that leaves a function as it is, described."""

    def mark(function: Function) -> Function:
        setattr(function, _MARK, operation)
        return function

    return mark


def operation_of(function: Callable[..., object]) -> Operation | None:
    """Return what a function was described with."""
    found = getattr(function, _MARK, None)
    return found if isinstance(found, Operation) else None
