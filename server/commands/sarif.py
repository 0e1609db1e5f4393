"""Findings as SARIF 2.1.0, the format that code review reads.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; GitHub's code scanning wants a
line and a fingerprint besides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...engine.analysis import Analysis
from .findings import FAILURE_ORDER, READ_WRITE, WRITE_WRITE, Finding

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_LARGEST_TEXT = 64 << 20
"""Larger text files are not searched for the lines of operations."""

RULES: Mapping[str, tuple[str, str, str]] = {
    READ_WRITE: (
        "ReadWriteRace",
        "A variable is read and written, and nothing orders the two",
        "The read may give the old value or the new one, and two runs of the same program with the "
        "same inputs may differ in which. Give one of the two operations a control edge from the "
        "other (tf.control_dependencies).",
    ),
    WRITE_WRITE: (
        "WriteWriteRace",
        "Two operations write a variable, and nothing orders them",
        "Which write comes last decides what the variable holds. Give one of the two operations a "
        "control edge from the other (tf.control_dependencies).",
    ),
    FAILURE_ORDER: (
        "FailureOrder",
        "How a run fails depends on the order of its operations",
        "Several operations may fail, or write while another fails, and nothing orders them: the "
        "error that is raised, or what the variables hold then, differs from run to run.",
    ),
}
"""Rule -> its name, what it finds, and what that means."""


def to_sarif(analysis: Analysis, found: Sequence[Finding], program: Path) -> dict[str, Any]:
    """A SARIF log of one run of the check on the file or folder `program`."""
    lines = _lines(program)
    artifact = _artifact(program)
    messages = [*analysis.unexplored, *analysis.notes]
    if not analysis.complete:
        messages.insert(0, "The search ended before every order was covered.")
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {
                                "level": "note" if analysis.complete else "warning",
                                "message": {"text": text},
                            }
                            for text in messages
                        ],
                    }
                ],
                "results": [_result(finding, artifact, lines) for finding in found],
                "columnKind": "unicodeCodePoints",
                "properties": {
                    "outcomes": str(analysis.count),
                    "complete": analysis.complete,
                    "level": analysis.level,
                },
            }
        ],
    }


def _driver() -> dict[str, Any]:
    return {
        "name": "Opscope",
        "version": version("opscope"),
        "rules": [
            {
                "id": rule,
                "name": name,
                "shortDescription": {"text": f"{short}."},
                "fullDescription": {"text": text},
                "help": {"text": text},
                "defaultConfiguration": {"level": "warning"},
            }
            for rule, (name, short, text) in RULES.items()
        ],
    }


def _result(finding: Finding, artifact: dict[str, Any], lines: Mapping[str, int]) -> dict[str, Any]:
    fix = f" To fix it: {finding.fix}." if finding.fix else ""
    key = json.dumps([finding.rule, finding.variable, *finding.ops])
    return {
        "ruleId": finding.rule,
        "ruleIndex": list(RULES).index(finding.rule),
        "level": "warning",
        "message": {"text": finding.why + fix},
        "locations": [_location(name, artifact, lines) for name in finding.ops[:1]]
        or [{"physicalLocation": _physical(artifact, 1)}],
        "relatedLocations": [
            {**_location(name, artifact, lines), "id": number, "message": {"text": name}}
            for number, name in enumerate(finding.ops[1:], 1)
        ],
        "partialFingerprints": {"opscope/v1": hashlib.sha256(key.encode()).hexdigest()},
    }


def _location(name: str, artifact: dict[str, Any], lines: Mapping[str, int]) -> dict[str, Any]:
    return {
        "physicalLocation": _physical(artifact, lines.get(name, 1)),
        "logicalLocations": [
            {"name": name.rpartition("/")[2], "fullyQualifiedName": name, "kind": "member"}
        ],
    }


def _physical(artifact: dict[str, Any], line: int) -> dict[str, Any]:
    return {"artifactLocation": artifact, "region": {"startLine": line}}


def _artifact(program: Path) -> dict[str, Any]:
    """Where the program is: from the current folder, which CI has at the root of the sources."""
    path = program.resolve()
    try:
        relative = path.relative_to(Path.cwd())
    except ValueError:
        return {"uri": path.as_uri()}
    return {"uri": quote(relative.as_posix()), "uriBaseId": "%SRCROOT%"}


def _lines(program: Path) -> dict[str, int]:
    """In which line of a graph saved as text an operation's name is; nothing for other files."""
    if program.suffix != ".pbtxt" or program.stat().st_size > _LARGEST_TEXT:
        return {}
    found: dict[str, int] = {}
    with program.open(encoding="utf-8", errors="replace") as text:
        for number, line in enumerate(text, 1):
            key, _, value = line.strip().partition(":")
            if key == "name":
                found.setdefault(value.strip().strip("\"'"), number)
    return found
