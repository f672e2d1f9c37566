"""Contents of one mail of each kind, for tests that render."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr

from notify.domain.content import MailContent
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
_FIELDS: Final[dict[str, dict[str, object]]] = {
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
    "renewal": {"renewal_deadline": _DEADLINE},
    "texts_changed": {"texts_asked": ("consent",)},
    "group_confirmed": _MEETING,
    "plan_changed": _MEETING,
    "meeting_tomorrow": _MEETING,
    "start_cancelled": _CANCELLED | {"reason": "cancelled", "cancel_reason": "too_few", "had_said_yes": True},
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
