"""Tell a person who has heard nothing for a month that they are still on the waiting list."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromSignup, MailSpec
from shared.kit.i18n import N_
from shared.reference.link_purposes import STILL_WAITING, WAITING

_LEAD: Final = N_("Vi har ikke funnet en plass til deg ennå, men vi leter fortsatt. Plassen din i køen er den samme.")


def _cause(signup: Signup) -> UUID | None:
    # It says that we look for a seat, which waits for the answer about a changed text.
    return signup.sign_of_life_id if signup.waiting and not signup.texts_asked else None


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    return "overtaken" if facts.has_seat else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {
        "lead": tools.gettext(_LEAD),
        "answer_url": tools.link(STILL_WAITING, content.signup_id),
        "waiting_url": tools.link(WAITING, content.signup_id),
    }


SPEC = MailSpec(
    kind="sign_of_life",
    order=60,
    label=N_("Livstegn"),
    because=N_("Personen har ikke hørt noe på en måned."),
    sent=N_("Når noen har ventet en måned uten å høre noe."),
    plan=FromSignup(_cause),
    drop_reason=_drop_reason,
    context=_context,
    is_reminder=True,
    call=CallSpec(question=Question.STILL_WANTED, unanswered="stays"),
)
