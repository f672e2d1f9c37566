"""Contents of one mail of each kind, for tests that render."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr

from notify.domain.announcements import Announcement
from notify.domain.content import Absence, Change, MailContent, MeetingAhead
from notify.domain.kontaktmoter.invitations import Invitation, Invited
from notify.domain.kontaktmoter.meetings import Audience, Kontaktmote, Plan, State, Topic
from notify.domain.kontaktmoter.replies import Reply
from notify.domain.talks import Talk
from notify.mails.registry import MailRegistry, mail_registry
from notify.rendering import Renderer
from shared.kit.links import Links
from shared.reference import centres, helplines
from shared.reference.link_purposes import LINK_PATHS

KEY = "k" * 32
PUBLIC_URL = "https://senter.example"
MAIL_DOMAIN = "post.example"
ORGANIZER = "hei@post.example"
NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
LANGUAGES = ("nb", "nn", "en")
KINDS = tuple(spec.kind for spec in mail_registry())

_DEADLINE = datetime(2027, 3, 12, 12, 0, tzinfo=UTC)
_MEETING: Final[dict[str, object]] = {
    "seat_id": UUID(int=3),
    "meeting_id": UUID(int=4),
    "sequence": 2,
    "starts_at": datetime(2027, 3, 25, 17, 0, tzinfo=UTC),
    "ends_at": datetime(2027, 3, 25, 19, 0, tzinfo=UTC),
    "place_text": "Bergen sentrum. Biblioteket, rom 2, inngang fra Strømgaten.",
    "size": 6,
}
_CANCELLED = _MEETING | {"ends_at": None}
_OFFER: Final[dict[str, object]] = {
    "seat_id": UUID(int=3),
    "slot": "thu-evening",
    "spoken_language": "nb",
    "size": 6,
    "taken": 4,
    "offer_place": "Bergen sentrum",
    "earliest_at": datetime(2027, 3, 18, 17, 0, tzinfo=UTC),
    "deadline": _DEADLINE,
}
_FIELDS: dict[str, dict[str, object]] = {
    "address_to_confirm": {"first_name": None, "cause_id": UUID(int=2), "expires_at": _DEADLINE},
    "talk_to_come": {"awaits": ("talk",)},
    "seat_offered": _OFFER,
    "question_moved": _OFFER
    | {
        "lost_slot": "tue-evening",
        "lost_place": "Kleppestø",
        "had_said_yes": True,
        "reason": "moved",
    },
    "address": _MEETING,
    "meeting_postponed": _CANCELLED,
    "seat_gone": _CANCELLED | {"reason": "changed", "had_said_yes": True, "slot": "thu-evening"},
    "seat_given_up": _CANCELLED,
    "page_link": {"signup_id": None, "cause_id": UUID(int=5), "expires_at": NOW + timedelta(minutes=10)},
    "account_link": {"signup_id": None, "cause_id": UUID(int=6), "expires_at": NOW + timedelta(minutes=10)},
    "account_invited": {"signup_id": None, "cause_id": UUID(int=7), "expires_at": NOW + timedelta(days=14)},
    "renewal": {"renewal_deadline": _DEADLINE},
    "texts_changed": {"texts_asked": ("consent",)},
    "group_confirmed": _MEETING,
    "plan_changed": _MEETING,
    "meeting_tomorrow": _MEETING,
    "still_coming": _MEETING,
    "still_coming_again": _MEETING,
    "coming_unanswered": _MEETING,
    "start_cancelled": _CANCELLED | {"reason": "cancelled", "cancel_reason": "too_few", "had_said_yes": True},
}
TALK: Final = Talk(
    id=UUID(int=8),
    signup_id=UUID(int=1),
    sequence=0,
    starts_at=datetime(2027, 3, 11, 9, 0, tzinfo=UTC),
    ends_at=datetime(2027, 3, 11, 9, 30, tzinfo=UTC),
    way="phone",
)


def of_talk(**changes: object) -> dict[str, object]:
    """The fields of a mail about a talk."""
    talk = replace(TALK, **changes)  # type: ignore[arg-type]  # fields of a talk
    office = talk.way == "office"
    entry = MeetingAhead(
        meeting_id=talk.id,
        sequence=talk.cancelled_sequence or talk.sequence or 0,
        starts_at=TALK.starts_at or NOW,
        ends_at=TALK.ends_at or NOW,
        place_text="Eksempelgata 1" if office else "",
        cancelled=talk.cancelled_sequence is not None,
    )
    return {
        "talk": talk,
        "meeting_id": talk.id,
        "starts_at": talk.starts_at,
        "ends_at": talk.ends_at,
        "place_text": "Eksempelgata 1" if office else "",
        "calendar": (entry,),
    }


_FIELDS |= {
    "talk_booked": of_talk(),
    "talk_tomorrow": of_talk() | {"calendar": ()},
    "talk_cancelled": of_talk(cancelled_sequence=1, cancelled_reason="closed"),
    "talk_offered": {"talk": Talk(id=UUID(int=8), signup_id=UUID(int=1), offered=1)},
}
_WEEK: Final = timedelta(weeks=1)
_AHEAD: Final = tuple(
    MeetingAhead(
        meeting_id=UUID(int=4 + number),
        sequence=number,
        starts_at=datetime(2027, 3, 18, 17, 0, tzinfo=UTC) + number * _WEEK - timedelta(hours=number > 1),
        ends_at=datetime(2027, 3, 18, 19, 0, tzinfo=UTC) + number * _WEEK - timedelta(hours=number > 1),
        place_text="Biblioteket, rom 2",
    )
    for number in range(4)
)
_RHYTHM: Final = Announcement(
    id=UUID(int=21),
    kind="rhythm_set",
    version=5,
    at=NOW,
    details={"every_weeks": 1, "weekday": 3, "at": "18:00:00", "minutes": 120, "first_on": "2027-03-18"},
)
_MEMBER: Final[dict[str, object]] = {"seat_id": UUID(int=3), "rhythm": _RHYTHM, "ahead": _AHEAD, "calendar": _AHEAD}
_OFF: Final = tuple(replace(meeting, sequence=9, cancelled=True) for meeting in _AHEAD)
_NOT_HELD: Final = Change("skipped", _AHEAD[1].starts_at, _AHEAD[1].starts_at, "Biblioteket, rom 2")


def about(kind: str, /, *, deadline: datetime | None = None, **details: object) -> Announcement:
    """An announcement with the fields of its event that its mail states."""
    return Announcement(UUID(int=20), kind, 7, NOW, deadline=deadline, details=details)


_QUESTION: Final[dict[str, object]] = {
    "signup_id": None,
    "cause_id": UUID(int=8),
    "deadline": _DEADLINE,
    "starts_at": _AHEAD[0].starts_at,
    "ends_at": _AHEAD[0].ends_at,
    "place_text": "Årstad",
    "spoken_language": "nb",
}
_SEAT: Final[dict[str, object]] = {"seat_id": UUID(int=3)}
_FIELDS |= {
    "group_started": _MEMBER,
    "rhythm_set": _MEMBER,
    "meetings_changed": _MEMBER | {"ahead": _AHEAD[2:], "changes": (_NOT_HELD,)},
    "absence_told": _SEAT | {"absences": (Absence(_AHEAD[0].starts_at, 1),)},
    "weekly_reminder": _MEETING | {"calendar": _AHEAD},
    "handover_asked": _SEAT | {"announcement": about("handover_asked", meetings=3)},
    "handed_over": _SEAT
    | {
        "announcement": about("handed_over", by="members", memory="none", followed_up=False),
        "link_id": UUID(int=30),
    },
    "follow_up_offered": _SEAT | {"announcement": about("follow_up_due", meetings=3)},
    "visit_agreed": _MEETING | {"announcement": about("visit_agreed", kind="return_visit")},
    "visit_declined": _SEAT | {"announcement": about("visit_declined", kind="visit", by="centre")},
    "member_left": _SEAT | {"announcement": about("member_left", reason="left"), "calendar": _OFF},
    "vote_opened": _SEAT
    | {
        "announcement": about("vote_opened", deadline=_DEADLINE, vote_subject="conflict_visit"),
        "link_id": UUID(int=31),
    },
    "vote_closed": _SEAT | {"announcement": about("vote_closed", vote_subject="conflict_visit", agreed=False)},
    "keep_alive": _SEAT | {"announcement": about("keep_alive_asked", deadline=_DEADLINE)},
    "dissolved": _SEAT | {"announcement": about("dissolved", by="group"), "calendar": _OFF},
    "way_on": _SEAT | {"announcement": about("way_on_chosen", way="goodbye")},
    "member_admitted": _MEMBER | {"announcement": about("member_admitted", size=6)},
    "starter_asked": _QUESTION,
    "starter_agreed": _QUESTION,
    "starter_released": _QUESTION | {"reason": "cancelled"},
    "starter_names": _QUESTION,
    "starter_asked_back": _QUESTION | {"starts_at": None, "ends_at": None, "slot": "tue-evening"},
    "newcomer_joined": _SEAT | {"announcement": about("newcomer_joined", size=6)},
}

_PLAN: Final = Plan(
    audience=Audience.ACTIVE_GROUPS,
    starts_at=datetime(2027, 4, 8, 16, 0, tzinfo=UTC),
    ends_at=datetime(2027, 4, 8, 18, 0, tzinfo=UTC),
    place_text="Frivilligsentralen, Strandgaten 6",
    topics=(Topic.ABSENCE, Topic.EVERYBODY_SPEAKS),
)


def of_meeting(*, seats: int = 0, from_line: bool = False, **changes: object) -> dict[str, object]:
    """The fields of a mail about a meeting of the centre."""
    plan = replace(_PLAN, **changes)  # type: ignore[arg-type]  # fields of a plan
    meeting = Kontaktmote(id=UUID(int=40), centre="link-bergen", plan=plan, state=State.ANNOUNCED, sequence=1)
    reply = Reply(UUID(int=41), UUID(int=42), answered=seats > 0, seats=seats, wanted=seats)
    invitation = Invitation(reply=reply, recipient_id=UUID(int=43), language="nb", from_line=from_line, sequence=0)
    return {
        "signup_id": None,
        "invited": Invited(meeting, invitation),
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "place_text": plan.place_text or plan.online_url,
        "sequence": 1,
    }


_IN_CALENDAR: Final[dict[str, object]] = {"meeting_id": UUID(int=40)}
_FIELDS |= {
    "kontaktmote_invited": of_meeting(),
    "kontaktmote_place": of_meeting(seats=1) | _IN_CALENDAR,
    "kontaktmote_changed": of_meeting(seats=2) | _IN_CALENDAR,
    "kontaktmote_cancelled": of_meeting(seats=2) | _IN_CALENDAR,
    "kontaktmote_reminder": of_meeting(seats=1),
    "kontaktmote_full": of_meeting(),
}


def renderer(registry: MailRegistry | None = None) -> Renderer:
    links = Links(SecretStr(KEY), LINK_PATHS)
    return Renderer(registry or mail_registry(), links, PUBLIC_URL, MAIL_DOMAIN, helplines.load(), ORGANIZER)


def content(kind: str, language: str, *, centre: str = "link-bergen", **changes: object) -> MailContent:
    row = centres.load().get(centre)
    assert row is not None
    fields: dict[str, Any] = {
        "kind": kind,
        "language": language,
        "centre": row,
        "signup_id": UUID(int=1),
        "cause_id": UUID(int=1),
        "stamp": NOW,
        "first_name": "Kari",
        "area_name": row.areas[0].name,
    }
    return MailContent(**(fields | _FIELDS.get(kind, {}) | changes))
