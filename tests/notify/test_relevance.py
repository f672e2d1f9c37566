"""Drop reasons of mails, and their stable ids."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from notify.domain import planning
from notify.domain.facts import Meeting, Seat, Signup
from notify.domain.mail_facts import MailFacts
from notify.mails.registry import mail_registry

NOON = datetime(2026, 1, 5, 11, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)


def signup(*, expires_at: datetime, confirmed: bool = False) -> Signup:
    return Signup(UUID(int=1), UUID(int=2), "nb", expires_at=expires_at, confirmed=confirmed)


def seat(*, deadline: datetime, taken: bool = False) -> Seat:
    return Seat(UUID(int=3), UUID(int=4), UUID(int=1), UUID(int=2), "nb", deadline=deadline, taken=taken)


def meeting(starts_at: datetime = LATER, sequence: int = 2) -> Meeting:
    return Meeting(UUID(int=5), sequence, starts_at, starts_at + timedelta(hours=2), "Biblioteket")


@pytest.mark.parametrize(
    ("kind", "facts", "reason"),
    [
        ("address_to_confirm", MailFacts(signup(expires_at=NOON)), "expired"),
        ("address_to_confirm", MailFacts(signup(expires_at=LATER)), None),
        ("address_to_confirm", MailFacts(signup(expires_at=LATER, confirmed=True)), "answered"),
        ("seat_offered", MailFacts(seat=seat(deadline=LATER, taken=True)), "answered"),
        ("seat_offered", MailFacts(seat=seat(deadline=NOON)), "expired"),
        ("seat_offered", MailFacts(seat=seat(deadline=LATER)), None),
        ("group_confirmed", MailFacts(meeting=meeting(NOON)), "expired"),
        ("group_confirmed", MailFacts(meeting=meeting()), None),
        ("meeting_tomorrow", MailFacts(meeting=meeting(NOON)), "expired"),
        ("plan_changed", MailFacts(meeting=meeting(NOON), told_sequence=1), "expired"),
        ("plan_changed", MailFacts(meeting=meeting(), told_sequence=2), "told_already"),
        ("plan_changed", MailFacts(meeting=meeting(), told_sequence=1), None),
        ("plan_changed", MailFacts(meeting=meeting()), None),
        ("start_cancelled", MailFacts(), "never_told"),
        ("start_cancelled", MailFacts(told_of_group=True), None),
        ("goodbye", MailFacts(), None),
    ],
)
def test_drop_reason_of_each_mail_follows_from_facts(kind: str, facts: MailFacts, reason: str | None) -> None:
    assert mail_registry()[kind].drop_reason(facts, NOON) == reason


def test_message_id_is_the_same_for_every_copy() -> None:
    mail_id = uuid4()
    assert planning.message_id(mail_id, "x.no") == planning.message_id(mail_id, "x.no")
    assert planning.message_id(mail_id, "x.no") != planning.message_id(uuid4(), "x.no")
