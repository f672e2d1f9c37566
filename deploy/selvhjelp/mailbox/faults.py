"""
Faults that the mailbox injects into the next mails, for tests of the sender.

`POST /api/v1/faults` with one of

    {"kind": "reply", "code": 451, "stage": "data", "count": 3}    answer so at mail, rcpt, data or end; not stored
    {"kind": "drop_before", "count": 1}                            disconnect, the mail is not stored
    {"kind": "drop_after", "count": 1}                             stored, then disconnect instead of the reply
    {"kind": "silent_after", "count": 1}                           stored, then never reply

`count` is the number of mails that get the fault. Faults queue up: the first is used up before the next begins.
`GET` lists the faults that are left, `DELETE` removes them.
"""

from collections import deque
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Reply(BaseModel):
    """Answer with an error; at `data` before the text is sent, at `end` after it."""

    kind: Literal["reply"]
    code: int = Field(ge=400, le=599)
    text: str = Field(default="as asked for by a test", pattern=r"^[ -~]{1,200}$")
    stage: Literal["mail", "rcpt", "data", "end"] = "end"
    count: int = Field(default=1, ge=1)


class Break(BaseModel):
    """Leave the sender without a reply."""

    kind: Literal["drop_before", "drop_after", "silent_after"]
    count: int = Field(default=1, ge=1)


Fault = Annotated[Reply | Break, Field(discriminator="kind")]


class Faults:
    """The queue of faults."""

    def __init__(self) -> None:
        self._queue: deque[Reply | Break] = deque()

    def add(self, fault: Reply | Break) -> None:
        """Append a fault to the queue."""
        self._queue.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._queue.clear()

    @property
    def waiting(self) -> list[Reply | Break]:
        """The faults that are left."""
        return list(self._queue)

    def next_at(self, stage: str) -> Reply | Break | None:
        """Return the fault for this mail if it belongs to that stage, and count it down by one mail."""
        if not self._queue:
            return None
        fault = self._queue[0]
        if stage != (fault.stage if isinstance(fault, Reply) else "end"):
            return None
        if fault.count > 1:
            self._queue[0] = fault.model_copy(update={"count": fault.count - 1})
        else:
            self._queue.popleft()
        return fault
