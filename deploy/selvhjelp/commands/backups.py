"""`selvhjelp backup` and `selvhjelp restore`: all databases at one moment, encrypted, and back again."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from selvhjelp.console import Json, console, finish, print_json, say
from selvhjelp.installation import Data, find

Directory = Annotated[Path, typer.Argument(help="Where the files are.")]
Keys = Annotated[
    Path, typer.Option("--keys", help="Where the file of the database of keys is: on another machine than the others.")
]


def backup(
    directory: Directory,
    keys: Keys,
    recipient: Annotated[
        list[str], typer.Option(help="A public key of age (age1…) to encrypt to; several can each open the backup.")
    ],
    keep_days: Annotated[int, typer.Option(min=1, max=90, help="Files that are older are deleted.")] = 30,
    keep_keys_days: Annotated[
        int, typer.Option(min=1, max=7, help="The same for the keys, on which it rests that erased people stay erased.")
    ] = 7,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """
    Write a backup of all databases at one moment, encrypted to a public key.

    It needs the addresses with the roles that own the tables, as `migrate` does, and nothing is stopped for it. Exit
    status: 0 done, 1 failed, 2 wrong usage.
    """
    from selvhjelp.operations.backups import backup as work

    name = finish(
        work.backup(
            find(data),
            directory,
            keys,
            recipient,
            keep=timedelta(days=keep_days),
            keep_keys=timedelta(days=keep_keys_days),
            say=say,
        )
    )
    if as_json:
        print_json({"backup": name})
    else:
        console().print(name)


def restore(
    directory: Directory,
    name: Annotated[str, typer.Argument(help="The backup, as its files begin: 20261126T030000Z.")],
    keys: Keys,
    identity: Annotated[Path, typer.Option(help="The file with the secret key, as `age-keygen` writes it.")],
    database: Annotated[
        list[str] | None, typer.Option(help="Restore this database only; may be repeated. Without it, all four.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """
    Fill empty databases from a backup, apply the erasures since, and have all events that are kept sent again.

    Stop the services first, and start them afterwards. Mails that were due since the backup are held: nobody knows here
    whether they have left, and staff decide at /stab/post. Exit status: 0 done, 1 failed, 2 wrong usage.
    """
    from selvhjelp.operations.backups import restore as work

    installation = find(data)
    held = finish(work.restore(installation, name, directory, keys, identity, work.chosen(database or []), say))
    if as_json:
        print_json({"held_mails": held})
        return
    for mail_id in held:
        console().print(f"held: mail {mail_id}")
    console().print("restored; start the services, then run `selvhjelp check`")
