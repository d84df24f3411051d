"""Reading filters, orders and lists of fields.

filter      = all ("or" all)*
all         = one ("and" one)*
one         = "not" one | "(" filter ")" | "exists" "(" field ")" | tag
            | field ("==" | "!=" | "<" | "<=" | ">" | ">=" | "~") value
            | field ["not"] "in" "[" value ("," value)* "]"
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from atlas_core.near_names import nearest
from atlas_services.rest_api.query.conditions import Comparison, Condition, Every, Exists, Membership, Not, Some
from atlas_services.rest_api.query.fields import ATTRIBUTES, GROUPS, LIKENESS, Field, find_field
from atlas_services.rest_api.query.order import Term
from atlas_services.rest_api.query.tokens import Path, Token, refuse, tokenize
from atlas_services.rest_api.query.values import value_of

#: Conditions may stand this deep in each other.
_DEEPEST = 50
_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "~")
_KEYWORDS = ("and", "or", "not", "in", "exists", "true", "false", "null", "nan")

_Item = TypeVar("_Item")


def parse_filter(text: str, time: float) -> Condition | None:
    """Return what a filter asks for; None when it is empty. Spans such as `-7d` count from `time`.

    Raises `InvalidInput` with the position of the first word that is wrong, and what was expected there.
    """
    parser = _Parser("filter", text, time)
    if parser.next.kind == "end":
        return None
    condition = parser.alternatives()
    parser.finish("`and`, `or`, or the end")
    return condition


def parse_sort(text: str) -> list[Term]:
    """Return the order that a list such as `-metrics.acc.max,params.lr` means. Raises `InvalidInput`."""
    parser = _Parser("sort", text, 0.0)
    return parser.listed(parser.term) if text.strip() else []


def parse_fields(text: str) -> list[Field | str]:
    """Return the fields of a list; a name such as `params` stands for all of them. Raises `InvalidInput`."""
    parser = _Parser("fields", text, 0.0)
    return parser.listed(parser.field_or_group) if text.strip() else []


class _Parser:
    def __init__(self, parameter: str, text: str, time: float) -> None:
        self._parameter = parameter
        self._tokens = tokenize(parameter, text)
        self._place = 0
        self._depth = 0
        self._time = time

    @property
    def next(self) -> Token:
        """The word that is read next."""
        return self._tokens[self._place]

    def alternatives(self) -> Condition:
        """Read conditions with `or` between them."""
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def listed(self, read: Callable[[], _Item]) -> list[_Item]:
        """Read what has commas between to the end."""
        items = [read()]
        while self._take(","):
            items.append(read())
        self.finish("`,` or the end")
        return items

    def term(self) -> Term:
        """Read a field of an order."""
        descending = self._take("-")
        return Term(self._field("a field, or `-` and a field"), descending)

    def field_or_group(self) -> Field | str:
        """Read a field, or the name of a group of fields."""
        if self.next.kind == "word" and self.next.text in GROUPS:
            return GROUPS[self._advance().text]
        return self._field("a field")

    def finish(self, expected: str) -> None:
        """Raise `InvalidInput` if anything is left."""
        if self.next.kind != "end":
            raise self._refusal(expected)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise refuse("filter", self.next.position, "conditions stand too deep in each other", "a simpler filter")
        try:
            return self._condition()
        finally:
            self._depth -= 1

    def _condition(self) -> Condition:
        if self._take("not"):
            return Not(self._one())
        if self._take("("):
            condition = self.alternatives()
            self._expect(")", "`and`, `or` or `)`")
            return condition
        if self._take("exists"):
            self._expect("(", "`(`")
            field = self._field("a field")
            self._expect(")", "`)`")
            return Exists(field)
        return self._comparison()

    def _comparison(self) -> Condition:
        field = self._field("a field, `not`, `exists` or `(`")
        if self._take("in"):
            return self._members(field)
        if self.next.text == "not":
            self._advance()
            self._expect("in", "`in`")
            return Every((Exists(field), Not(self._members(field))))
        if self.next.kind == "symbol" and self.next.text in _OPERATORS:
            operator = self._advance().text
            return Comparison(field, operator, value_of(field, operator, self._advance(), self._time))
        if field.kind == "t":
            return Exists(field)
        raise self._refusal("one of `==`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `in`")

    def _members(self, field: Field) -> Membership:
        self._expect("[", "`[`")
        values = [value_of(field, "in", self._advance(), self._time)]
        while self._take(","):
            values.append(value_of(field, "in", self._advance(), self._time))
        self._expect("]", "`,` or `]`")
        return Membership(field, tuple(values))

    def _field(self, expected: str) -> Field:
        token = self.next
        if token.kind != "word" or token.text in _KEYWORDS:
            raise self._refusal(expected)
        field = find_field(token.value, token.position)
        if field is None:
            raise refuse(self._parameter, token.position, f"{token} is no field", _suggestion(token.value))
        self._advance()
        return field

    def _take(self, word: str) -> bool:
        if self.next.kind not in {"word", "symbol"} or self.next.text != word:
            return False
        self._advance()
        return True

    def _expect(self, word: str, expected: str) -> None:
        if not self._take(word):
            raise self._refusal(expected)

    def _advance(self) -> Token:
        token = self.next
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _refusal(self, expected: str) -> Exception:
        return refuse(self._parameter, self.next.position, f"there is {self.next}", expected)


def _suggestion(path: Path) -> str:
    words = [*ATTRIBUTES, *(f"{group}." for group in ("params", "metrics", "tags"))]
    like = nearest(path.segments[0], [word.rstrip(".") for word in words], LIKENESS)
    return f"such as `{like}`" if like and len(path.segments) == 1 else f"one of {', '.join(words)}"
