"""Ask somebody whether they will help a centre as an igangsetter."""

from collections.abc import Mapping
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromNotice, MailSpec, drop_after_deadline
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_, format_date
from shared.reference.link_purposes import INVITATION

_SUBJECT: Final = N_("Vil du hjelpe oss i gang?")
_LEAD: Final = N_("Vi spør om du vil hjelpe noen i gang med å møtes.")
_ROLE: Final = N_(
    "Som igangsetter er du med på de første møtene i en ny gruppe, til den klarer seg selv. Du leder den ikke."
)
_FREE: Final = N_("Vi spør deg om hver gruppe, og du kan alltid si nei.")
_ASKS: Final = N_("Les mer og svar her:")
_BUTTON: Final = N_("Les mer og svar")
_SILENCE: Final = N_("Vil du ikke, trenger du ikke gjøre noe. Uten svar sletter vi adressen din %(when)s.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    assert content.expires_at is not None
    return Letter(
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        paragraphs=(text(_ROLE), text(_FREE)),
        button=Button(text(_ASKS), tools.link(INVITATION, content.cause_id), text(_BUTTON)),
        ending=(text(_SILENCE) % {"when": format_date(content.expires_at, content.language)},),
    ).context


SPEC = MailSpec(
    kind="account_invited",
    order=92,
    label=N_("Invitasjon til igangsetter"),
    because=N_("Dere inviterte en igangsetter."),
    sent=N_("Når dere inviterer noen til å være igangsetter."),
    plan=FromNotice(lambda notice: notice.kind == "invitation"),
    drop_reason=drop_after_deadline,
    requires=("expires_at",),
    context=_context,
    leave_link=False,
    while_paused=True,
    by_day=True,
)
