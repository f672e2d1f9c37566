"""Send the link to a person's own page, for which they asked."""

from collections.abc import Mapping
from datetime import datetime

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromPageLink, MailSpec, expired
from shared.kit.i18n import N_
from shared.reference.link_purposes import MY_PAGE


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    return expired(facts.page_link.expires_at, now) if facts.page_link else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"page_url": tools.link(MY_PAGE, content.cause_id)}


SPEC = MailSpec(
    kind="page_link",
    order=90,
    label=N_("Lenke til egen side"),
    because=N_("Noen ba om lenken til siden sin."),
    sent=N_("Når noen ber om lenken til siden sin."),
    own_words=frozenset(),  # the less a mail with a key says, the harder it is to imitate
    plan=FromPageLink(),
    drop_reason=_drop_reason,
    requires=("expires_at",),
    context=_context,
    leave_link=False,
    while_paused=True,
    on_request=True,
)
