"""Remind of the talk with the centre the day before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.hours import reminder_at
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromTalk, MailSpec, drop_after_talk
from notify.domain.talks import Talk
from notify.mails import talk_words
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("I morgen: vi snakkes %(when)s")
_LEAD: Final = N_("Vi gleder oss til å snakke med deg i morgen.")
_ASKS: Final = N_("Kan du ikke? Velg en annen tid, eller gi den opp, her:")
_BUTTON: Final = N_("Se tiden din")
_SPOKEN: Final = N_("Du har avtalt å komme til oss %(when)s. Passer det fortsatt?")


def _cause(talk: Talk) -> UUID | None:
    return uuid5(talk.id, f"tomorrow {talk.sequence}") if talk.booked else None


def _due_at(talk: Talk) -> datetime:
    assert talk.starts_at is not None
    return reminder_at(talk.starts_at)


def _comes_to_the_office(facts: MailFacts) -> bool:
    # Whoever is phoned needs no call the day before.
    return facts.talk is not None and facts.talk.way == "office"


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    when, text = {"when": talk_words.when(content)}, tools.gettext
    return Letter(
        subject=text(_SUBJECT) % when,
        lead=text(_LEAD),
        facts=talk_words.facts(content, tools),
        button=Button(text(_ASKS), talk_words.talk_page(content, tools), text(_BUTTON)),
        spoken=(text(_SPOKEN) % when,),
    ).context


SPEC = MailSpec(
    kind="talk_tomorrow",
    order=34,
    label=N_("Påminnelse om en prat"),
    because=N_("Praten er i morgen."),
    sent=N_("Dagen før en prat."),
    plan=FromTalk(_cause, due_at=_due_at),
    drop_reason=drop_after_talk,
    requires=("talk", "starts_at", "ends_at"),
    context=_context,
    is_reminder=True,
    call=CallSpec(
        question=Question.NEWS, unanswered="stays", deadline=talk_words.talk_start, wanted=_comes_to_the_office
    ),
    tells_when=True,
)
