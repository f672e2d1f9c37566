"""Tell that a talk with the centre is off, and take it out of the calendar; one that we closed has other times."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromTalk, MailSpec, drop_after_talk
from notify.domain.mail_texts import Block
from notify.domain.talks import Talk
from notify.mails import letters, talk_words
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Avlyst: tiden %(when)s")
_GIVEN_UP: Final = N_("Takk for at du sa fra. Tiden din %(when)s er gitt fri.")
_CLOSED: Final = N_("Vi må dessverre avlyse tiden din %(when)s. Beklager.")
_NEW_TIMES: Final = N_("Vi vil gjerne snakke med deg. Her kan du velge en ny tid, eller be oss ringe:")
_ANY_TIME: Final = N_("Ombestemmer du deg, kan du velge en ny tid her:")
_BUTTON: Final = N_("Velg en tid")
_CALENDAR: Final = N_("Kalenderfilen som ligger ved, tar tiden bort fra kalenderen din.")
_SPOKEN: Final = N_("Passer det å ta praten nå, eller skal vi finne en ny tid sammen?")


def _cause(talk: Talk) -> UUID | None:
    return uuid5(talk.id, "cancelled") if talk.cancelled else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    assert content.talk is not None
    closed, text = content.talk.cancelled_reason == "closed", tools.gettext
    when = {"when": talk_words.when(content)}
    lead = text(_CLOSED if closed else _GIVEN_UP) % when
    return Letter(
        subject=text(_SUBJECT) % when,
        lead=lead,
        button=Button(text(_NEW_TIMES if closed else _ANY_TIME), talk_words.talk_page(content, tools), text(_BUTTON)),
        ending=letters.calendar_note(content, tools, _CALENDAR),
        spoken=(lead, text(_SPOKEN)),
    ).context


SPEC = MailSpec(
    kind="talk_cancelled",
    order=33,
    label=N_("Praten er avlyst"),
    because=N_("En prat er avlyst."),
    sent=N_("Når en prat er avlyst."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromTalk(_cause),
    drop_reason=drop_after_talk,
    requires=("talk", "starts_at"),
    context=_context,
    calendar="CANCEL",
    calendar_of="talk",
    call=CallSpec(question=Question.NEWS, unanswered="stays", deadline=talk_words.talk_start),
)
