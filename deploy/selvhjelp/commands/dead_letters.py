"""`selvhjelp dead-letters`: list, show, replay and drop the messages that a service could not handle."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from selvhjelp.console import FAILED, NOTHING_FOUND, STATUSES, USAGE, Json, console, finish, print_json, say, stop
from selvhjelp.installation import Data, find
from shared.timezone import OSLO_TZ

if TYPE_CHECKING:
    from selvhjelp.operations.dead_letters import Address

app = typer.Typer(
    name="dead-letters",
    add_completion=False,
    no_args_is_help=True,
    help=f"Messages that a service could not handle, kept with their reason.\n\n{STATUSES}",
)

Addresses = Annotated[list[str], typer.Argument(metavar="SERVICE:ID...", help="As `list` shows them.")]


@app.command("list")
def list_(data: Data = None, as_json: Json = False) -> None:
    """List all dead letters. Exit status 3 means that there are none."""
    from selvhjelp.operations import dead_letters

    letters = finish(dead_letters.list_all(find(data)))
    if as_json:
        print_json({"dead_letters": letters})
    elif letters:
        console().print(_table(letters))
    else:
        say("No dead letters.")
    if not letters:
        raise typer.Exit(NOTHING_FOUND)


@app.command()
def show(
    address: Annotated[str, typer.Argument(metavar="SERVICE:ID", help="As `list` shows it.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show one dead letter, with its event while its publisher keeps that; it holds ids only."""
    from selvhjelp.operations import dead_letters

    parsed = _parse([address])[0]
    letter = finish(dead_letters.get(find(data), parsed))
    if letter is None:
        raise stop(NOTHING_FOUND, f"there is no dead letter {parsed}; `selvhjelp dead-letters list` shows all")
    if as_json:
        print_json(letter)
        return
    for name, value in letter.items():
        # As JSON even if the text is broken, so that no control character reaches the terminal.
        shown = json.dumps(value, indent=2, ensure_ascii=True) if name == "payload" else str(value)
        console().print(f"[bold]{name:<16}[/bold] {escape(shown)}")


@app.command()
def replay(
    addresses: Addresses,
    data: Data = None,
    wait: Annotated[float, typer.Option(min=0, max=600, help="Seconds to wait for the service's answer.")] = 10,
    as_json: Json = False,
) -> None:
    """
    Have the event sent to the service once more.

    Exit status 1 means that one of them failed again, that no service keeps its event any more, or that the service did
    not answer.
    """
    from selvhjelp.operations import dead_letters

    installation, parsed = find(data), _parse(addresses)
    results = {str(address): finish(dead_letters.replay(installation, address, wait)) for address in parsed}
    if as_json:
        print_json({address: {"outcome": outcome, "reason": reason} for address, (outcome, reason) in results.items()})
    else:
        for address, (outcome, reason) in results.items():
            console().print(f"{address}: {_in_words(outcome, reason)}", markup=False)
    outcomes = {outcome for outcome, _ in results.values()}
    if outcomes & {"still dead", "not kept", "no answer"}:
        raise typer.Exit(FAILED)
    if "not there" in outcomes:
        raise typer.Exit(NOTHING_FOUND)


@app.command()
def drop(
    addresses: Addresses,
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: Json = False,
) -> None:
    """Delete dead letters for good; the service never handles them."""
    from selvhjelp.operations import dead_letters

    installation, parsed = find(data), _parse(addresses)
    if not yes and not typer.confirm(f"Delete {', '.join(map(str, parsed))} for good?", err=True):
        raise stop(FAILED, "nothing was deleted")
    dropped = {str(address): finish(dead_letters.drop(installation, address)) for address in parsed}
    if as_json:
        print_json({address: "dropped" if existed else "not there" for address, existed in dropped.items()})
    else:
        for address, existed in dropped.items():
            console().print(f"{address}: {'deleted' if existed else 'not there'}")
    if not all(dropped.values()):
        raise typer.Exit(NOTHING_FOUND)


def _parse(texts: list[str]) -> "list[Address]":
    from selvhjelp.operations.dead_letters import Address

    try:
        return [Address.parse(text) for text in texts]
    except ValueError as error:
        raise stop(USAGE, str(error)) from None


def _table(letters: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("address", "event", "reason", "attempts", "since", ""):
        table.add_column(heading, overflow="fold")
    for letter in letters:
        table.add_row(
            letter["address"],
            escape(letter["subject"]),
            escape(letter["reason"]),
            str(letter["attempts"]),
            letter["buried_at"].astimezone(OSLO_TZ).strftime("%Y-%m-%d %H:%M"),
            "replay asked for" if letter["replay_asked_at"] else "",
        )
    return table


def _in_words(outcome: str, reason: str) -> str:
    return {
        "handled": "handled now",
        "still dead": f"failed again: {reason}",
        "no answer": "not tried yet; the service tries when it runs",
        "not kept": f"no service keeps this event, so it can only be dropped: {reason}",
        "not there": "not there",
    }[outcome]
