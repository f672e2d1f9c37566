"""`selvhjelp replay`: have the services publish again what their outboxes keep."""

from datetime import datetime
from typing import Annotated

import typer

from selvhjelp.console import USAGE, Json, console, finish, print_json, stop
from selvhjelp.installation import SERVICES, Data, find
from shared.timezone import OSLO_TZ


def run(
    service: Annotated[
        str | None, typer.Argument(metavar="[SERVICE]", help="The service that is to hear them; without it all.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(help="The oldest event, in Norwegian time; without it all that are kept, seven days."),
    ] = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="Publish only who waits in intake and is unknown to another service.")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """
    Have the services publish again what their outboxes keep, after a database was restored to an earlier moment.

    It is harmless at any time: every service knows what it has handled. A broker that lost its streams needs no
    command, the services notice it. Exit status: 0 done, 1 failed, 2 wrong usage.
    """
    from selvhjelp.operations import agreement, replay

    if missing:
        if service is not None or since is not None:
            raise stop(USAGE, "--missing goes without a service and a time")
        ids, left = finish(agreement.repair(find(data)))
        if as_json:
            print_json({"published": ids, "left": left})
        else:
            for id_ in ids:
                console().print(f"published again: sign-up {id_}")
            for id_ in left:
                console().print(f"not repaired, look at it: sign-up {id_}")
            console().print(f"{len(ids)} sign-ups")
        return
    if service is not None and service not in SERVICES:
        raise stop(USAGE, f"{service} is no service; write one of {', '.join(SERVICES)}")
    moment = since.replace(tzinfo=OSLO_TZ) if since is not None and since.tzinfo is None else since
    counts = finish(replay.replay(find(data), service, moment))
    if as_json:
        print_json(counts)
        return
    for publisher, count in counts.items():
        console().print(f"{publisher:<9} {count} events are sent again")
