"""Tell the members the result of a secret vote: all said yes, or there is no agreement, and no more than that."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.mails import letters
from notify.mails.letters import Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Svaret er klart")
_AGREED: Final = {
    "conflict_visit": N_("Alle vil at vi kommer. Nå ser vi på om vi kan, og skriver til dere."),
    "admission": N_("Alle vil at én ny person blir med. Vi skriver til dere når det er en."),
}
_NO_AGREEMENT: Final = N_("Det ble ikke enighet.")
_NO_MORE: Final = N_("Mer enn det får ingen vite, heller ikke vi. Svarene er slettet.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    agreed = letters.detail(content, "agreed") is True
    lead = text(_AGREED[str(letters.detail(content, "vote_subject"))]) if agreed else text(_NO_AGREEMENT)
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        paragraphs=() if agreed else (text(_NO_MORE),),
        button=letters.own_page(content, tools),
        spoken=(lead,),
    ).context


SPEC = MailSpec(
    kind="vote_closed",
    order=320,
    label=N_("Svar på hemmelig spørsmål"),
    sent=N_("Når alle har svart på et hemmelig spørsmål, eller fristen er ute."),
    own_words=frozenset(),  # as the ballot
    plan=FromAnnouncement(frozenset({announcements.VOTE_CLOSED})),
    requires=("seat_id", "announcement"),
    context=_context,
    leave_link=False,
    by_day=True,
    while_paused=True,
    secret=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
