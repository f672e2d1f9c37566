"""One letter of each kind, for every test that renders."""

from datetime import UTC, datetime
from uuid import UUID

from pydantic import SecretStr

from notify.domain.kinds import Kind
from notify.rendering import MailContent, Renderer
from shared.kit.links import Links
from shared.reference import centres, helplines
from shared.reference.link_purposes import LINK_PATHS

KEY = "k" * 32
PUBLIC_URL = "https://senter.example"
MAIL_DOMAIN = "post.example"
NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
STARTS_AT = datetime(2027, 3, 25, 17, 0, tzinfo=UTC)
ENDS_AT = datetime(2027, 3, 25, 19, 0, tzinfo=UTC)
PLACE = "Bergen sentrum. Biblioteket, rom 2, inngang fra Strømgaten."


def renderer() -> Renderer:
    return Renderer(Links(SecretStr(KEY), LINK_PATHS), PUBLIC_URL, MAIL_DOMAIN, helplines.load())


def letter(kind: Kind, language: str, *, centre: str = "link-bergen", **changes: object) -> MailContent:
    found = centres.load().get(centre)
    assert found is not None
    fields: dict[str, object] = {
        "kind": kind,
        "language": language,
        "centre": found,
        "signup_id": UUID(int=1),
        "stamp": NOW,
        "first_name": None if kind is Kind.ADDRESS_TO_CONFIRM else "Kari",
    }
    match kind:
        case Kind.ADDRESS_TO_CONFIRM:
            fields |= {"confirmation_id": UUID(int=2), "expires_at": datetime(2027, 3, 12, 12, 0, tzinfo=UTC)}
        case Kind.TALK_TO_COME:
            fields |= {"awaits": ("talk",)}
        case Kind.SEAT_OFFERED:
            fields |= {
                "seat_id": UUID(int=3),
                "slot": "thu-evening",
                "area_name": found.areas[0].name,
                "spoken_language": "nb",
                "size": 6,
                "deadline": datetime(2027, 3, 12, 12, 0, tzinfo=UTC),
            }
        case Kind.GROUP_CONFIRMED | Kind.PLAN_CHANGED | Kind.MEETING_TOMORROW | Kind.START_CANCELLED:
            fields |= {
                "seat_id": UUID(int=3),
                "meeting_id": UUID(int=4),
                "sequence": 2,
                "starts_at": STARTS_AT,
                "ends_at": ENDS_AT,
                "place_text": PLACE,
                "size": 6,
            }
    return MailContent(**(fields | changes))  # type: ignore[arg-type]
