"""Ignore rules: which files a project wants to keep out of its bundles, in the language of git's ignore files.

A rule is compiled once to a regular expression over bytes, for names on disk are bytes. What git does is done here as
well where it surprises: the last rule that matches decides, and nothing below an ignored directory can be wanted again.

A line `#!include:.gitignore` asks for git's own files as well, those in directories below included. Where both speak of
a path, the project's own rules decide.
"""

from __future__ import annotations

import os
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Optional

#: The file at the top of a project that holds its rules.
FILE_NAME = ".foundationsignore"
#: What stands in it to have git's ignore files read, too; and what these are called.
INCLUDE, GIT_FILE_NAME = b"#!include:.gitignore", ".gitignore"

_GLOB = b"*?[\\"
_SLASH = ord("/")
_CLASSES = {
    b"alnum": string.ascii_letters + string.digits,
    b"alpha": string.ascii_letters,
    b"blank": " \t",
    b"cntrl": "".join(map(chr, [*range(32), 127])),
    b"digit": string.digits,
    b"graph": string.ascii_letters + string.digits + string.punctuation,
    b"lower": string.ascii_lowercase,
    b"print": string.ascii_letters + string.digits + string.punctuation + " ",
    b"punct": string.punctuation,
    b"space": " \t\n\r",
    b"upper": string.ascii_uppercase,
    b"xdigit": string.hexdigits,
}


class _Rule(NamedTuple):
    #: What a name, or the path below the top, must be as a whole; None for a pattern that nothing matches.
    pattern: Optional[re.Pattern[bytes]]
    ignores: bool
    directories_only: bool
    by_name: bool

    def matches(self, path: bytes, is_directory: bool) -> bool:
        if self.pattern is None or (self.directories_only and not is_directory):
            return False
        return self.pattern.fullmatch(path.rpartition(b"/")[2] if self.by_name else path) is not None


class IgnoreRules:
    """The rules of one project; without a file there are none, and nothing is ignored."""

    def __init__(self, text: bytes = b"", git: GitRules | None = None) -> None:
        self._rules = _parsed(text)
        self._git = git

    @classmethod
    def of(cls, directory: Path) -> IgnoreRules:
        """Return the rules of the project in `directory`. Raises `OSError` when its file cannot be read."""
        path = directory / FILE_NAME
        text = path.read_bytes() if path.is_file() else b""
        return cls(text, GitRules(directory) if wants_git(text) else None)

    def ignores(self, path: str, is_directory: bool = False) -> bool:
        """Whether the rules speak against `path`, relative to the top with '/' between names.

        The answer holds for paths whose directories are not ignored themselves; who walks a tree never asks for others.
        Raises `OSError` when a file of git's cannot be read.
        """
        if not self._rules and self._git is None:
            return False
        verdict = _verdict(self._rules, os.fsencode(path), is_directory)
        if verdict is None and self._git is not None:
            verdict = self._git.verdict(path, is_directory)
        return bool(verdict)


class GitRules:
    """The rules in the files `.gitignore` of a directory and of those below it, each read when it is first needed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[str, list[_Rule]] = {}

    def verdict(self, path: str, is_directory: bool) -> bool | None:
        """Return whether git ignores `path`; None if no rule speaks of it. The nearest file counts most."""
        above, below = path, ""
        while above:
            above, _, name = above.rpartition("/")
            below = f"{name}/{below}" if below else name
            verdict = _verdict(self._of(above), os.fsencode(below), is_directory)
            if verdict is not None:
                return verdict
        return None

    def _of(self, folder: str) -> list[_Rule]:
        if folder not in self._known:
            file = self._directory / folder / GIT_FILE_NAME
            self._known[folder] = _parsed(file.read_bytes()) if file.is_file() else []
        return self._known[folder]


def wants_git(text: bytes) -> bool:
    """Whether a project's rules ask for git's."""
    return any(line.rstrip() == INCLUDE for line in text.splitlines())


def _parsed(text: bytes) -> list[_Rule]:
    """Return the rules of a file, the one that counts most first."""
    return [_rule(line) for line in _lines(text)][::-1]


def _verdict(rules: list[_Rule], path: bytes, is_directory: bool) -> bool | None:
    return next((rule.ignores for rule in rules if rule.matches(path, is_directory)), None)


def _lines(text: bytes) -> Iterator[bytes]:
    for line in text.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        line = line[:-1] if line.endswith(b"\r") else line
        if not line.startswith(b"#"):
            line = _without_trailing_spaces(line)
            if line:
                yield line


def _without_trailing_spaces(line: bytes) -> bytes:
    """Remove spaces at the end, up to one behind a backslash."""
    end = index = 0
    while index < len(line):
        escaped = line[index : index + 1] == b"\\"
        index += 2 if escaped else 1
        if escaped or line[index - 1 : index] != b" ":
            end = index
    return line[:end]


def _rule(line: bytes) -> _Rule:
    ignores = not line.startswith(b"!")
    text = line if ignores else line[1:]
    directories_only = text.endswith(b"/")
    text = text[:-1] if directories_only else text
    by_name = b"/" not in text
    if not text:
        return _Rule(None, ignores, directories_only, by_name)
    try:
        pattern = re.compile(_by_path(text), re.DOTALL) if not by_name else re.compile(_expression(text), re.DOTALL)
    except ValueError:  # an unclosed bracket, or a backslash with nothing behind it
        return _Rule(None, ignores, directories_only, by_name)
    return _Rule(pattern, ignores, directories_only, by_name)


def _by_path(text: bytes) -> bytes:
    """Return the expression of a pattern with a slash: it speaks of the whole path, with or without one at its front.

    What stands before the first special character is compared by itself, so two asterisks behind it stand first.
    """
    text = text[1:] if text.startswith(b"/") else text
    plain = next((index for index, byte in enumerate(text) if byte in _GLOB), len(text))
    return re.escape(text[:plain]) + _expression(text[plain:])


def _expression(text: bytes) -> bytes:
    """Return the regular expression of a pattern. Raises `ValueError` when nothing can match it."""
    parts, index = [], 0
    while index < len(text):
        special = text[index : index + 1]
        if special == b"*":
            part, index = _asterisks(text, index)
        elif special == b"[":
            part, index = _bracket(text, index + 1)
        elif special == b"\\":
            if index + 1 == len(text):
                raise ValueError("nothing follows the backslash")
            part, index = re.escape(text[index + 1 : index + 2]), index + 2
        else:
            part, index = (b"[^/]" if special == b"?" else re.escape(special)), index + 1
        parts.append(part)
    return b"".join(parts)


def _asterisks(text: bytes, start: int) -> tuple[bytes, int]:
    """Return what the asterisks at `start` match, and where what follows begins.

    Two or more that stand alone between slashes match any number of directories; other ones, part of a name.
    """
    end = start
    while text[end : end + 1] == b"*":
        end += 1
    behind = text[end:]
    is_first = start == 0 or text[start - 1 : start] == b"/"
    if end - start < 2 or not is_first or not (behind in {b""} or behind.startswith((b"/", b"\\/"))):
        return b"[^/]*", end
    return (b"(?:.*/)?", end + 1) if behind.startswith(b"/") else (b".*", end)


def _bracket(text: bytes, start: int) -> tuple[bytes, int]:
    """Return what the set behind a `[` matches, and where what follows begins. Raises `ValueError`."""
    negated = text[start : start + 1] in {b"!", b"^"}
    members, index, before = set(), start + negated, 0
    while True:
        found, before, index = _member(text, index, before)
        members |= found
        if index >= len(text):
            raise ValueError("the bracket is not closed")
        if text[index] == ord("]"):
            break
    chosen = (set(range(256)) - members if negated else members) - {_SLASH}
    if not chosen:
        raise ValueError("the bracket holds nothing")
    return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(chosen)) + b"]", index + 1


def _member(text: bytes, index: int, before: int) -> tuple[set[int], int, int]:
    """Return the bytes of the next member of a set, the byte from which a range may follow (0: none), and its end."""
    if text[index : index + 1] == b"-" and before and text[index + 1 : index + 2] not in {b"", b"]"}:
        last, index = _byte(text, index + 1)
        return set(range(before, last + 1)), 0, index
    if text.startswith(b"[:", index):
        end = text.index(b"]", index + 2)
        if end > index + 2 and text[end - 1 : end] == b":":
            return _class(text[index + 2 : end - 1]), 0, end + 1
        return {ord("[")}, ord("["), index + 1
    byte, index = _byte(text, index)
    return {byte}, byte, index


def _byte(text: bytes, index: int) -> tuple[int, int]:
    index += text[index : index + 1] == b"\\"
    if index >= len(text):
        raise ValueError("the bracket is not closed")
    return text[index], index + 1


def _class(name: bytes) -> set[int]:
    if name not in _CLASSES:
        raise ValueError("there is no such class")
    return set(_CLASSES[name].encode())
