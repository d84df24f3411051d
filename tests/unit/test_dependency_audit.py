"""What is made of the reports about weaknesses of dependencies."""

from __future__ import annotations

from tests.dependency_audit import Findings, of_node, of_python, told


def test_a_weakness_of_a_python_package_is_named_with_what_mends_it() -> None:
    weakness = {"id": "PYSEC-1", "fix_versions": ["2.0"]}
    packages = [{"name": "a", "version": "1.0", "vulns": [weakness]}, {"name": "b", "version": "1", "vulns": []}]
    assert of_python({"dependencies": packages}) == Findings(2, ("a 1.0: PYSEC-1, mended in 2.0",))


def test_a_package_that_was_skipped_is_not_taken_for_audited() -> None:
    findings = of_python({"dependencies": [{"name": "a", "skip_reason": "not found"}]})
    assert findings == Findings(0, ())
    assert "NOT AUDITED" in told("Python", findings)


def test_a_weakness_of_a_node_package_is_named() -> None:
    report = {
        "vulnerabilities": {"left": {"range": "<1.2", "severity": "high"}},
        "metadata": {"dependencies": {"total": 9}},
    }
    assert told("Node.js", of_node(report)).splitlines() == [
        "Node.js: 9 packages audited; known weaknesses:",
        "  left <1.2: high",
    ]


def test_an_error_of_the_service_is_no_clean_bill() -> None:
    assert "NOT AUDITED" in told("Node.js", of_node({"message": "503", "error": {"summary": ""}}))
    assert "NOT AUDITED" in told("Python", of_python({}))


def test_no_known_weakness_is_said_with_how_many_were_asked_about() -> None:
    assert told("Python", Findings(7, ())) == "Python: 7 packages audited, no known weakness."
