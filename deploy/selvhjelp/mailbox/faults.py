"""
What the mailbox may be told to do wrong with the next mails, so that tests can see what the sender makes of it.

`POST /api/v1/faults` with one of

    {"kind": "reply", "code": 451, "stage": "data", "count": 3}    answer so at mail, rcpt, data or end; not kept
    {"kind": "drop_before", "count": 1}                            the connection goes, the mail is not kept
    {"kind": "drop_after", "count": 1}                             kept, then the connection goes instead of the reply
    {"kind": "silent_after", "count": 1}                           kept, then nothing is ever said

`count` is the number of mails it holds for.  Faults queue up: the first is used up before the next begins.
`GET` shows what is left, `DELETE` takes it all away.
"""

from collections import deque
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Reply(BaseModel):
    """Answer with an error; `data` is said before the text is sent, `end` after it."""

    kind: Literal["reply"]
    code: int = Field(ge=400, le=599)
    text: str = Field(default="as asked for by a test", pattern=r"^[ -~]{1,200}$")
    stage: Literal["mail", "rcpt", "data", "end"] = "end"
    count: int = Field(default=1, ge=1)


class Break(BaseModel):
    """Leave the sender without an answer."""

    kind: Literal["drop_before", "drop_after", "silent_after"]
    count: int = Field(default=1, ge=1)


Fault = Annotated[Reply | Break, Field(discriminator="kind")]


class Faults:
    """The faults that are still to happen."""

    def __init__(self) -> None:
        self._queue: deque[Reply | Break] = deque()

    def add(self, fault: Reply | Break) -> None:
        """Let it happen after those that wait already."""
        self._queue.append(fault)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._queue.clear()

    @property
    def waiting(self) -> list[Reply | Break]:
        """What is still to happen."""
        return list(self._queue)

    def take(self, stage: str) -> Reply | Break | None:
        """The fault for this mail if it shows itself at that stage; one mail's worth of it is then used up."""
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
