"""Examples of the mails about a sign-up, from the form to the farewell."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent
from notify.examples.group_life import OFF
from notify.examples.moments import DEADLINE, MEETS_AT, NOW, PLAIN, Examples
from notify.examples.talks import CALLED_OFF, TALK

_LEFT: Final = partial(MailContent, withdrawn_reason="left")

SIGNUPS: Final[Examples] = {
    "address_to_confirm": {"plain": partial(MailContent, first_name=None, cause_id=UUID(int=2), expires_at=DEADLINE)},
    "on_the_list": PLAIN,
    "goodbye": {
        "plain": _LEFT,
        "no_answer": partial(MailContent, withdrawn_reason="no_answer"),
        "had_seat": partial(_LEFT, had_seat=True, meeting_id=UUID(int=4), starts_at=MEETS_AT, sequence=3),
        "referred": partial(_LEFT, talk=replace(TALK, outcome="referred")),
        "was_member": partial(_LEFT, was_member=True),
        "member_with_meetings": partial(_LEFT, was_member=True, calendar=OFF),
    },
    "paused": {
        "plain": partial(MailContent),
        "had_talk": partial(MailContent, calendar=CALLED_OFF),
    },
    "sign_of_life": PLAIN,
    "still_wanted": PLAIN,
    "texts_changed": {
        "plain": partial(MailContent, texts_asked=("consent",)),
        "information": partial(MailContent, texts_asked=("information",)),
        "both": partial(MailContent, texts_asked=("consent", "information")),
    },
    "renewal": {"plain": partial(MailContent, renewal_deadline=DEADLINE)},
    "page_link": {
        "plain": partial(MailContent, signup_id=None, cause_id=UUID(int=5), expires_at=NOW + timedelta(minutes=10))
    },
}
