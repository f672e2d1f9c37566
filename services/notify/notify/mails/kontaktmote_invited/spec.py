"""Invite to a meeting of the centre."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.mails import kontaktmoter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Kan du komme %(when)s?")
_LEAD: Final = N_("Vi inviterer til et møte. Fint om du svarer, så vet vi hvor mange vi blir.")
_TOGETHER: Final = N_("Kommer dere flere sammen, er det nok at én av dere svarer med antallet.")
_PLACES: Final = N_("Det er %(places)s plasser. Blir det fullt, kan du stå på venteliste.")
_LAST_COUNTS: Final = N_("Du kan endre svaret helt fram til møtet begynner.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    plan = kontaktmoter.invited_of(content).meeting.plan
    together = (text(_TOGETHER),) if plan.audience.of_groups else ()
    places = (text(_PLACES) % {"places": plan.capacity},) if plan.capacity is not None else ()
    about = kontaktmoter.about(content, tools)
    letter = kontaktmoter.letter(
        content,
        tools,
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        button=kontaktmoter.answer(content, tools),
        paragraphs=about,
        said=about,
    )
    return replace(
        letter,
        facts_first=True,
        lines_lead=text(kontaktmoter.TOPICS_LEAD),
        lines=kontaktmoter.topics(content, tools),
        ending=(*together, *places, text(_LAST_COUNTS)),
    ).context


SPEC = MailSpec(
    kind="kontaktmote_invited",
    order=500,
    label=N_("Invitasjon til møte"),
    because=N_("Dere sendte invitasjonene til møtet."),
    sent=N_("Når dere sender invitasjonene til et møte."),
    plan=FromInvitation(lambda invited: invited.invite_cause),
    drop_reason=kontaktmoter.over,
    requires=("starts_at", "invited"),
    context=_context,
    by_day=True,
    while_paused=True,
    call=kontaktmoter.CALL,
)
