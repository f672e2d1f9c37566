"""Offer new times to a person who was not reached; twice at most, then nothing more."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromTalk, MailSpec
from notify.domain.talks import Talk
from notify.mails import talk_words
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Vi fikk ikke tak i deg")
_LEAD: Final = N_("Vi hadde håpet å snakke med deg, men fikk det ikke til. Det gjør ingenting.")
_ASKS: Final = N_("Her kan du velge en ny tid, eller be oss ringe deg:")
_BUTTON: Final = N_("Velg en tid")
_REQUIRED: Final = N_("Vi tar en prat med alle før de kommer på ventelisten. Påmeldingen din står trygt så lenge.")
_OFFERED: Final = N_("Det er frivillig, og du beholder plassen i køen uansett.")
_LAST: Final = N_("Hører vi ikke fra deg, sender vi ikke mer om dette. Lenken virker fortsatt.")
_SPOKEN: Final = N_("Vi hadde håpet å snakke med deg. Passer det nå, eller skal vi finne en tid sammen?")
LAST: Final = 2
"""Number of the last offer."""


def _cause(talk: Talk) -> UUID | None:
    return uuid5(talk.id, f"offered {talk.offered}") if talk.open_offer else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    assert content.talk is not None
    text = tools.gettext
    why = _REQUIRED if content.centre.policy.forsamtale == "required" else _OFFERED
    return Letter(
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        button=Button(text(_ASKS), talk_words.talk_page(content, tools), text(_BUTTON)),
        ending=(text(why), *((text(_LAST),) if content.talk.offered >= LAST else ())),
        spoken=(text(_SPOKEN),),
    ).context


SPEC = MailSpec(
    kind="talk_offered",
    order=36,
    label=N_("Nye tider for en prat"),
    because=N_("Praten ble ikke noe av."),
    sent=N_("Når dere ikke fikk tak i noen til en prat."),
    plan=FromTalk(_cause),
    requires=("talk",),
    context=_context,
    by_day=True,
    call=CallSpec(question=Question.NEWS, unanswered="stays"),
)
