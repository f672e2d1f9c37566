"""Confirm the choice of a member of a dissolved group: a new group, a pause, or goodbye."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain import announcements
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import soon
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_
from shared.reference.link_purposes import STILL_WAITING, WAITING

_AGAIN_SUBJECT: Final = N_("Du står på ventelisten igjen")
_AGAIN: Final = N_("Du står på ventelisten igjen, med den plassen i køen som du hadde.")
_AGAIN_HEARS: Final = N_("Du trenger ikke gjøre noe nå. Vi skriver til deg når det er en plass som passer for deg.")
_AGAIN_SAME: Final = N_("Du vil gjerne møte de samme igjen. Det kan bli slik når de andre også vil det.")
_AGAIN_OTHERS: Final = N_("Du møter nye folk, slik du valgte.")
_AGAIN_ASKS: Final = N_("Se hvordan det går, endre noe, ta en pause eller meld deg av:")
_AGAIN_BUTTON: Final = N_("Se hvordan det går")
_PAUSE_SUBJECT: Final = N_("Pausen din har begynt")
_PAUSE: Final = N_("Du har tatt en tenkepause. Den har ingen sluttdato, og vi purrer ikke.")
_PAUSE_BACK: Final = N_("Du beholder plassen i køen som du hadde. Når du vil tilbake, sier du fra her:")
_PAUSE_BUTTON: Final = N_("Åpne siden din")
_GOODBYE_SUBJECT: Final = N_("Takk for nå")
_GOODBYE: Final = N_("Takk for at du var med. Vi sletter det vi vet om deg, og dette er den siste e-posten fra oss.")


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    way = facts.announcement.details.get("way") if facts.announcement is not None else None
    if facts.signup is None or way == "goodbye":
        return None
    if facts.signup.withdrawn:
        return "overtaken"
    if way == "new_group":
        return "overtaken" if facts.signup.paused or facts.has_seat else None
    return "told_already" if facts.signup.paused else None  # the receipt of the pause itself says the same


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text, way = tools.gettext, letters.detail(content, "way")
    if way == "new_group":
        people = _AGAIN_SAME if letters.detail(content, "with_same_people") else _AGAIN_OTHERS
        return Letter(
            subject=text(_AGAIN_SUBJECT),
            lead=text(_AGAIN),
            paragraphs=(text(_AGAIN_HEARS), text(people)),
            button=Button(text(_AGAIN_ASKS), tools.link(WAITING, content.signup_id), text(_AGAIN_BUTTON)),
        ).context
    if way == "pause":
        return Letter(
            subject=text(_PAUSE_SUBJECT),
            lead=text(_PAUSE),
            button=Button(text(_PAUSE_BACK), tools.link(STILL_WAITING, content.signup_id), text(_PAUSE_BUTTON)),
        ).context
    return Letter(subject=text(_GOODBYE_SUBJECT), lead=text(_GOODBYE), button=letters.sign_up_again(tools)).context


SPEC = MailSpec(
    kind="way_on",
    order=350,
    label=N_("Valgte vei videre"),
    because=N_("Personen valgte hva som skjer videre."),
    sent=N_("Når noen har valgt vei videre etter at gruppa er avsluttet."),
    own_words=frozenset({Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.WAY_ON_CHOSEN}), due_at=soon, after_leaving=True),
    drop_reason=_drop_reason,
    requires=("seat_id", "announcement"),
    context=_context,
    leave_link=False,
    by_day=True,
    while_paused=True,
    outlives_members=True,
)
