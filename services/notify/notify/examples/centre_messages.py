"""Examples of messages that a centre has written itself."""

from functools import partial
from typing import Final
from uuid import UUID

from notify.domain.centre_messages import Audience, CentreMessage, State, Words
from notify.domain.content import MailContent
from notify.examples.moments import NOW, Example, Examples

_TEXTS: Final = {
    "nb": Words(
        "Huset er stengt på torsdag",
        "Huset er stengt på torsdag, så vi flytter til biblioteket.\n\nInngangen er på baksiden.\nRing på der.",
    ),
    "nn": Words(
        "Huset er stengt på torsdag",
        "Huset er stengt på torsdag, så vi flyttar til biblioteket.\n\nInngangen er på baksida.\nRing på der.",
    ),
    "en": Words(
        "The house is closed on Thursday",
        "The house is closed on Thursday, so we move to the library.\n\nThe entrance is at the back.\nRing there.",
    ),
}


def _of(texts: dict[str, Words]) -> Example:
    message = CentreMessage(
        id=UUID(int=50), centre="link-bergen", audience=Audience.GROUP, texts=texts, state=State.SENT, leaves_at=NOW
    )
    return partial(MailContent, message=message)


CENTRE_MESSAGES: Final[Examples] = {"centre_message": {"plain": _of(_TEXTS)}}
