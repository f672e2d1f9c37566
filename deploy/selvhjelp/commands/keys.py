"""`selvhjelp keys`: list the keys of an installation, replace them, destroy what has been replaced."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from selvhjelp.console import NOTHING_FOUND, STATUSES, USAGE, Json, console, finish, print_json, say, stop
from selvhjelp.installation import Data, find

if TYPE_CHECKING:
    from selvhjelp.operations.key_files import Version

app = typer.Typer(
    name="keys",
    add_completion=False,
    no_args_is_help=True,
    help=f"Keys and their versions. Services take up a changed key within seconds; none is ever shown.\n\n{STATUSES}",
)

Secrets = Annotated[
    Path | None,
    typer.Option(
        "--secrets",
        help="The directory of secrets that compose mounts. Without it, that of the installation.",
        exists=True,
        file_okay=False,
    ),
]
Name = Annotated[str | None, typer.Argument(help="A name that `list` shows.", show_default=False)]


@app.command("list")
def list_(data: Data = None, secrets: Secrets = None, as_json: Json = False) -> None:
    """List all keys: who holds each, what for, and its versions with their age."""
    from selvhjelp.operations import key_files
    from selvhjelp.operations.key_table import KEYS

    folder = secrets or key_files.folder_of(find(data))
    found = {key: key_files.versions(folder, key) for key in KEYS}
    if as_json:
        rows = [
            {
                "name": key.name,
                "purpose": key.purpose,
                "algorithm": key.algorithm,
                "holders": key.holders,
                "change": key.change,
                "versions": [{"version": each.name, "made": each.made and each.made.isoformat()} for each in versions],
            }
            for key, versions in found.items()
        ]
        print_json({"keys": rows})
        return
    table = Table("key", "held by", "versions", "for", box=None, pad_edge=False)
    for key, versions in found.items():
        ages = "\n".join(_age(each) for each in versions)
        table.add_row(key.name, ", ".join(key.holders), ages or key.change, key.purpose)
    console().print(table)


@app.command()
def rotate(
    name: Name = None,
    every: Annotated[bool, typer.Option("--all", help="Every key that this command changes.")] = False,
    data: Data = None,
    secrets: Secrets = None,
) -> None:
    """Add a new version of a key, which makes from now on. What the versions before have made goes on working."""
    from selvhjelp.operations import key_files
    from selvhjelp.operations.key_table import ROTATED

    if (name is None) != every:
        raise stop(USAGE, "name one key, or --all")
    folder = secrets or key_files.folder_of(find(data))
    for each in ROTATED if name is None else (name,):
        version = key_files.rotate(folder, each)
        say(f"{each}: version {version.name} makes from now on")


@app.command()
def retire(
    name: Annotated[str, typer.Argument(help="A key that `rotate` has changed.")],
    now: Annotated[
        bool, typer.Option("--now", help="All versions but the newest, as after a leak: their links stop working.")
    ] = False,
    data: Data = None,
    secrets: Secrets = None,
) -> None:
    """
    Destroy the versions of a key that nothing needs any more.

    Without --now, those whose links can no longer be of use. A key-encryption key is destroyed once nothing is wrapped
    by it; the databases of intake are asked.
    """
    from selvhjelp.operations import key_files, keys_in_use

    installation = None if secrets is not None and name != key_files.KEK else find(data)
    folder = secrets or key_files.folder_of(find(data))
    in_use = finish(keys_in_use.kek_ids(installation)) if installation and name == key_files.KEK else ()
    gone = key_files.retire(folder, name, at_once=now, in_use=in_use)
    for version in gone:
        say(f"{name}: version {version.name} is destroyed")
    if not gone:
        say(f"{name}: every version may still be needed")
        raise typer.Exit(NOTHING_FOUND)


def _age(version: "Version") -> str:
    from selvhjelp.operations.key_files import today

    if version.made is None:
        return f"{version.name}: of before there were versions"
    days = (today() - version.made).days
    return f"{version.name.partition('@')[0]}: {days} {'day' if days == 1 else 'days'}"
