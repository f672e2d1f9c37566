"""`selvhjelp staff`: add, disable and list the users at the centres."""

import secrets
import sys
from typing import Annotated

import typer
from rich.table import Table

from selvhjelp.console import NOTHING_FOUND, STATUSES, USAGE, Json, console, finish, print_json, say, stop
from selvhjelp.installation import Data, find
from shared.reference.roles import Role

app = typer.Typer(
    name="staff", add_completion=False, no_args_is_help=True, help=f"Who at the centres may sign in.\n\n{STATUSES}"
)

Name = Annotated[str, typer.Argument(help="What they sign in with.")]


@app.command()
def add(
    name: Name,
    role: Annotated[list[Role], typer.Option(help="What they may do; may be given more than once.")],
    centre: Annotated[
        list[str] | None, typer.Option(help="A centre's id; may be given more than once. [default: all centres]")
    ] = None,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a password and show it once, instead of asking for one.")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Give a member of staff access, or new access in place of the old; asks for the password on standard input."""
    from selvhjelp.operations import staff

    if not 1 <= len(name) <= 63 or not name.isprintable() or name != name.strip():
        raise stop(USAGE, "the name must have 1 to 63 visible characters, without a space first or last")
    password = "-".join(secrets.token_hex(3) for _ in range(4)) if generate else _read_password()
    finish(staff.add(find(data), name, password, [str(each) for each in role], centre or []))
    if as_json:
        print_json({"username": name, **({"password": password} if generate else {})})
        return
    console().print(f"{name} can sign in.", markup=False)
    if generate:
        console().print(f"Password: {password}   (shown only now)", markup=False)


@app.command()
def disable(name: Name, data: Data = None) -> None:
    """Take a user's access away, at once."""
    from selvhjelp.operations import staff

    if not finish(staff.disable(find(data), name)):
        raise stop(NOTHING_FOUND, f"there is no user {name}; `selvhjelp staff list` shows all")
    say(f"{name} can no longer sign in.")


@app.command("list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """List all users."""
    from selvhjelp.operations import staff

    users = finish(staff.list_all(find(data)))
    if as_json:
        print_json({"staff": users})
    else:
        table = Table("user", "roles", "centres", "", box=None, pad_edge=False)
        for user in users:
            state = "disabled" if user["disabled_at"] else ""
            table.add_row(user["username"], ", ".join(user["roles"]), ", ".join(user["centres"]) or "all", state)
        console().print(table)
    if not users:
        raise typer.Exit(NOTHING_FOUND)


def _read_password() -> str:
    if sys.stdin.isatty():
        password: str = typer.prompt(
            "Password (at least 12 characters)", hide_input=True, confirmation_prompt=True, err=True
        )
        return password
    return sys.stdin.readline().rstrip("\n")
