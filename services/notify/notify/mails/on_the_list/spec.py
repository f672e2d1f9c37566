"""Confirm a place on the waiting list and explain the next steps; once for each sign-up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromSignup, MailSpec
from shared.kit.i18n import N_
from shared.reference.link_purposes import TALK, WAITING

_ANSWER_THE_OFFER: Final = N_(
    "Du trenger ikke gjøre noe nå. Når det er en plass som passer for deg, skriver vi til deg, "
    "og du svarer ja eller nei."
)
_NO_ANSWER_NEEDED: Final = N_(
    "Du trenger ikke gjøre noe nå. Når det er en plass som passer for deg, får du den, "
    "og vi skriver til deg om tid og sted."
)

_LEAD: Final = N_("Nå står du på ventelisten. Slik går det videre.")

_KEEP_APART: Final = N_(
    "Er det noen du ikke bør møte i en gruppe? Skriv det på siden din, så sier vi det ikke til noen."
)
_OR_CALL: Final = N_("Du kan også ringe oss på %(phone)s. Da vet de ansatte om det.")
_OR_WRITE: Final = N_("Du kan også skrive til oss på %(email)s. Da vet de ansatte om det.")


def _cause(signup: Signup) -> UUID | None:
    return signup.id if signup.ready and not signup.withdrawn else None


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    """Return the reason to drop it once a mail about a seat, which needs no waiting, has left before it."""
    return "has_seat" if facts.has_seat and facts.told_of_group else None


def _keep_apart(content: MailContent, tools: MailTools) -> str:
    """Return where to name somebody whom one must not meet: the same to everybody, so that it tells of nobody."""
    centre = content.centre
    way = _OR_CALL if centre.phone else _OR_WRITE if centre.email else ""
    other = tools.gettext(way) % {"phone": centre.phone, "email": centre.email} if way else ""
    return f"{tools.gettext(_KEEP_APART)} {other}".strip()


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    policy = content.centre.policy
    to_read = policy.information_version is not None and policy.reading_gate == "off"  # else they have read it
    return {
        "lead": tools.gettext(_LEAD),
        "minimum": policy.size_min,
        "talk_offered": policy.forsamtale == "offered",
        "talk_url": tools.link(TALK, content.signup_id),
        "information_url": tools.page(f"/informasjon/{content.centre.id}") if to_read else "",
        "keep_apart": _keep_apart(content, tools),
        "own_page_url": tools.page("/min-side"),
        "waiting_url": tools.link(WAITING, content.signup_id),
        "next_step": tools.gettext(_ANSWER_THE_OFFER if policy.seat_confirmation else _NO_ANSWER_NEEDED),
    }


SPEC = MailSpec(
    kind="on_the_list",
    order=30,
    label=N_("Står på ventelisten"),
    because=N_("Påmeldingen er bekreftet, og ingenting gjenstår."),
    sent=N_("Når en påmelding er ferdig og personen venter på plass."),
    plan=FromSignup(_cause),
    drop_reason=_drop_reason,
    context=_context,
)
