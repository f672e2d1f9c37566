"""Confirm a pause and show the way back."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_spec import FromSignup, MailSpec
from shared.kit.i18n import N_
from shared.reference.link_purposes import STILL_WAITING


def _cause(signup: Signup) -> UUID | None:
    if not signup.paused or signup.withdrawn:
        return None
    return uuid5(signup.id, f"pause {signup.pause_version}")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"answer_url": tools.link(STILL_WAITING, content.signup_id)}


SPEC = MailSpec(
    kind="paused",
    order=50,
    label=N_("Tatt pause"),
    plan=FromSignup(_cause),
    context=_context,
    while_paused=True,
)
