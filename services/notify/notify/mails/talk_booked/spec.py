"""Confirm the time that a person has picked for the talk with the centre, or has moved it to."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromTalk, MailSpec, drop_after_talk
from notify.domain.mail_texts import Block
from notify.domain.talks import Talk
from notify.mails import letters, talk_words
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Vi snakkes %(when)s")
_MOVED_SUBJECT: Final = N_("Ny tid: vi snakkes %(when)s")
_LEAD: Final = N_("Takk, nå har du en tid hos oss.")
_MOVED_LEAD: Final = N_("Takk, nå har du en ny tid hos oss. Den gamle gjelder ikke lenger.")
_ASKS: Final = N_("Passer det ikke likevel? Velg en annen tid, eller gi den opp, her:")
_BUTTON: Final = N_("Se tiden din")
_CALENDAR: Final = N_("Kalenderfilen som ligger ved, har en nøytral tittel og nevner ingen personer.")


def _cause(talk: Talk) -> UUID | None:
    return uuid5(talk.id, f"booked {talk.sequence}") if talk.booked else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    assert content.talk is not None
    moved, text = bool(content.talk.sequence), tools.gettext
    return Letter(
        subject=text(_MOVED_SUBJECT if moved else _SUBJECT) % {"when": talk_words.when(content)},
        lead=text(_MOVED_LEAD if moved else _LEAD),
        facts=talk_words.facts(content, tools),
        paragraphs=(talk_words.what_it_is(tools),),
        button=Button(text(_ASKS), talk_words.talk_page(content, tools), text(_BUTTON)),
        ending=letters.calendar_note(content, tools, _CALENDAR),
    ).context


SPEC = MailSpec(
    kind="talk_booked",
    order=32,
    label=N_("Tid for en prat"),
    because=N_("Det er valgt en tid for en prat."),
    sent=N_("Når en tid for en prat er avtalt."),
    own_words=frozenset({Block.CLOSING}),
    plan=FromTalk(_cause),
    drop_reason=drop_after_talk,
    requires=("talk", "starts_at", "ends_at"),
    context=_context,
    calendar="PUBLISH",
    calendar_of="talk",
    tells_when=True,
)
