"""Send the link that signs an igangsetter in, for which they asked."""

from collections.abc import Mapping
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_spec import FromNotice, MailSpec, drop_after_deadline
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_, format_clock
from shared.reference.link_purposes import ACCOUNT

_SUBJECT: Final = N_("Lenken du ba om")
_LEAD: Final = N_("Her er lenken til siden din. Den virker én gang, til kl. %(clock)s.")
_ASKS: Final = N_("Der ser du gruppene og tidene dine:")
_BUTTON: Final = N_("Åpne siden din")
_NOT_ASKED: Final = N_("Ba du ikke om denne lenken? Da trenger du ikke gjøre noe. Den slutter å virke av seg selv.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    assert content.expires_at is not None
    return Letter(
        subject=text(_SUBJECT),
        lead=text(_LEAD) % {"clock": format_clock(content.expires_at, content.language)},
        button=Button(text(_ASKS), tools.link(ACCOUNT, content.cause_id), text(_BUTTON)),
        ending=(text(_NOT_ASKED),),
    ).context


SPEC = MailSpec(
    kind="account_link",
    order=91,
    label=N_("Lenke til siden for igangsettere"),
    because=N_("En igangsetter ba om å logge inn."),
    sent=N_("Når en igangsetter ber om lenken til siden sin."),
    own_words=frozenset(),  # the less a mail with a key says, the harder it is to imitate
    plan=FromNotice(lambda notice: notice.kind == "link"),
    drop_reason=drop_after_deadline,
    requires=("expires_at",),
    context=_context,
    leave_link=False,
    while_paused=True,
    on_request=True,
)
