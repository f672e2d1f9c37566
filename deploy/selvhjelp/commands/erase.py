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
    person_id: Annotated[UUID | None, typer.Argument(metavar="[PERSON_ID]", show_default=False)] = None,
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
    Forget one person for good: their key, every row, their seat. Prints a receipt.

    Exit status: 0 erased everywhere, 1 failed or not finished yet, 2 wrong usage, 3 unknown person.
    """
    from selvhjelp.operations import people

    installation = find(data)
    chosen_id = choose_person(installation, person_id, email=email)
    if not yes:
        if not sys.stdin.isatty():
            raise stop(USAGE, "ingen å spørre her; skriv --yes")
        if not typer.confirm(f"Slette person {chosen_id} for godt? Det kan ikke gjøres om.", err=True):
            raise stop(FAILED, "ingenting er slettet")
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
        raise stop(USAGE, "skriv enten en person-id eller --email")
    if person_id is not None:
        return person_id
    if sys.stdin.isatty():
        print("E-postadresse: ", end="", file=sys.stderr, flush=True)
    found_id = finish(people.find_by_email(installation, sys.stdin.readline().strip()))
    if found_id is None:
        raise stop(NOTHING_FOUND, "ingen med den adressen")
    say(f"Personen har id {found_id}")
    return found_id


def _lines(receipt: "Receipt") -> list[str]:
    if not receipt.known and receipt.complete:
        return [f"Ingen person {receipt.person_id} her, og ingenting igjen om noen slik."]
    lines = [
        f"Kvittering for sletting av person {receipt.person_id}",
        f"  tidspunkt   {receipt.erased_at.astimezone(OSLO_TZ):%d.%m.%Y %H:%M:%S}",
        f"  nøkkel      {'ødelagt' if receipt.key_destroyed else 'IKKE ØDELAGT'}",
    ]
    for service in ("intake", "grouping", "notify"):
        rows = [f"{count} i {name}" for name, count in receipt.left.items() if name.startswith(f"{service}.")]
        if rows:
            state = f"har ennå rader: {', '.join(rows)}"
        elif service in receipt.waiting_for:
            state = "har ikke fått beskjeden ennå"
        else:
            state = "har ingenting igjen"
        lines.append(f"  {service:<11} {state}")
    if receipt.complete:
        lines.append("Det som står i sikkerhetskopier, kan ikke leses når nøklenes egne sikkerhetskopier er gått ut.")
    else:
        lines.append(
            "Ikke ferdig. Det fortsetter av seg selv når tjenestene og NATS kjører; "
            "kjør den samme kommandoen igjen for å se."
        )
    return lines
