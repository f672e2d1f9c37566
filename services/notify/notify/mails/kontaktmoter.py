"""Words that the mails about a meeting of the centre share: a kontaktmøte, an orienteringsmøte, or one of helpers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.kontaktmoter.invitations import Invited
from notify.domain.kontaktmoter.meetings import Audience, Topic
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import expired
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_, format_when
from shared.reference.link_purposes import KONTAKTMOTE

TOPICS: Final[Mapping[Topic, str]] = {
    Topic.ABSENCE: N_("Når noen ikke kommer"),
    Topic.EVERYBODY_SPEAKS: N_("At alle får komme til orde"),
    Topic.WITHOUT_LEADER: N_("Å lede seg selv sammen"),
    Topic.ENDING: N_("Å slutte, og å gå videre"),
}
TOPICS_LEAD: Final = N_("Dette vil vi snakke om:")

ABOUT: Final[Mapping[Audience, str]] = {
    Audience.ACTIVE_GROUPS: N_(
        "På kontaktmøtet møtes deltakere fra gruppene som går for seg selv. Dere hører hvordan andre har funnet sine "
        "måter å gjøre det på. Det som blir sagt i gruppa, blir i gruppa."
    ),
    Audience.CHOSEN_GROUPS: N_(
        "På kontaktmøtet møtes deltakere fra noen av gruppene. Dere hører hvordan andre har funnet sine måter å gjøre "
        "det på. Det som blir sagt i gruppa, blir i gruppa."
    ),
    Audience.IGANGSETTERE: N_("Møtet er for alle som er igangsettere hos oss."),
    Audience.WAITING: N_(
        "På orienteringsmøtet forteller vi hvordan gruppene arbeider, og du kan spørre om det du lurer på. Det binder "
        "deg ikke til noe."
    ),
}

AGAIN: Final = N_("Vi sier fra når vi inviterer igjen.")

_ONLINE: Final = N_("Møtet er på nett. Har du en adresse på e-post, kan vi sende lenken dit.")
_ANSWER: Final = N_("Svar her. Du trenger ikke logge inn:")
_ANSWER_BUTTON: Final = N_("Svar på invitasjonen")
_CONFIRM_BUTTON: Final = N_("Bekreft at du kommer")
_CHANGE: Final = N_("Blir det annerledes, sier du fra her:")
_CHANGE_BUTTON: Final = N_("Endre svaret")
_SEE: Final = N_("Her ser du hva som gjaldt:")
_SEE_BUTTON: Final = N_("Se møtet")


def invited_of(content: MailContent) -> Invited:
    """Return the invitation that the mail is about."""
    assert content.invited is not None
    return content.invited


def letter(
    content: MailContent,
    tools: MailTools,
    *,
    subject: str,
    lead: str,
    button: Button,
    paragraphs: tuple[str, ...] = (),
    said: tuple[str, ...] = (),
) -> Letter:
    """
    Return a letter with time and place of the meeting.

    Args:
        content: The content of the mail.
        tools: Its tools.
        subject: The subject, with a place for the time.
        lead: The first sentence, also on the phone.
        button: Its link.
        paragraphs: Paragraphs before the link.
        said: Further sentences on the phone.
    """
    assert content.starts_at is not None
    facts = letters.own_meeting(content, tools)
    told = [f"{term}: {value}." for term, value in facts]
    if invited_of(content).meeting.plan.online_url:
        told[-1] = tools.gettext(_ONLINE)  # a link cannot be read aloud
    return Letter(
        subject=subject % {"when": format_when(content.starts_at, content.language)},
        lead=lead,
        facts=facts,
        paragraphs=paragraphs,
        button=button,
        spoken=(lead, *said, *told),
    )


def calendar_note(content: MailContent, tools: MailTools, text: str) -> tuple[str, ...]:
    """Return what the attached calendar file does; nothing if there is none."""
    return (tools.gettext(text),) if content.meeting_id is not None else ()


def topics(content: MailContent, tools: MailTools) -> tuple[str, ...]:
    """Return what is to be spoken about."""
    return tuple(tools.gettext(TOPICS[topic]) for topic in invited_of(content).meeting.plan.topics)


def about(content: MailContent, tools: MailTools) -> tuple[str, ...]:
    """Return what kind of meeting it is, and the centre's own words."""
    plan = invited_of(content).meeting.plan
    own = plan.texts.get(content.language, "")
    paragraphs = (_printable(part) for part in own.replace("\r", "").split("\n\n"))
    return (tools.gettext(ABOUT[plan.audience]), *(part for part in paragraphs if part))


def _printable(paragraph: str) -> str:
    """Return a paragraph on one line, without the control characters that break XML."""
    return " ".join("".join(char for char in paragraph if char.isprintable() or char.isspace()).split())


def answer(content: MailContent, tools: MailTools) -> Button:
    """Return the button with which the recipient answers."""
    return _button(content, tools, _ANSWER, _ANSWER_BUTTON)


def confirm(content: MailContent, tools: MailTools) -> Button:
    """Return the button with which a guest confirms that the address is theirs, and that they come."""
    return _button(content, tools, _ANSWER, _CONFIRM_BUTTON)


def change(content: MailContent, tools: MailTools) -> Button:
    """Return the button with which the recipient changes their answer."""
    return _button(content, tools, _CHANGE, _CHANGE_BUTTON)


def see(content: MailContent, tools: MailTools) -> Button:
    """Return the button to the page of the invitation, where nothing is asked any more."""
    return _button(content, tools, _SEE, _SEE_BUTTON)


def _button(content: MailContent, tools: MailTools, asks: str, text: str) -> Button:
    link = tools.link(KONTAKTMOTE, invited_of(content).invitation.id)
    return Button(tools.gettext(asks), link, tools.gettext(text))


def over(mail_facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop a mail about a meeting that has begun."""
    return expired(starts_at(mail_facts), now)


def never_told(mail_facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop news about a meeting that has begun, or of which the recipient has not heard."""
    invited = mail_facts.invited
    untold = mail_facts.told_sequence is None and not (invited and invited.invitation.told_before)
    return over(mail_facts, now) or ("never_told" if untold else None)


def starts_at(mail_facts: MailFacts) -> datetime | None:
    """Return when the meeting begins: the deadline of a call about it."""
    return mail_facts.invited.meeting.plan.starts_at if mail_facts.invited else None


CALL: Final = CallSpec(question=Question.NEWS, unanswered="tell", deadline=starts_at)
"""The call with news of a meeting."""
