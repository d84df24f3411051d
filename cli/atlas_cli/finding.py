"""What `foundations doctor` finds: one thing that was looked at, how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: How a thing is. A warning may be lived with; a problem keeps something from working.
OK, WARNING, PROBLEM = "ok", "warning", "problem"


@dataclass(frozen=True)
class Finding:
    """`subject` says what was looked at, `message` how it is; whatever is not `ok` has a `remedy`."""

    subject: str
    message: str
    state: str = OK
    remedy: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON shows it."""
        return {"subject": self.subject, "state": self.state, "message": self.message, "remedy": self.remedy}
