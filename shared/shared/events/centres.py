"""Events about centres: what each of them has decided, and its own texts."""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, JsonValue

from shared.events.base import Event, Identifier, Stream


class PolicyChanged(Event):
    """
    A centre has a new version of its policy, which never changes afterwards.

    Attributes:
        number: Grows by one with each version of this centre; the highest holds.
        version: What the version is called, as groups state it.
        policy: All of it, as the fields of :class:`shared.reference.policy.Policy`.
        texts: The centre's own texts, as :class:`shared.reference.centre_texts.CentreTexts`.
        valid_from: When it began to hold; a group that was proposed before keeps the older version.
    """

    stream: ClassVar[Stream] = Stream.CENTRES
    subject: ClassVar[str] = "centres.policy_changed.v1"

    centre: Identifier
    number: Annotated[int, Field(ge=1)]
    version: str
    policy: dict[str, JsonValue]
    texts: dict[str, JsonValue] = Field(default_factory=dict)
    valid_from: AwareDatetime
