"""Ask somebody who has signed up on the public page whether the address is theirs, and whether they come."""

from collections.abc import Mapping
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromInvitation, MailSpec
from notify.mails import kontaktmoter
from shared.kit.i18n import N_
from shared.reference.retention import Data, kept_for
from shared.reference.spans import span_words

_SUBJECT: Final = N_("Kommer du %(when)s?")
_LEAD: Final = N_("Noen har meldt seg på møtet med denne adressen. Var det deg? Da svarer du ja nedenfor.")
_NOT_BEFORE: Final = N_("Du er ikke påmeldt før du har svart.")
_NOT_YOU: Final = N_("Var det ikke deg, trenger du ikke gjøre noe. Da sletter vi adressen etter %(after)s.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    after = span_words(kept_for(Data.UNCONFIRMED_SIGNUP), content.language)
    return kontaktmoter.letter(
        content,
        tools,
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        button=kontaktmoter.confirm(content, tools),
        paragraphs=(*kontaktmoter.about(content, tools), text(_NOT_BEFORE), text(_NOT_YOU) % {"after": after}),
    ).context


SPEC = MailSpec(
    kind="kontaktmote_guest",
    order=505,
    label=N_("Bekreftelse til møte"),
    because=N_("Noen meldte seg på møtet."),
    sent=N_("Når en fremmed melder seg på et orienteringsmøte og skal bekrefte adressen."),
    own_words=frozenset(),  # whoever owns the address may never have heard of us
    plan=FromInvitation(lambda invited: invited.guest_cause),
    drop_reason=kontaktmoter.over,
    requires=("starts_at", "invited"),
    context=_context,
    leave_link=False,
    greets_by_name=False,
    while_paused=True,
)
