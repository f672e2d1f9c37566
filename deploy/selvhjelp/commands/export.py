"""`selvhjelp export`: write everything that is known about one person, for that person."""

import json
import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from selvhjelp.commands.erase import choose_person
from selvhjelp.console import FAILED, NOTHING_FOUND, finish, plain, print_json, say, stop
from selvhjelp.installation import Data, find


def run(
    person_id: Annotated[
        UUID | None, typer.Argument(metavar="[PERSON_ID]", help="The id of the person.", show_default=False)
    ] = None,
    email: Annotated[
        bool,
        typer.Option("--email", help="Find the person by e-mail address, which is read from standard input."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="A new file that only you can read, instead of standard output.")
    ] = None,
    data: Data = None,
) -> None:
    """
    Write all that the services know about one person as JSON. The audit log records it.

    Exit status: 0 done, 1 failed, 2 wrong usage, 3 unknown person.
    """
    from selvhjelp.operations import people

    installation = find(data)
    chosen_id = choose_person(installation, person_id, email=email)
    document = finish(people.export(installation, chosen_id))
    if document is None:
        raise stop(NOTHING_FOUND, f"unknown person {chosen_id}; check the id")
    if out is None:
        print_json(document)
        return
    try:
        with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - the mode is set as it is made
            json.dump(document, file, ensure_ascii=False, indent=2, default=plain)
    except OSError as error:
        raise stop(
            FAILED, f"cannot write {out} ({error.strerror}); name a new file in a directory that you may write"
        ) from None
    say(f"Written to {out}. The file is personal: give it to the person, then delete it.")
