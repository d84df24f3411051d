"""The words of a query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from atlas_core.errors import InvalidInput

#: A longer query is refused.
LONGEST = 10_000

_QUOTED = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_DURATION = r"-?(?:\d+(?:\.\d+)?[wdhms])+(?![\w.])"
_NUMBER = r"-?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf)(?![\w.])"
#: A sign of a name in any script, with the vowel signs that some scripts put above or below a letter.
_SIGN = r"(?:\w|[^\x00-\x7f\s])"
_WORD = rf"(?!\d){_SIGN}+(?:\.(?:{_QUOTED}|(?:{_SIGN}|[/:@%#-])+))*"
_SYMBOL = r"==|!=|<=|>=|[<>~()\[\],-]"
_TOKEN = re.compile(
    rf"\s*(?:(?P<text>{_QUOTED})|(?P<duration>{_DURATION})|(?P<number>{_NUMBER})|(?P<word>{_WORD})|(?P<symbol>{_SYMBOL})|$)",
    re.DOTALL,
)
_SEGMENT = re.compile(rf"({_QUOTED})|([^.\"']+)", re.DOTALL)
_PART = re.compile(r"(\d+(?:\.\d+)?)([wdhms])")
_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
#: What people write instead of our symbols.
_MEANT = {"=": "==", "&": "and", "|": "or", "!": "not", "&&": "and", "||": "or"}


@dataclass(frozen=True)
class Span:
    """A stretch of time in seconds, as in `2h30m` or `-7d`."""

    seconds: float


@dataclass(frozen=True)
class Path:
    """A dotted name. `bare` is the last segment if it is written without quotes."""

    segments: tuple[str, ...]
    bare: str


@dataclass(frozen=True)
class Token:
    """A word of a query. `kind` is `text`, `duration`, `number`, `word`, `symbol` or `end`."""

    kind: str
    text: str
    value: Any
    position: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"`{self.text}`"


def refuse(parameter: str, position: int, trouble: str, expected: str) -> InvalidInput:
    """Return the error for what stands at a position, counted from 1, of a query parameter."""
    return InvalidInput(
        f"{parameter}: at position {position + 1}: {trouble}; expected {expected}.",
        field=parameter,
        position=position + 1,
        expected=expected,
    )


def tokenize(parameter: str, text: str) -> list[Token]:
    """Return the words of a query parameter, the last of which is its end. Raises `InvalidInput`."""
    if len(text) > LONGEST:
        raise InvalidInput(f"{parameter}: it has {len(text)} characters; {LONGEST} is the limit.", field=parameter)
    return [*_tokens(parameter, text), Token("end", "", None, len(text))]


def _tokens(parameter: str, text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(parameter, text, position)
        kind = match.lastgroup
        if kind is not None:
            word = match[kind]
            yield Token(kind, word, _meaning(kind, word), match.start(kind))
        position = match.end()


def _unreadable(parameter: str, text: str, position: int) -> InvalidInput:
    position += len(text[position:]) - len(text[position:].lstrip())
    rest = text[position:]
    meant = _MEANT.get(rest[:2]) or _MEANT.get(rest[0])
    if rest[0] in "\"'":
        return refuse(parameter, position, "a text begins that does not end", f"a closing {rest[0]}")
    word = re.match(r"[^\s()\[\],]{1,30}", rest)
    return refuse(parameter, position, f"`{word[0] if word else rest[0]}` cannot be read", _hint(meant))


def _hint(meant: str | None) -> str:
    return f"`{meant}`" if meant else "a field, a number, or a text in quotes"


def _meaning(kind: str, word: str) -> Any:
    if kind == "text":
        return _unquoted(word)
    if kind == "number":
        return _number(word)
    if kind == "duration":
        seconds = sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(word))
        return Span(-seconds if word.startswith("-") else seconds)
    if kind == "word":
        parts = _SEGMENT.findall(word)
        return Path(tuple(_unquoted(quoted) if quoted else bare for quoted, bare in parts), parts[-1][1])
    return word


def _number(word: str) -> int | float:
    try:
        return int(word)
    except ValueError:
        return float(word)


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL)
