"""Examples of the mails to igangsettere."""

from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent
from notify.examples.group_life import AHEAD
from notify.examples.moments import DEADLINE, NOW, Examples

_TO_ACCOUNT: Final = partial(MailContent, signup_id=None)
_QUESTION: Final = partial(
    _TO_ACCOUNT,
    cause_id=UUID(int=8),
    deadline=DEADLINE,
    starts_at=AHEAD[0].starts_at,
    ends_at=AHEAD[0].ends_at,
    place_text="Årstad",
    spoken_language="nb",
)

HELPERS: Final[Examples] = {
    "account_link": {"plain": partial(_TO_ACCOUNT, cause_id=UUID(int=6), expires_at=NOW + timedelta(minutes=10))},
    "account_invited": {"plain": partial(_TO_ACCOUNT, cause_id=UUID(int=7), expires_at=NOW + timedelta(days=14))},
    "starter_asked": {"plain": _QUESTION},
    "starter_agreed": {"plain": _QUESTION},
    "starter_released": {
        "plain": partial(_QUESTION, reason="cancelled"),
        "other_chosen": partial(_QUESTION, reason="other_chosen"),
    },
    "starter_names": {"plain": _QUESTION},
    "starter_asked_back": {"plain": partial(_QUESTION, starts_at=None, ends_at=None, slot="tue-evening")},
}
