"""The invitation as its recipients will read it, in all three languages, without a link that answers."""

from dataclasses import dataclass, replace
from uuid import UUID

from notify.domain.content import MailContent
from notify.domain.kontaktmoter.invitations import Invitation, Invited
from notify.domain.kontaktmoter.meetings import State
from notify.domain.kontaktmoter.replies import Reply
from notify.queries.kontaktmoter import MeetingView
from notify.web.deps import Deps
from notify.web.masking import masked
from shared.kit.i18n import LANGUAGE_NAMES, LOCALES

INVITATION: str = "kontaktmote_invited"
_NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Preview:
    """One language of the invitation."""

    language: str
    name: str
    subject: str
    text: str


def previews(deps: Deps, view: MeetingView) -> tuple[Preview, ...]:
    """Return the invitation to a meeting in each language, as if it were sent now."""
    meeting = replace(view.meeting, state=State.ANNOUNCED)
    plan = meeting.plan
    found = []
    for language in LOCALES:
        invitation = Invitation(reply=Reply(_NOBODY), recipient_id=None, language=language)
        content = MailContent(
            kind=INVITATION,
            language=language,
            centre=view.centre,
            signup_id=None,
            cause_id=_NOBODY,
            stamp=view.now,
            invited=Invited(meeting, invitation),
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            place_text=plan.place_text or plan.online_url,
        )
        rendered = deps.renderer.render(content)
        found.append(Preview(language, LANGUAGE_NAMES[language], rendered.subject, masked(rendered.text)))
    return tuple(found)
