"""
Events about tasks of staff, published by every service about its own things.

One projection of them is the list of today; :mod:`shared.reference.task_kinds` names the kinds.
"""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from shared.events.base import Event, Identifier, Stream

Fact = Annotated[str, StringConstraints(max_length=200)] | int
"""A word, number, id, time or place of a task's sentence; never a name, address or number of a person."""


class TaskEvent(Event):
    """
    Something that happened to one task.

    Attributes:
        task_id: A new id for each time that a task is opened.
        version: Grows by one with each event of this task; the highest counts.
    """

    stream: ClassVar[Stream] = Stream.TASKS

    task_id: UUID
    version: Annotated[int, Field(ge=1)]


class Opened(TaskEvent):
    """
    A member of staff is needed; published again with a higher version when the task changes.

    Attributes:
        kind: A key of :mod:`shared.reference.task_kinds`.
        centre: The centre whose staff are needed; None for a task of the installation, which admins see.
        visible_from: The task is not shown before.
        due_at: When it must be done; None if there is no such time.
        urgent_from: From when it is among the urgent ones; None for never.
        person_id, group_id: The person or group that it is about.
        path: The page on which it is done, as ``/stab/grupper/<id>``.
        facts: The values in its sentence.
    """

    subject: ClassVar[str] = "tasks.opened.v1"

    service: Literal["intake", "grouping", "notify"]
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
    centre: Identifier | None
    visible_from: AwareDatetime
    due_at: AwareDatetime | None = None
    urgent_from: AwareDatetime | None = None
    person_id: UUID | None = None
    group_id: UUID | None = None
    path: Annotated[str, StringConstraints(pattern=r"^/stab/[a-z0-9/-]*$", max_length=200)]
    facts: dict[str, Fact] = Field(default_factory=dict)


class Closed(TaskEvent):
    """The task is done, or no longer needed."""

    subject: ClassVar[str] = "tasks.closed.v1"
