"""Render a mail: subject, text and HTML in one language, and a calendar file if its specification has one."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

from notify.calendar_attachment import Attachment, Calendars
from notify.domain.answer_address import AnswerAddresses
from notify.domain.content import Change, MailContent, MailTools, MeetingAhead
from notify.domain.discretion import discreet_place, is_discreet
from notify.domain.mail_spec import MailSpec
from notify.domain.mail_texts import Block
from notify.domain.sms import longest_that_fits
from notify.mail_templates import SECTION_LAYOUT, WHOLE_LAYOUT, environments, texts, to_html, wrapped
from notify.mails.registry import CALL_TEMPLATE, MailRegistry
from notify.own_words import own_context, own_subject, system_words
from shared.kit.i18n import N_, format_clock, format_date, format_when
from shared.kit.links import Links
from shared.reference import languages, slots
from shared.reference.helplines import Helpline
from shared.reference.link_purposes import LEAVE, NO_INVITATIONS, SEAT

_DIRECTION_MARKS: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LEAVE_ASKS: Final = N_("Vil du ikke være med lenger?")
_LEAVE_TEXT: Final = N_("Meld deg av her")
_INVITATIONS_ASK: Final = N_("Vil du ikke ha flere slike invitasjoner?")
_INVITATIONS_TEXT: Final = N_("Si nei takk her")
_NEUTRAL_SENDER: Final = N_("Senteret")

P = TypeVar("P", MeetingAhead, Change)


@dataclass(frozen=True)
class Rendered:
    """
    A mail without its headers.

    Attributes:
        sender_name: Display name of the sender; says nothing about the subject of the groups.
        leave_url: Link to withdraw, for List-Unsubscribe; None if the mail has none.
    """

    subject: str
    text: str
    html: str
    sender_name: str
    leave_url: str | None
    calendar: Attachment | None


@dataclass(frozen=True)
class Leave:
    """A question and the link of a recipient who wants no more of such mails."""

    asks: str
    text: str
    url: str


@dataclass(frozen=True)
class Section:
    """
    A mail as a section of a joint mail.

    Attributes:
        subject: Its heading.
        mjml: What stands between its greeting and its foot.
        leave: How its recipient ends such mails; None if it has no link for that.
        context: What its templates read.
    """

    subject: str
    text: str
    mjml: str
    leave: Leave | None
    context: Mapping[str, object]


class Renderer:
    """
    Renders mails.

    Args:
        mails: Specifications and folders of the mails.
        links: Makes the links.
        public_url: Prefix of every link.
        mail_domain: Domain in the UID of calendar entries.
        help_lines: Foot of each mail, in this order.
        organizer: Address in calendar entries of a centre that has none of its own.
        answers: Makes the addresses to which calendars answer; None if no answer is read.
    """

    def __init__(
        self,
        mails: MailRegistry,
        links: Links,
        public_url: str,
        mail_domain: str,
        help_lines: Sequence[Helpline],
        organizer: str,
        answers: AnswerAddresses | None = None,
    ) -> None:
        self._mails = mails
        self.links = links
        self._public_url = public_url.rstrip("/")
        self._calendars = Calendars(mail_domain, organizer, answers)
        self._help_lines = tuple(line for line in help_lines if line.audience == "everyone")

    def render(self, content: MailContent, recipient: str | None = None) -> Rendered:
        """
        Return the finished mail; ``recipient`` is the address whose calendar may answer, None if it is only looked at.

        Raises:
            ValueError: The content lacks something that the mail's specification requires.
        """
        content = self.checked(content)
        return replace(self.render_texts(content), calendar=self.calendar(content, recipient))

    def with_links(self, links: Links) -> "Renderer":
        """Return the same renderer with other links."""
        other = copy(self)
        other.links = links
        return other

    def render_section(self, content: MailContent) -> "Section":
        """
        Return the mail as a section of a joint mail.

        Raises:
            ValueError: The content lacks something that the mail's specification requires.
        """
        spec, content, context, subject = self._opened(content)
        subject = own_subject(spec, content, context) or subject
        context |= own_context(spec, content, context) | {"subject": subject}
        context |= {"layout": SECTION_LAYOUT, "in_section": True, "whole_greeting": context["greeting"], "greeting": ""}
        environment = environments(self._mails.roots)[content.language]
        leave_url = self._leave_url(spec, content)
        return Section(
            subject=subject,
            text=environment.get_template(f"{spec.kind}/body.txt.j2").render(context).strip(),
            mjml=environment.get_template(f"{spec.kind}/body.mjml.j2").render(context),
            leave=Leave(context["leave_asks"], context["leave_text"], leave_url) if leave_url else None,
            context=context,
        )

    def render_frame(self, name: str, language: str, context: Mapping[str, object]) -> str:
        """Return a template that mails share."""
        return environments(self._mails.roots)[language].get_template(name).render(context)

    def render_texts(self, content: MailContent) -> Rendered:
        """Return the mail without its calendar file; the content has been :meth:`checked`."""
        spec = self._mails[content.kind]
        environment = environments(self._mails.roots)[content.language]
        gettext = texts().translator(content.language)
        leave_url = self._leave_url(spec, content)
        context = self._context(spec, content, gettext)
        leaves = [Leave(context["leave_asks"], context["leave_text"], leave_url)] if leave_url else []
        context |= {"leaves": leaves, "layout": WHOLE_LAYOUT, "in_section": False}
        subject = environment.get_template(f"{spec.kind}/subject.txt.j2").render(context).strip()
        subject = own_subject(spec, content, context) or subject
        context |= own_context(spec, content, context) | {"subject": subject}
        text = environment.get_template(f"{spec.kind}/body.txt.j2").render(context)
        mjml = environment.get_template(f"{spec.kind}/body.mjml.j2").render(context)
        return Rendered(
            subject=subject,
            text=wrapped(text),
            html=to_html(mjml),
            sender_name=_sender_name(content.centre.name, gettext),
            leave_url=leave_url,
            calendar=None,
        )

    def gettext(self, language: str) -> Callable[[str], str]:
        """Return the translator of mails in a language."""
        return texts().translator(language)

    def sender_name(self, content: MailContent) -> str:
        """Return the display name of a mail's sender."""
        return _sender_name(content.centre.name, self.gettext(content.language))

    def subject(self, content: MailContent) -> str:
        """
        Return the subject of a mail alone.

        Raises:
            ValueError: The content lacks something that the mail's specification requires.
        """
        spec, content, context, subject = self._opened(content)
        return own_subject(spec, content, context) or subject

    def system_words(self, content: MailContent) -> dict[Block, str]:
        """Return what the system itself says in each part that a centre may write, with fields in braces."""
        spec, content, context, subject = self._opened(content)
        words = system_words(content, context, subject)
        return {block: text for block, text in words.items() if block in spec.own_words}

    def _opened(self, content: MailContent) -> tuple[MailSpec, MailContent, dict[str, Any], str]:
        """Return a mail's specification, checked content and context, and the system's subject."""
        spec = self._mails[content.kind]
        content = self.checked(content)
        context = self._context(spec, content, texts().translator(content.language))
        template = environments(self._mails.roots)[content.language].get_template(f"{spec.kind}/subject.txt.j2")
        return spec, content, context, template.render(context).strip()

    def sms(self, content: MailContent) -> str | None:
        """
        Return what a short message says in place of a mail, without any link; None if even the shortest is too long.

        The place is left out if the message would be too long with it, or if it says too much.
        """
        spec = self._mails[content.kind]
        if spec.sms is None or content.starts_at is None:
            return None
        content, gettext = self.checked(content), texts().translator(content.language)
        assert content.starts_at is not None
        said = gettext(spec.sms) % {"when": format_when(content.starts_at, content.language)}
        place = discreet_place(content.place_text or "") if content.address_known else None
        where = gettext(N_("Sted: %(place)s.")) % {"place": place} if place and "://" not in place else ""
        sender = _sender_name(content.centre.name, gettext)
        phone = gettext(N_("Ring oss på %(phone)s.")) % {"phone": content.centre.phone} if content.centre.phone else ""
        variants = ((said, where, phone, sender), (said, phone, sender), (said, sender), (said,))
        return longest_that_fits(" ".join(part for part in parts if part) for parts in variants)

    def call_script(self, content: MailContent, *, told: bool) -> str:
        """
        Return what to say in the call that takes the place of a mail, in paragraphs; no link is in it.

        Args:
            content: The content of the mail.
            told: True if the person has been told of the meeting before.

        Raises:
            ValueError: The content lacks something that the mail's specification requires.
        """
        spec = self._mails[content.kind]
        content = self.checked(content)
        gettext = texts().translator(content.language)
        context = self._context(spec, content, gettext, with_links=False)
        context |= {"told": told, "sender": _sender_name(content.centre.name, gettext)}
        script = environments(self._mails.roots)[content.language].get_template(f"{spec.kind}/{CALL_TEMPLATE}")
        return "\n\n".join(paragraph.strip() for paragraph in script.render(context).split("\n\n") if paragraph.strip())

    def checked(self, content: MailContent) -> MailContent:
        """
        Return the content with typed words on one line.

        Raises:
            ValueError: It lacks something that the mail's specification requires.
        """
        spec = self._mails[content.kind]
        if missing := [name for name in spec.requires if getattr(content, name) is None]:
            raise ValueError(f"{spec.kind} lacks {', '.join(missing)}")
        cleaned = {
            "first_name": _single_line(content.first_name),
            "place_text": _single_line(content.place_text),
            "offer_place": _single_line(content.offer_place),
            "lost_place": _single_line(content.lost_place),
            "ahead": tuple(_checked_place(meeting) for meeting in content.ahead),
            "calendar": tuple(_checked_place(meeting) for meeting in content.calendar),
            "changes": tuple(_checked_place(change) for change in content.changes),
        }
        changed = {name: value for name, value in cleaned.items() if value != getattr(content, name)}
        return replace(content, **changed) if changed else content  # type: ignore[arg-type]  # fields by name

    def _context(
        self, spec: MailSpec, content: MailContent, _: Callable[[str], str], *, with_links: bool = True
    ) -> dict[str, Any]:
        centre, language = content.centre, content.language
        link = partial(self._link, language) if with_links else _no_link
        tools = MailTools(_, link, partial(self._page, language))
        return {
            "mail": content,
            "language": language,
            "centre": centre,
            "term": _group_terms(_)[content.policy.group_term],
            "phone": (centre.phone or "").replace(" ", "\u00a0"),
            "greeting": _greeting(content.first_name, _),
            "helplines": self._help_lines,
            "reply_note": _reply_note(_, answered=centre.email is not None),
            "seat_url": link(SEAT, content.seat_id) if content.seat_id else None,
            "slot": slots.label(content.slot, language) if content.slot else None,
            "lost_slot": slots.label(content.lost_slot, language) if content.lost_slot else None,
            "leave_asks": _(_LEAVE_ASKS if content.invited is None else _INVITATIONS_ASK),
            "leave_text": _(_LEAVE_TEXT if content.invited is None else _INVITATIONS_TEXT),
            "until": _("kl. %(clock)s") % {"clock": format_clock(content.ends_at, language)}
            if content.ends_at
            else None,
            "spoken": _spoken(content.spoken_language, language),
            "when": partial(format_when, locale=language),
            "date": partial(format_date, locale=language),
            "clock": partial(format_clock, locale=language),
            **spec.context(content, tools),
        }

    def _leave_url(self, spec: MailSpec, content: MailContent) -> str | None:
        """Return the link with which the recipient ends mails of this kind; None if there is none."""
        if not spec.leave_link:
            return None
        if content.invited is not None and content.invited.invitation.is_guest:
            return None  # a guest is invited to nothing else
        if content.invited is not None:
            return self._link(content.language, NO_INVITATIONS, content.invited.invitation.id)
        return self._link(content.language, LEAVE, content.signup_id) if content.signup_id is not None else None

    def _link(self, language: str, purpose: str, id_: UUID | None) -> str:
        assert id_ is not None
        return self.links.url(self._public_url, language, purpose, id_)

    def _page(self, language: str, path: str) -> str:
        return f"{self._public_url}{'' if language == 'nb' else '/' + language}{path}"

    def calendar(self, content: MailContent, recipient: str | None) -> Attachment | None:
        """Return the calendar file of a mail, whose content has been :meth:`checked`; None if it has none."""
        spec, gettext = self._mails[content.kind], texts().translator(content.language)
        return self._calendars.of(spec, content, recipient, gettext)


def _no_link(_purpose: str, _id: UUID | None) -> str:
    return ""


def _sender_name(centre_name: str, gettext: Callable[[str], str]) -> str:
    return centre_name if is_discreet(centre_name) else gettext(_NEUTRAL_SENDER)


def _spoken(code: str | None, language: str) -> str | None:
    canonical = languages.canonical(code) if code else None
    return languages.label(canonical, language) if canonical else code


def _group_terms(_: Callable[[str], str]) -> dict[str, str]:
    return {"selvhjelpsgruppe": _("selvhjelpsgruppe"), "samtalegruppe": _("samtalegruppe")}


def _greeting(first_name: str | None, _: Callable[[str], str]) -> str:
    return _("Hei, %(name)s.") % {"name": first_name} if first_name else _("Hei.")


def _reply_note(_: Callable[[str], str], *, answered: bool) -> str:
    if answered:
        return _("Svarer du på denne e-posten, kommer svaret til oss. Vi leser ikke e-post hele døgnet.")
    return _("Denne e-posten er sendt automatisk, og ingen leser svar på den.")


def _checked_place(item: P) -> P:
    return replace(item, place_text=_single_line(item.place_text) or "")


def _single_line(typed: str | None) -> str | None:
    """Return typed text on one line, without control characters (they break XML) and direction marks."""
    if typed is None:
        return None
    spaced = "".join(" " if char in "\t\r\n" else char for char in typed)
    kept = (
        char for char in spaced if unicodedata.category(char) not in {"Cc", "Cs", "Cn"} and char not in _DIRECTION_MARKS
    )
    return " ".join("".join(kept).split()) or None
