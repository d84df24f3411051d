"""Known weaknesses in what Atlas depends on, by `pip-audit` and `npm audit`. Run by `make audit`.

The exit status is 1 when there is one. Where those who know of weaknesses cannot be asked, it says so and is 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
#: Seconds for an answer about all packages.
_PATIENCE = 120
_PIP = ("pip-audit", "--progress-spinner", "off", "--skip-editable", "--format", "json")
_NPM = ("npm", "audit", "--omit=dev", "--json")


@dataclass(frozen=True)
class Findings:
    """How many packages were looked up, and what is known against some of them."""

    audited: int
    weaknesses: tuple[str, ...]


def of_python(report: Mapping[str, Any]) -> Findings:
    """Read what `pip-audit` says. A package that it skipped was not looked up."""
    known = [each for each in report.get("dependencies", ()) if "skip_reason" not in each]
    weaknesses = [
        f"{each['name']} {each['version']}: {weakness['id']}, {_mended(weakness.get('fix_versions') or ())}"
        for each in known
        for weakness in each["vulns"]
    ]
    return Findings(len(known), tuple(weaknesses))


def of_node(report: Mapping[str, Any]) -> Findings:
    """Read what `npm audit` says. An error has neither `vulnerabilities` nor `metadata`."""
    found = report.get("vulnerabilities", {})
    audited = report.get("metadata", {}).get("dependencies", {}).get("total", 0)
    return Findings(audited, tuple(f"{name} {each['range']}: {each['severity']}" for name, each in found.items()))


def _mended(versions: Sequence[str]) -> str:
    return f"mended in {', '.join(versions)}" if versions else "not mended yet"


def _report(command: Sequence[str], directory: Path) -> Mapping[str, Any]:
    """Return what a command says in JSON; nothing when it is not there, is too slow, or says nothing."""
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        report = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {}
    return report if isinstance(report, dict) else {}


def told(name: str, findings: Findings) -> str:
    """Return the findings in words."""
    if not findings.audited:
        return f"{name}: NOT AUDITED: nobody who knows of weaknesses could be asked about any package."
    if not findings.weaknesses:
        return f"{name}: {findings.audited} packages audited, no known weakness."
    return "\n  ".join([f"{name}: {findings.audited} packages audited; known weaknesses:", *findings.weaknesses])


def main() -> int:
    """Print what is known; returns 1 when a package has a known weakness."""
    pip = Path(sys.executable).with_name(_PIP[0])
    found = {
        "Python": of_python(_report((str(pip), *_PIP[1:]), _ROOT)),
        "Node.js": of_node(_report(_NPM, _ROOT / "gui")),
    }
    sys.stdout.write("".join(f"{told(name, findings)}\n" for name, findings in found.items()))
    return 1 if any(findings.weaknesses for findings in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
