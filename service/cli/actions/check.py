"""Action of `comity check`: runs all checks, and prints findings as a table or JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from comity.graph.checks.findings import Finding
from comity.graph.checks.run import run_checks
from comity.service.cli.terminal.console import is_terminal, one_line, put, put_table, say

COLUMNS = ("severity", "check", "rule", "record", "passage", "message")


def check_files(files: Sequence[Path], format: str) -> int:
    """Check the bundled graphs and `files`; returns the number of errors."""
    findings = run_checks(files, progress=lambda name: say(f"checking {name}"))
    counts = Counter(finding.severity for finding in findings)
    if format == "json":
        put(json.dumps([asdict(finding) for finding in findings], indent=2))
    elif findings:
        _print_table(findings)
    say(", ".join(f"{kind}: {counts[kind]}" for kind in ("error", "warning", "skipped")))
    return counts["error"]


def _print_table(findings: Sequence[Finding]) -> None:
    """Print a table on a terminal, or tab-separated lines."""
    lines = [[getattr(finding, column) for column in COLUMNS] for finding in findings]
    if not is_terminal():
        for line in lines:
            put("\t".join(map(one_line, line)))
        return
    put_table(COLUMNS, lines)
