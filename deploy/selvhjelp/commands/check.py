"""`selvhjelp check`: list the faults of an installation in plain words."""

from typing import TYPE_CHECKING, Final

import typer
from rich.markup import escape

from selvhjelp.console import FAILED, WARNINGS, Json, console, finish, print_json
from selvhjelp.installation import Data, find

if TYPE_CHECKING:
    from selvhjelp.operations.checks import Finding

SIGNS: Final = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "broken": "[red]✗[/red]"}


def run(data: Data = None, as_json: Json = False) -> None:
    """
    Check databases, roles, NATS, streams, mail, settings and secrets. Changes nothing and sends nothing.

    Exit status: 0 all is well, 1 something is broken, 2 wrong usage, 4 only warnings.
    """
    from selvhjelp.operations.checks import check

    findings = finish(check(find(data)))
    if as_json:
        print_json({"findings": [vars(finding) for finding in findings]})
    else:
        _show(findings)
    levels = {finding.level for finding in findings}
    if "broken" in levels:
        raise typer.Exit(FAILED)
    if "warning" in levels:
        raise typer.Exit(WARNINGS)


def _show(findings: "list[Finding]") -> None:
    out = console()
    for finding in findings:
        line = f"{SIGNS[finding.level]} {finding.part + ':':<15} {escape(finding.what)}"
        out.print(line if not finding.remedy else f"{line} → {escape(finding.remedy)}")
    broken, warnings = (sum(finding.level == level for finding in findings) for level in ("broken", "warning"))
    if broken or warnings:
        out.print(f"\n{broken} broken, {warnings} {'warning' if warnings == 1 else 'warnings'}.")
    else:
        out.print("\nAll is well.")
