"""Examples of the mails about meetings to which a centre invites."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent
from notify.domain.kontaktmoter.invitations import Invitation, Invited, Via
from notify.domain.kontaktmoter.meetings import Audience, Kontaktmote, Plan, State, Topic
from notify.domain.kontaktmoter.replies import Reply
from notify.examples.moments import Example, Examples
from shared.kit.i18n import LOCALES

_PLAN: Final = Plan(
    audience=Audience.ACTIVE_GROUPS,
    starts_at=datetime(2027, 4, 8, 16, 0, tzinfo=UTC),
    ends_at=datetime(2027, 4, 8, 18, 0, tzinfo=UTC),
    place_text="Frivilligsentralen, Strandgaten 6",
    topics=(Topic.ABSENCE, Topic.EVERYBODY_SPEAKS),
)
_OWN_WORDS: Final = "Ta med kopp.\n\nVi \x07spanderer <b>kaffe</b>."
_ONLINE: Final = replace(_PLAN, place_text="", online_url="https://moter.example/rom")


def _of(plan: Plan = _PLAN, *, seats: int = 0, from_line: bool = False, via: Via = Via.MEMBER) -> Example:
    """Return an example with an invitation to a meeting and the places that the recipient has."""
    meeting = Kontaktmote(id=UUID(int=40), centre="link-bergen", plan=plan, state=State.ANNOUNCED, sequence=1)
    reply = Reply(UUID(int=41), UUID(int=42), answered=seats > 0, seats=seats, wanted=seats)
    invitation = Invitation(reply=reply, recipient_id=UUID(int=43), language="nb", via=via, from_line=from_line)
    return partial(
        MailContent,
        signup_id=None,
        invited=Invited(meeting, invitation),
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        place_text=plan.place_text or plan.online_url,
        sequence=1,
    )


def _with_place(plan: Plan = _PLAN, *, seats: int = 1, from_line: bool = False) -> Example:
    return partial(_of(plan, seats=seats, from_line=from_line), meeting_id=UUID(int=40))


KONTAKTMOTER: Final[Examples] = {
    "kontaktmote_invited": {
        "plain": _of(),
        "chosen_groups": _of(replace(_PLAN, audience=Audience.CHOSEN_GROUPS, capacity=12)),
        "information_online": _of(replace(_ONLINE, audience=Audience.WAITING, topics=())),
        "igangsettere": _of(replace(_PLAN, audience=Audience.IGANGSETTERE, topics=tuple(Topic))),
        "own_words": _of(replace(_PLAN, texts=dict.fromkeys(LOCALES, _OWN_WORDS))),
    },
    "kontaktmote_guest": {"plain": _of(replace(_PLAN, audience=Audience.WAITING, topics=()), via=Via.GUEST)},
    "kontaktmote_place": {
        "plain": _with_place(),
        "several": _with_place(seats=3),
        "from_line": _with_place(from_line=True),
        "several_from_line": _with_place(seats=3, from_line=True),
    },
    "kontaktmote_given_up": {"plain": _with_place(), "no_place": _of()},
    "kontaktmote_changed": {"plain": _with_place(seats=2), "no_place": _of()},
    "kontaktmote_cancelled": {"plain": _with_place(seats=2), "no_place": _of()},
    "kontaktmote_reminder": {"plain": _of(seats=1), "online": _of(_ONLINE, seats=1)},
    "kontaktmote_full": {"plain": _of()},
}
