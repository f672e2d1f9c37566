"""Words that the mails about a talk with the centre share."""

from datetime import datetime
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from shared.kit.i18n import N_, format_clock, format_when
from shared.reference.link_purposes import TALK

_BY_PHONE: Final = N_("Vi ringer deg")
_AT_OFFICE: Final = N_("På kontoret vårt")
_WHAT_IT_IS: Final = N_(
    "Vi forteller hva en gruppe er og hvordan det går for seg. Du kan spørre om alt, og du trenger ikke forberede noe. "
    "Vi skriver ikke ned hva du sier."
)


def talk_page(content: MailContent, tools: MailTools) -> str:
    """Return the link to the page with the times."""
    return tools.link(TALK, content.signup_id)


def when(content: MailContent) -> str:
    """Return the time of the talk in words."""
    assert content.starts_at is not None
    return format_when(content.starts_at, content.language)


def facts(content: MailContent, tools: MailTools) -> tuple[tuple[str, str], ...]:
    """Return when and where the talk is."""
    assert content.talk is not None
    ends = tools.gettext(N_("kl. %(clock)s")) % {
        "clock": format_clock(content.ends_at or content.stamp, content.language)
    }
    where = content.place_text if content.talk.way == "office" else tools.gettext(_BY_PHONE)
    return (
        (tools.gettext(N_("Når")), when(content)),
        (tools.gettext(N_("Slutter")), ends),
        (tools.gettext(N_("Hvor")), where or tools.gettext(_AT_OFFICE)),
    )


def what_it_is(tools: MailTools) -> str:
    """Return what the talk is about, and that it is not written down."""
    return tools.gettext(_WHAT_IT_IS)


def talk_start(mail_facts: MailFacts) -> datetime | None:
    """Return the start of the talk."""
    return mail_facts.talk.starts_at if mail_facts.talk else None
