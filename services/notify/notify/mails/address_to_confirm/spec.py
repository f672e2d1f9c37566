"""Ask for confirmation of the address that was typed into the form."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromSignup, MailSpec, expired
from shared.kit.i18n import N_
from shared.reference.link_purposes import CONFIRM


def _cause(signup: Signup) -> UUID | None:
    return None if signup.withdrawn else signup.confirmation_id


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    if facts.signup is None:
        return None
    return "answered" if facts.signup.confirmed else expired(facts.signup.expires_at, now)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"confirm_url": tools.link(CONFIRM, content.cause_id)}


def _call_deadline(facts: MailFacts) -> datetime | None:
    return facts.signup.expires_at if facts.signup else None


SPEC = MailSpec(
    kind="address_to_confirm",
    order=10,
    label=N_("Bekreft påmeldingen"),
    because=N_("Noen skrev inn adressen i skjemaet."),
    sent=N_("Når noen har meldt seg på og skal bekrefte adressen."),
    own_words=frozenset(),  # whoever owns the address may never have heard of us
    plan=FromSignup(_cause),
    drop_reason=_drop_reason,
    requires=("expires_at",),
    context=_context,
    leave_link=False,
    while_paused=True,
    on_request=True,
    call=CallSpec(question=Question.CONFIRM, unanswered="stays", deadline=_call_deadline),
    greets_by_name=False,  # the owner of the address may not be the person who typed the name
)
