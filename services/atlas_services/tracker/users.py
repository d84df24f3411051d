"""The users of Redis: each service has one of its own, which may do what the service needs.

The administrator's, `default`, may do everything; no service knows its password.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_RULES = Path(__file__).with_name("users.acl")
#: The first version of Redis that can allow commands for some keys alone, and to read a key without writing it.
_FIRST_WITH_SELECTORS = 7


def users() -> dict[str, str]:
    """Return the rules of each user, by name."""
    return dict(_users(_RULES.read_text()))


def user_lines(passwords: Mapping[str, str], version: int) -> str:
    """Return the lines of Redis's configuration that make the users; `version` is Redis's.

    They hold hashes of the passwords, which are long and random.
    """
    return "".join(
        f"user {name} on #{hashlib.sha256(passwords[name].encode()).hexdigest()} {_for_version(rules, version)}\n"
        for name, rules in users().items()
    )


def _users(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        names, _, rules = line.partition(":")
        if not line.startswith("#"):
            for name in names.split():
                yield name, rules.strip()


def _for_version(rules: str, version: int) -> str:
    """Return the rules as the version understands them: what it cannot tell apart is allowed as a whole."""
    return rules if version >= _FIRST_WITH_SELECTORS else re.sub(r"%R(?=~)|[()]", "", rules)
