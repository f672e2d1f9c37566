"""`selvhjelp erase`: erase one person in all services."""

import sys
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from selvhjelp.console import FAILED, NOTHING_FOUND, USAGE, Json, console, finish, print_json, say, stop
from selvhjelp.installation import Data, Installation, find
from shared.timezone import OSLO_TZ

if TYPE_CHECKING:
    from selvhjelp.operations.people import Receipt


def run(
    person_id: Annotated[
        UUID | None, typer.Argument(metavar="[PERSON_ID]", help="The id of the person.", show_default=False)
    ] = None,
    email: Annotated[
        bool,
        typer.Option("--email", help="Find the person by e-mail address, which is read from standard input."),
    ] = False,
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    wait: Annotated[
        float, typer.Option(min=0, max=600, help="Seconds to wait until all services have erased the person.")
    ] = 30,
    as_json: Json = False,
) -> None:
    """
    Erase one person for good: the key, every row, the seat. Prints a receipt.

    Exit status: 0 erased everywhere, 1 failed or not finished yet, 2 wrong usage, 3 unknown person.
    """
    from selvhjelp.operations import people

    installation = find(data)
    chosen_id = choose_person(installation, person_id, email=email)
    if not yes:
        if not sys.stdin.isatty():
            raise stop(USAGE, "there is no terminal to ask in; add --yes to erase without a question")
        if not typer.confirm(f"Erase person {chosen_id} for good? This cannot be undone.", err=True):
            raise stop(FAILED, "nothing was erased")
    receipt = finish(people.erase(installation, chosen_id, wait))
    if as_json:
        print_json({**vars(receipt), "complete": receipt.complete})
    else:
        for line in _lines(receipt):
            console().print(line, markup=False)
    if not receipt.complete:
        raise typer.Exit(FAILED)
    if not receipt.known:
        raise typer.Exit(NOTHING_FOUND)


def choose_person(installation: Installation, person_id: UUID | None, *, email: bool) -> UUID:
    """Return the id that was given, or find it by the address on standard input, which no shell history keeps."""
    from selvhjelp.operations import people

    if (person_id is None) == (not email):
        raise stop(USAGE, "give either a person id or --email")
    if person_id is not None:
        return person_id
    if sys.stdin.isatty():
        print("E-mail address: ", end="", file=sys.stderr, flush=True)
    found_id = finish(people.find_by_email(installation, sys.stdin.readline().strip()))
    if found_id is None:
        raise stop(NOTHING_FOUND, "nobody has that address; check the spelling")
    say(f"The person has id {found_id}.")
    return found_id


def _lines(receipt: "Receipt") -> list[str]:
    if not receipt.known and receipt.complete:
        return [f"Unknown person {receipt.person_id}. No rows about this id."]
    lines = [
        f"Receipt for the erasure of person {receipt.person_id}",
        f"  time        {receipt.erased_at.astimezone(OSLO_TZ):%Y-%m-%d %H:%M:%S}",
        f"  key         {'destroyed' if receipt.key_destroyed else 'NOT DESTROYED'}",
    ]
    for service in ("intake", "grouping", "notify"):
        rows = [f"{count} in {name}" for name, count in receipt.left.items() if name.startswith(f"{service}.")]
        if rows:
            state = f"still has rows: {', '.join(rows)}"
        elif service in receipt.waiting_for:
            state = "has not handled the erasure yet"
        else:
            state = "has nothing left"
        lines.append(f"  {service:<11} {state}")
    if receipt.complete:
        lines.append("Copies in backups cannot be read once the backups of the keys have expired.")
    else:
        lines.append(
            "Not finished. The services go on by themselves while they and NATS run. "
            "Run the same command again to see the progress."
        )
    return lines
