"""`selvhjelp api-keys`: keys with which the centres' own servers send sign-ups."""

from typing import Annotated

import typer
from rich.table import Table

from selvhjelp.console import NOTHING_FOUND, STATUSES, Json, console, finish, print_json, say, stop
from selvhjelp.installation import Data, find

app = typer.Typer(
    name="api-keys",
    add_completion=False,
    no_args_is_help=True,
    help=f"Keys with which the centres' own servers send sign-ups.\n\n{STATUSES}",
)

Centre = Annotated[str, typer.Argument(help="A centre's id.")]


@app.command()
def add(centre: Centre, data: Data = None, as_json: Json = False) -> None:
    """Make a key of a centre and show it once; the server sends it as `Authorization: Bearer KEY`."""
    from selvhjelp.operations import api_keys

    key = finish(api_keys.add(find(data), centre))
    if as_json:
        print_json({"centre": centre, "key": key})
    else:
        console().print(f"{key}   (shown only now; keep it on the server, never in a page)", markup=False)


@app.command("list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """List all keys by centre; the keys themselves are not stored."""
    from selvhjelp.operations import api_keys

    keys = finish(api_keys.list_all(find(data)))
    if as_json:
        rows = [{"centre": key.centre, "created_at": key.created_at, "revoked_at": key.revoked_at} for key in keys]
        print_json({"api_keys": rows})
    else:
        table = Table("centre", "made", "", box=None, pad_edge=False)
        for key in keys:
            table.add_row(key.centre, f"{key.created_at:%Y-%m-%d}", "revoked" if key.revoked_at else "")
        console().print(table)
    if not keys:
        raise typer.Exit(NOTHING_FOUND)


@app.command()
def revoke(centre: Centre, data: Data = None) -> None:
    """Revoke all keys of a centre, at once."""
    from selvhjelp.operations import api_keys

    number = finish(api_keys.revoke(find(data), centre))
    if not number:
        raise stop(NOTHING_FOUND, f"{centre} has no key that holds; `selvhjelp api-keys list` shows all")
    say(f"Revoked: {number}.")
