"""`selvhjelp check`: what is wrong with an installation, in plain words."""

from typing import TYPE_CHECKING, Final

import typer
from rich.markup import escape

from selvhjelp.console import FAILED, WARNINGS, Json, console, finish, tell_json
from selvhjelp.installation import Data, find

if TYPE_CHECKING:
    from selvhjelp.operations.checks import Finding

SIGNS: Final = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "broken": "[red]✗[/red]"}


def run(data: Data = None, as_json: Json = False) -> None:
    """
    Look at databases, roles, NATS, streams, mail, settings and secrets. Changes nothing and sends nothing.

    Exit status: 0 all is well, 1 something is broken, 2 wrong usage, 4 only warnings.
    """
    from selvhjelp.operations.checks import check  # noqa: PLC0415 - `--help` is quicker without

    found = finish(check(find(data)))
    if as_json:
        tell_json({"findings": [vars(each) for each in found]})
    else:
        _show(found)
    levels = {each.level for each in found}
    if "broken" in levels:
        raise typer.Exit(FAILED)
    if "warning" in levels:
        raise typer.Exit(WARNINGS)


def _show(found: "list[Finding]") -> None:
    out = console()
    for each in found:
        line = f"{SIGNS[each.level]} {each.part + ':':<15} {escape(each.what)}"
        out.print(line if not each.remedy else f"{line} → {escape(each.remedy)}")
    broken, warnings = (sum(each.level == level for each in found) for level in ("broken", "warning"))
    if broken or warnings:
        out.print(f"\n{broken} feil, {warnings} {'advarsel' if warnings == 1 else 'advarsler'}.")
    else:
        out.print("\nAlt er i orden.")
