"""Ask after eleven months of waiting whether the person still wants a group."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromSignup, MailSpec, expired
from shared.kit.i18n import N_, format_when
from shared.reference.link_purposes import STILL_WAITING

_LEAD: Final = N_("Du har stått på ventelisten i snart et år. Vil du fortsatt være med? Svar innen %(when)s.")


def _cause(signup: Signup) -> UUID | None:
    if not signup.waiting or not signup.asked_to_renew:
        return None
    return uuid5(signup.id, f"renewal {signup.renewal_version}")


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    return expired(facts.signup.renewal_deadline, now) if facts.signup else None


def _call_deadline(facts: MailFacts) -> datetime | None:
    return facts.signup.renewal_deadline if facts.signup else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    assert content.renewal_deadline is not None
    when = format_when(content.renewal_deadline, content.language)
    return {"lead": tools.gettext(_LEAD) % {"when": when}, "answer_url": tools.link(STILL_WAITING, content.signup_id)}


SPEC = MailSpec(
    kind="renewal",
    order=80,
    label=N_("Fornye plassen på ventelisten"),
    because=N_("Det er snart et år siden personen meldte seg på."),
    sent=N_("Når noen har ventet i elleve måneder."),
    plan=FromSignup(_cause),
    drop_reason=_drop_reason,
    requires=("renewal_deadline",),
    context=_context,
    joins=True,
    call=CallSpec(question=Question.STILL_WANTED, unanswered="stays", deadline=_call_deadline),
)
