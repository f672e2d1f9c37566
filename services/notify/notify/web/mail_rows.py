"""One mail in the words of staff: to whom, what, when, why, how it stands, and what to do; never who."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from notify.domain.content import MailContent
from notify.domain.delivery import Status
from notify.domain.mail_spec import (
    FromInvitation,
    FromMeeting,
    FromMessage,
    FromNotice,
    FromPageLink,
    FromSeat,
    FromSignup,
    FromTalk,
    MailSpec,
)
from notify.domain.remedies import Remedy
from notify.mails.registry import MailRegistry
from notify.queries.mails import MailView
from notify.store import Mail
from notify.store.group_names import GroupFacts
from notify.web.deps import Deps
from notify.web.labels import HELD, LANGUAGES, REMEDIES, STATES, reason_text
from shared.kit.i18n import N_
from shared.kit.web.state import locale_of
from shared.reference.centres import Centres
from shared.reference.group_names import group_name

LET_BE_REASON: Final = N_("En medarbeider lot den ligge.")
_SECRET_LABEL: Final = N_("Melding til gruppa")
_SECRET_CAUSE: Final = N_("Noe har skjedd i gruppa.")

_MEMBER: Final = N_("et medlem av gruppa")
_ROLES: Final = (
    (FromSignup, N_("en som har meldt seg på")),
    (FromTalk, N_("en som skal ha en prat")),
    (FromPageLink, N_("en som ba om lenken til siden sin")),
    (FromNotice, N_("en igangsetter")),
    (FromInvitation, N_("en som er invitert")),
    (FromMessage, N_("en som dere skrev til")),
    (FromMeeting, N_("en i en gruppe som skal begynne")),
)
_WITH_ONE: Final = N_("I én e-post med én annen.")
_WITH_OTHERS: Final = N_("I én e-post med %(count)s andre.")
_OFFERED: Final = N_("en som får tilbud om plass")
_HAD_SEAT: Final = N_("en som hadde plass eller tilbud")


@dataclass(frozen=True)
class MailRow:
    """
    A mail in words.

    Attributes:
        kind: Its name.
        subject: Its subject, in the mail's language; empty if staff must not see it, or if it cannot be made now.
        recipient: The role of the recipient.
        group: The name of the group that it is about; empty if it is about none.
        because: What made it.
        answerable: True if the mail asks or tells something that a person may phone back about.
        readable: True if staff may see what it says.
        acts: What can be done, the best first: the word in the path, and the text of the button.
        best: What is best; None if it needs nothing.
        together: Says that it left, or leaves again, as one e-mail with others; empty if it is alone.
    """

    mail: Mail
    kind: str
    subject: str
    recipient: str
    group: str
    because: str
    state: str
    reason: str
    language: str
    answerable: bool
    readable: bool
    acts: tuple[tuple[str, str], ...]
    best: tuple[str, str] | None
    together: str = ""

    @property
    def open(self) -> bool:
        """True if the mail can still be cancelled."""
        return self.mail.delivery.open

    @property
    def waiting(self) -> bool:
        """True if the mail can be held."""
        return self.mail.next_at is not None and not self.held

    @property
    def held(self) -> bool:
        """True if the mail is held."""
        return self.mail.delivery.held

    @property
    def to_call(self) -> bool:
        """True if the centre is to call instead."""
        return self.mail.status == Status.CALL.value

    @property
    def path(self) -> str:
        """The page on which staff go on: the call, or the mail itself."""
        return f"/stab/ring/{self.mail.id}" if self.to_call else f"/stab/post/{self.mail.id}"


PATHS: Final = {Remedy.SEND_AGAIN: "igjen", Remedy.CALL: "ring", Remedy.LET_BE: "la-ligge"}
"""The end of the path that does each act."""


def rows_of(deps: Deps, request: Request, views: Sequence[MailView]) -> list[MailRow]:
    """Return mails in the reader's language."""
    gettext = deps.pages.gettext(request)
    names = group_namer(deps.directory.current(), locale_of(request))
    found = []
    for view in views:
        mail, spec = view.mail, deps.registry.get(view.mail.kind)
        acts = {act: (PATHS[act], gettext(REMEDIES[act])) for act in view.remedies}
        found.append(
            MailRow(
                mail,
                kind=gettext(name_of(spec)) if spec is not None else mail.kind,
                subject=_subject(deps.renderer.subject, view.content),
                recipient=gettext(_role(spec)) if spec is not None else "",
                group=names(view.group) if view.group is not None else "",
                because=gettext(_SECRET_CAUSE if spec.secret else spec.because) if spec is not None else "",
                state=gettext(HELD if mail.delivery.held else STATES[Status(mail.status)]),
                reason=_reason(mail, gettext),
                language=gettext(LANGUAGES[mail.language]),
                answerable=spec is not None and spec.call is not None,
                readable=spec is None or not spec.secret,
                acts=tuple(acts.values()),
                best=acts[view.best] if view.best is not None else None,
                together=_together(view.others, gettext),
            )
        )
    return found


def name_of(spec: MailSpec) -> str:
    """Return the name of a mail for staff (msgid); one of a secret matter has the name that all of them have."""
    return _SECRET_LABEL if spec.secret else spec.label


def kinds_by_name(registry: MailRegistry, gettext: Callable[[str], str]) -> list[tuple[str, str]]:
    """Return the kinds that staff may choose between, each with its name, by name."""
    kinds = [(spec.kind, gettext(spec.label)) for spec in registry if not spec.secret]
    return sorted(kinds, key=lambda kind: kind[1].casefold())


def group_namer(centres: Centres, locale: str) -> Callable[[GroupFacts], str]:
    """Return a function that names a group by place and time."""

    def name(group: GroupFacts) -> str:
        part = centres.part(group.area)
        place = part[1].name if part else ""
        return group_name(place, group.slot, group.starts_at, locale) if group.slot else place

    return name


def _subject(subject: Callable[[MailContent], str], content: MailContent | None) -> str:
    """Return the subject of a mail; empty while facts are missing without which it cannot be made."""
    try:
        return subject(content) if content is not None else ""
    except (ValueError, TypeError, AttributeError, AssertionError, KeyError):
        return ""


def _role(spec: MailSpec) -> str:
    if isinstance(spec.plan, FromSeat):
        return _OFFERED if spec.offers_seat else _HAD_SEAT
    return next((role for plan, role in _ROLES if isinstance(spec.plan, plan)), _MEMBER)


def _together(others: int, gettext: Callable[[str], str]) -> str:
    if not others:
        return ""
    return gettext(_WITH_ONE) if others == 1 else gettext(_WITH_OTHERS) % {"count": others}


def _reason(mail: Mail, gettext: Callable[[str], str]) -> str:
    if mail.reason == "by_staff" and mail.status in {Status.FAILED.value, Status.UNKNOWN.value}:
        return gettext(LET_BE_REASON)
    return reason_text(mail.reason, gettext, retried=mail.status == Status.RETRY.value)
