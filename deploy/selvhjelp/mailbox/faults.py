"""
Faults that the mailbox injects into the next mails, for tests of the sender.

`POST /api/v1/faults` with one of

    {"kind": "reply", "code": 451, "stage": "data", "count": 3}    reply with the code at this stage; do not store
    {"kind": "drop_before", "count": 1}                            disconnect; do not store
    {"kind": "drop_after", "count": 1}                             store, then disconnect instead of replying
    {"kind": "silent_after", "count": 1}                           store, then never reply

`stage` is the SMTP command that gets the reply: `mail`, `rcpt`, `data`, or `end` for the end of the text. `count` is
the number of mails that get the fault. Faults queue up: the first is used up before the next begins. `GET` lists the
remaining faults, `DELETE` removes them.
"""

from collections import deque
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Reply(BaseModel):
    """Reply with an error: at `data` before the text is sent, at `end` after it; `to`: one address, at `rcpt`."""

    kind: Literal["reply"]
    code: int = Field(ge=400, le=599)
    text: str = Field(default="as asked for by a test", pattern=r"^[ -~]{1,200}$")
    stage: Literal["mail", "rcpt", "data", "end"] = "end"
    to: str = Field(default="", max_length=254)
    count: int = Field(default=1, ge=1)


class NoReply(BaseModel):
    """Disconnect or stay silent instead of replying."""

    kind: Literal["drop_before", "drop_after", "silent_after"]
    count: int = Field(default=1, ge=1)


Fault = Annotated[Reply | NoReply, Field(discriminator="kind")]


class Faults:
    """The queue of faults."""

    def __init__(self) -> None:
        self._queue: deque[Reply | NoReply] = deque()

    def add(self, fault: Reply | NoReply) -> None:
        """Append a fault to the queue."""
        self._queue.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._queue.clear()

    @property
    def remaining(self) -> list[Reply | NoReply]:
        """The faults that are not used up."""
        return list(self._queue)

    def use_at(self, stage: str, recipient: str = "") -> Reply | NoReply | None:
        """Use the first fault for one mail and return it; None if there is none for this stage and address."""
        if not self._queue:
            return None
        fault = self._queue[0]
        if isinstance(fault, Reply) and fault.to not in ("", recipient):
            return None
        if stage != (fault.stage if isinstance(fault, Reply) else "end"):
            return None
        if fault.count > 1:
            self._queue[0] = fault.model_copy(update={"count": fault.count - 1})
        else:
            self._queue.popleft()
        return fault
