"""`selvhjelp streams`: make the streams and consumers at the broker, which no service may."""

from pathlib import Path
from typing import Annotated

import typer

from selvhjelp.console import console, finish, say
from selvhjelp.installation import Data, find


def run(
    data: Data = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Stay, and make again what the broker has lost, every 15 seconds.")
    ] = False,
    touch: Annotated[
        Path | None, typer.Option(help="With --keep: a file that is renewed each time it worked, for a health check.")
    ] = None,
) -> None:
    """
    Create the streams and consumers at the broker and bring them up to date; harmless when run again.

    It needs OPERATOR_NATS_SEED and the address of the broker, and no database. Exit status: 0 done, 1 failed.
    """
    from selvhjelp.operations import streams
    from shared.events import STREAMS
    from shared.kit.messaging import topology

    installation = find(data)
    if keep:
        finish(
            streams.keep(
                installation.nats_url,
                installation.operator,
                replicas=installation.stream_replicas,
                say=say,
                provided=touch.touch if touch is not None else lambda: None,
            )
        )
    finish(streams.provide_streams(installation))
    console().print(f"{len(STREAMS)} streams, {len(topology.DURABLES)} consumers")
