"""Confirm that a person has withdrawn; the last mail they get."""

from collections.abc import Mapping
from uuid import UUID

from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_spec import FromSignup, MailSpec
from shared.kit.i18n import N_


def _cause(signup: Signup) -> UUID | None:
    # A stranger whose address was typed into the form has been promised no further mail.
    return signup.id if signup.withdrawn and signup.confirmed else None


def _context(_content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"back_url": tools.page("/pamelding")}


SPEC = MailSpec(
    kind="goodbye",
    order=40,
    label=N_("Meldt av"),
    plan=FromSignup(_cause),
    context=_context,
    leave_link=False,
    while_paused=True,
)
