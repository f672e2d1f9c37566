"""Letters: mails of one form, with a lead, facts, a list, paragraphs and one button, whose words are in their spec."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.mails.places import place_words, short_place
from shared.kit.i18n import N_, format_clock, format_when
from shared.reference import slots
from shared.reference.link_purposes import GROUP
from shared.timezone import OSLO_TZ

_EVERY_WEEK: Final = N_("Dere møtes hver %(weekday)s kl. %(from)s–%(until)s.")
_EVERY_SECOND_WEEK: Final = N_("Dere møtes annenhver %(weekday)s kl. %(from)s–%(until)s.")
_NEXT_MEETINGS: Final = N_("De neste møtene:")
_CALENDAR: Final = N_(
    "Kalenderfilen som ligger ved, har de neste møtene. Den har en nøytral tittel og nevner ingen personer."
)
_CANNOT_COME: Final = N_(
    "Kan du ikke komme en gang, sier du fra på siden din. De andre får vite at én ikke kommer, men ikke hvem."
)
_YOUR_PAGE: Final = N_("På siden din ser du neste møte, og der sier du fra hvis du ikke kan komme:")
_SEE_NEXT: Final = N_("Se neste møte")
_HERE_IS_YOUR_PAGE: Final = N_("Her er siden din:")
_OPEN_YOUR_PAGE: Final = N_("Åpne siden din")
_COME_BACK: Final = N_("Vil du tilbake en gang, er du velkommen. Da begynner du her:")
_SIGN_UP_AGAIN: Final = N_("Meld deg på igjen")


@dataclass(frozen=True)
class Button:
    """
    The link of a mail.

    Attributes:
        asks: Sentence before it.
        text: Its text.
    """

    asks: str
    url: str
    text: str


@dataclass(frozen=True)
class Letter:
    """
    The words of a mail, in its language.

    Attributes:
        lead: First sentence, which a locked screen shows; names nothing that a bystander should not read.
        lines_lead, lines: A list and the sentence before it.
        facts_first: True if the facts come before the list.
        facts: Terms with their values.
        ending: Paragraphs after the button.
        second: A further link at the end.
        spoken: What staff say on the phone in place of the mail.
    """

    subject: str
    lead: str
    button: Button
    facts: tuple[tuple[str, str], ...] = ()
    lines_lead: str = ""
    lines: tuple[str, ...] = ()
    facts_first: bool = False
    paragraphs: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()
    second: Button | None = None
    spoken: tuple[str, ...] = ()

    @property
    def context(self) -> Mapping[str, object]:
        """The letter, as its templates read it."""
        return {"letter": self}


def member_page(content: MailContent, tools: MailTools) -> str:
    """Return the link to the member's page of the group."""
    return tools.link(GROUP, content.seat_id)


def next_meeting(content: MailContent, tools: MailTools, asks: str = _YOUR_PAGE) -> Button:
    """Return the button to the page with the next meeting, where a member also says that they cannot come."""
    return Button(tools.gettext(asks), member_page(content, tools), tools.gettext(_SEE_NEXT))


def own_page(content: MailContent, tools: MailTools) -> Button:
    """Return the button to the member's page, where nothing is asked."""
    return Button(tools.gettext(_HERE_IS_YOUR_PAGE), member_page(content, tools), tools.gettext(_OPEN_YOUR_PAGE))


def sign_up_again(tools: MailTools) -> Button:
    """Return the button to the sign-up form for a person who has left."""
    return Button(tools.gettext(_COME_BACK), tools.page("/pamelding"), tools.gettext(_SIGN_UP_AGAIN))


def cannot_come(content: MailContent, tools: MailTools) -> tuple[str, ...]:
    """Return what to do if one cannot come to a meeting; nothing where the group agrees on its own meetings."""
    return (tools.gettext(_CANNOT_COME),) if content.ahead else ()


def calendar_note(content: MailContent, tools: MailTools, text: str = _CALENDAR) -> tuple[str, ...]:
    """Return what the attached calendar file has or does; nothing if there is none."""
    return (tools.gettext(text),) if content.calendar else ()


def rhythm(content: MailContent, tools: MailTools) -> tuple[str, ...]:
    """Return how often the group meets; nothing if it has no rhythm."""
    if content.rhythm is None:
        return ()
    details = content.rhythm.details
    starts = datetime.combine(rhythm_begins(content), time.fromisoformat(str(details["at"])), OSLO_TZ)
    ends = starts + timedelta(minutes=int(str(details["minutes"])))
    text = _EVERY_WEEK if details["every_weeks"] == 1 else _EVERY_SECOND_WEEK
    words = {
        "weekday": slots.weekday_label(int(str(details["weekday"])), content.language),
        "from": format_clock(starts, content.language),
        "until": format_clock(ends, content.language),
    }
    return (tools.gettext(text) % words,)


def rhythm_begins(content: MailContent) -> date:
    """Return the day of the first meeting in the rhythm."""
    assert content.rhythm is not None
    return date.fromisoformat(str(content.rhythm.details["first_on"]))


def coming(content: MailContent, tools: MailTools) -> tuple[str, tuple[str, ...]]:
    """Return the list of the next meetings with the words before it; a place that all have is said once, at the end."""
    if not content.ahead:
        return "", ()
    whens = [format_when(meeting.starts_at, content.language) for meeting in content.ahead]
    places = [short_place(tools, meeting.place_text, address_known=meeting.address_known) for meeting in content.ahead]
    if len(set(places)) > 1:
        whens = [f"{when}, {place}" for when, place in zip(whens, places, strict=True)]
    return tools.gettext(_NEXT_MEETINGS), tuple(whens)


def place(content: MailContent, tools: MailTools) -> tuple[tuple[str, str], ...]:
    """Return the place of the next meetings as a fact, if all have the same."""
    places = {
        place_words(content, tools, meeting.place_text, address_known=meeting.address_known)
        for meeting in content.ahead
    }
    return ((tools.gettext(N_("Hvor")), places.pop()),) if len(places) == 1 and "" not in places else ()


def own_meeting(content: MailContent, tools: MailTools, *, started: bool = False) -> tuple[tuple[str, str], ...]:
    """
    Return time and place of the mail's own meeting as facts.

    Before the start, a place that is no address yet comes with the promise of one; a group that has ``started`` is told
    whom to ask.
    """
    if content.starts_at is None:
        return ()
    facts = [(tools.gettext(N_("Når")), format_when(content.starts_at, content.language))]
    if content.ends_at is not None:
        until = tools.gettext(N_("kl. %(clock)s")) % {"clock": format_clock(content.ends_at, content.language)}
        facts.append((tools.gettext(N_("Slutter")), until))
    known = content.address_known or not started
    if place_said := place_words(content, tools, content.place_text, address_known=known):
        facts.append((tools.gettext(N_("Hvor")), place_said))
    return tuple(facts)


def next_spoken(content: MailContent, tools: MailTools) -> tuple[str, ...]:
    """Return the next meeting as staff say it on the phone; nothing if there is none."""
    if not content.ahead:
        return ()
    meeting = content.ahead[0]
    said = tools.gettext(N_("Neste møte er %(when)s.")) % {"when": format_when(meeting.starts_at, content.language)}
    where = started_place_spoken(content, tools, meeting.place_text, address_known=meeting.address_known)
    return (" ".join((said, *where)),)


def place_spoken(place_text: str | None, tools: MailTools) -> tuple[str, ...]:
    """Return the place of a meeting as staff say it on the phone; nothing if there is none."""
    return (tools.gettext(N_("Stedet er: %(place)s")) % {"place": place_text},) if place_text else ()


def started_place_spoken(
    content: MailContent, tools: MailTools, place_text: str | None, *, address_known: bool
) -> tuple[str, ...]:
    """Return the place of a meeting of a started group as staff say it on the phone."""
    if address_known:
        return place_spoken(place_text, tools)
    return (place_words(content, tools, place_text, address_known=False),)


def deadline(content: MailContent) -> datetime:
    """Return the end of the question that the mail asks."""
    assert content.announcement is not None
    assert content.announcement.deadline is not None
    return content.announcement.deadline


def detail(content: MailContent, name: str) -> object:
    """Return a field of the event that the mail is about; None if there is none."""
    return content.announcement.details.get(name) if content.announcement else None
