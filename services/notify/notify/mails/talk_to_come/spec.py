"""List the steps that remain before the waiting list: a talk, reading, or both."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromSignup, MailSpec
from notify.domain.mail_texts import Block
from shared.kit.i18n import N_
from shared.reference.link_purposes import STILL_WAITING, TALK


def _cause(signup: Signup) -> UUID | None:
    return signup.id if signup.awaits and not signup.withdrawn else None


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    return "answered" if facts.signup is not None and facts.signup.ready else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    # The page has the button that says it is read.
    return {
        "information_url": f"{tools.link(STILL_WAITING, content.signup_id)}/les",
        "talk_url": tools.link(TALK, content.signup_id),
    }


SPEC = MailSpec(
    kind="talk_to_come",
    order=20,
    label=N_("Noe gjenstår før ventelisten"),
    because=N_("Påmeldingen er bekreftet, men noe gjenstår."),
    sent=N_("Når noen har bekreftet, og noe gjenstår før ventelisten."),
    own_words=frozenset({Block.CLOSING}),
    plan=FromSignup(_cause),
    drop_reason=_drop_reason,
    context=_context,
    call=CallSpec(question=Question.STEPS, unanswered="stays"),
)
