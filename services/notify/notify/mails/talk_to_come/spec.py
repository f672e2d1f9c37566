"""List the steps that remain before the waiting list: a talk, reading, or both."""

from collections.abc import Mapping
from uuid import UUID

from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_spec import FromSignup, MailSpec
from shared.kit.i18n import N_


def _cause(signup: Signup) -> UUID | None:
    return signup.id if signup.awaits and not signup.withdrawn else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"information_url": tools.page(f"/informasjon/{content.centre.id}")}


SPEC = MailSpec(
    kind="talk_to_come",
    order=20,
    label=N_("Noe gjenstår før listen"),
    plan=FromSignup(_cause),
    context=_context,
)
