"""`selvhjelp migrate`: bring databases, streams and consumers up to the code."""

from typing import Annotated

import typer

from selvhjelp.console import FAILED, Json, console, finish, needs_devtools, print_json, say
from selvhjelp.installation import Data, find


def run(
    data: Data = None,
    check_scripts: Annotated[
        bool,
        typer.Option(
            "--check-scripts",
            help="Change nothing here: migrate empty databases on a temporary server; fail if the code expects others.",
        ),
    ] = False,
    wait: Annotated[float, typer.Option(min=0, max=600, help="Seconds to wait until the servers answer.")] = 30,
    as_json: Json = False,
) -> None:
    """
    Bring all four databases, the streams and the consumers up to date; harmless when run again.

    Exit status: 0 done, 1 failed or different, 2 wrong usage.
    """
    from selvhjelp.operations import migrate

    if check_scripts:
        _compare(as_json=as_json)
        return
    result = finish(migrate.migrate(find(data), wait, say if as_json else console().print))
    if as_json:
        print_json(vars(result))


def _compare(*, as_json: bool) -> None:
    with needs_devtools():
        from selvhjelp.operations.script_check import compare_scripts

    differences = finish(compare_scripts())
    if as_json:
        print_json({"differences": differences})
    else:
        for database, lines in differences.items():
            result = "differs from the code:" if lines else "the scripts build what the code expects"
            console().print(f"{database:<12} {result}")
            for line in lines:
                console().print(f"  {line}", markup=False)
    if any(differences.values()):
        raise typer.Exit(FAILED)
