"""`selvhjelp staff`: add, reset, disable and list the users at the centres."""

from typing import Annotated, Any

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
        list[str] | None, typer.Option(help="A centre's id; may be given more than once.", show_default=False)
    ] = None,
    all_centres: Annotated[
        bool, typer.Option("--all-centres", help="Every centre, also those to come, in place of named ones.")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """
    Give a member of staff access, or new access in place of the old, and show a password for the first sign-in.

    The password works once, within 72 hours; then they choose their own.
    """
    from selvhjelp.operations import staff

    if not 1 <= len(name) <= 63 or not name.isprintable() or name != name.strip():
        raise stop(USAGE, "the name must have 1 to 63 visible characters, without a space first or last")
    if bool(centre) == all_centres:
        raise stop(USAGE, "name the centres with --centre, or give --all-centres for every one")
    password = finish(staff.add(find(data), name, [str(each) for each in role], centre or []))
    _show(name, password, as_json=as_json)


@app.command()
def reset(
    name: Name,
    factors: Annotated[
        bool, typer.Option("--factors", help="Remove passkeys, apps and recovery codes too, when they are lost.")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """
    Give somebody who cannot sign in a new password for one sign-in, and sign them out everywhere.

    First make sure who asks: see them, or call a number that you had before.
    """
    from selvhjelp.operations import staff

    password = finish(staff.reset(find(data), name, factors=factors))
    if password is None:
        raise stop(NOTHING_FOUND, f"there is no active user {name}; `selvhjelp staff list` shows all")
    _show(name, password, as_json=as_json)


@app.command()
def disable(name: Name, data: Data = None) -> None:
    """Take a user's access away, at once."""
    from selvhjelp.operations import staff

    if not finish(staff.disable(find(data), name)):
        raise stop(NOTHING_FOUND, f"there is no user {name}; `selvhjelp staff list` shows all")
    say(f"{name} can no longer sign in.")


@app.command()
def unbind(name: Name, data: Data = None) -> None:
    """Unbind a user from the identity provider; the next sign-in there with this name binds it again."""
    from selvhjelp.operations import staff

    if not finish(staff.unbind(find(data), name)):
        raise stop(NOTHING_FOUND, f"{name} is bound to nobody at an identity provider")
    say(f"{name} is bound to nobody at the identity provider any more, and signed out.")


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
            table.add_row(user["username"], ", ".join(user["roles"]), _centres(user), state)
        console().print(table)
    if not users:
        raise typer.Exit(NOTHING_FOUND)


def _centres(user: dict[str, Any]) -> str:
    return "all" if user["all_centres"] else ", ".join(user["centres"])


def _show(name: str, password: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"username": name, "password": password})
        return
    console().print(f"{name} can sign in.", markup=False)
    console().print(f"Password for the first sign-in: {password}   (shown only now; works for 72 hours)", markup=False)
