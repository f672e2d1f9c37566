"""Ask a person who left two offers unanswered whether they still want a group."""

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
from shared.reference.link_purposes import STILL_WAITING

_LEAD: Final = N_(
    "Vi har tilbudt deg en plass to ganger uten å få svar. Derfor venter vi med nye tilbud til du sier fra."
)


def _cause(signup: Signup) -> UUID | None:
    return signup.offers_paused_seat if signup.waiting and signup.offers_paused else None


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    return "overtaken" if facts.has_seat else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"lead": tools.gettext(_LEAD), "answer_url": tools.link(STILL_WAITING, content.signup_id)}


SPEC = MailSpec(
    kind="still_wanted",
    order=70,
    label=N_("Vil du fortsatt være med?"),
    because=N_("To tilbud ble ikke besvart."),
    sent=N_("Når noen ikke har svart på to tilbud på rad."),
    plan=FromSignup(_cause),
    drop_reason=_drop_reason,
    context=_context,
    joins=True,
    call=CallSpec(question=Question.STILL_WANTED, unanswered="stays"),
)
