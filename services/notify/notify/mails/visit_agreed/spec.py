"""Tell the members when the centre comes, and what it does there."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import soon
from notify.domain.mail_spec import FromAnnouncement, MailSpec, drop_after_start
from notify.mails import letters
from notify.mails.letters import Letter
from shared.kit.i18n import N_, format_when

_SUBJECT: Final = N_("Vi kommer %(when)s")
_LEAD: Final = N_("Vi kommer til dette møtet:")
_SPOKEN: Final = N_("Vi kommer til møtet deres %(when)s.")
_WHAT_WE_DO: Final = {
    "return_visit": N_("Vi hører hvordan dere har fått det til, og svarer på det dere lurer på."),
    "visit": N_("Det er fint om dere på forhånd snakker om hva dere vil bruke besøket til."),
    "conflict_visit": N_(
        "Vi løser ikke selve konflikten for dere. Vi bruker erfaringene våre til å foreslå hva dere selv kan ta tak i."
    ),
}
_ONE_MEETING: Final = N_("Vi er med på dette ene møtet. Etterpå er dere på egen hånd igjen.")
_NOT_THEN: Final = N_("Passer det ikke likevel, ringer eller skriver dere til oss.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    assert content.starts_at is not None
    when = {"when": format_when(content.starts_at, content.language)}
    where = letters.started_place_spoken(content, tools, content.place_text, address_known=content.address_known)
    what_we_do = text(_WHAT_WE_DO[str(letters.detail(content, "kind"))])
    return Letter(
        subject=text(_SUBJECT) % when,
        lead=text(_LEAD),
        facts=letters.own_meeting(content, tools, started=True),
        paragraphs=(what_we_do, text(_ONE_MEETING), text(_NOT_THEN)),
        button=letters.own_page(content, tools),
        spoken=(text(_SPOKEN) % when, *where, what_we_do, text(_ONE_MEETING)),
    ).context


SPEC = MailSpec(
    kind="visit_agreed",
    order=280,
    label=N_("Avtalt besøk"),
    because=N_("Et besøk hos gruppa er avtalt."),
    sent=N_("Når et besøk i gruppa er avtalt."),
    plan=FromAnnouncement(frozenset({announcements.VISIT_AGREED}), due_at=soon),
    drop_reason=drop_after_start,
    requires=("seat_id", "announcement", "starts_at"),
    context=_context,
    calendar="PUBLISH",
    leave_link=False,
    by_day=True,
    while_paused=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
    tells_when=True,
)
