"""
Tables of people and their sign-ups, and what intake keeps beside them; groups, links, staff and others have modules.

Columns named ``*_sealed`` hold values that only the person's own key opens.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field

from intake.domain.signups import SignupState
from intake.store.audit_actions import ACTIONS
from shared.events.broker_access import published_by
from shared.kit.audit import AuditLog
from shared.kit.database.append_only import recorded_at
from shared.kit.database.columns import JSON, MOMENT, TEXTS, empty_list, one_of
from shared.kit.database.rows import Row
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.known_streams import KnownStreams
from shared.kit.messaging.outbox import Outbox
from shared.kit.tasks import TaskBook
from shared.kit.version_book import VersionBook


class Base(Row, registry=registry()):
    """Base class with intake's own MetaData."""


outbox = Outbox(Base.metadata)
inbox = Inbox(Base.metadata)
dead_letters = DeadLetters(Base.metadata, inbox)
known_streams = KnownStreams(Base.metadata, published_by("intake"))

task_book = TaskBook(Base.metadata, "intake", outbox)
"""The open tasks of staff about intake's own things."""

policy_book = VersionBook(Base.metadata, "centre_policies")
"""The newest policy of each centre, as all services keep it; ``policies`` has every version."""

audit_log = AuditLog(Base.metadata, ACTIONS)
"""
Acts of staff. An entry names its object by opaque id, so it stays when the person is erased.

An act on a sign-up has the object kind ``person`` too, with the id of the sign-up in ``details``.
"""

_LANGUAGES: Final = ("nb", "nn", "en")


class Person(Base, table=True):
    """
    A person who has signed up.

    Each submission opens a person of its own, with a key of its own. The first confirmation makes it a person who is
    known, or moves the sign-up to the one who confirms and deletes this one. Two people may share an address.

    Attributes:
        address_index: The blind index of the address; None without an address.
        mailbox_index: The same for the mailbox, which several spellings of an address lead to; for limits of mails.
        mobile_bucket: Two bytes of the blind index of the number, which a thousand numbers share: enough to find who
            may have the same number, and not to find the number.
        confirmed_at: Time of the first confirmation that the address or number is the person's own; until then no mail
            uses the name.
        replaces_id: The person who has asked for this address; the row is no person of its own then.
        email_index: No longer used; kept for the code of the version before.
    """

    __tablename__ = "people"
    __table_args__ = (sa.CheckConstraint(one_of("language", _LANGUAGES), name="people_language"),)

    person_id: UUID = Field(primary_key=True)
    email_index: bytes | None = Field(default=None, unique=True)
    email_sealed: bytes | None = None
    first_name_sealed: bytes
    mobile_sealed: bytes | None = None
    language: str = Field(max_length=2)
    created_at: datetime = Field(sa_type=MOMENT)
    address_index: bytes | None = Field(default=None, index=True)
    mailbox_index: bytes | None = Field(default=None, index=True)
    mobile_bucket: int | None = Field(default=None, index=True)
    replaces_id: UUID | None = Field(default=None, foreign_key="people.person_id", ondelete="CASCADE", index=True)
    confirmed_at: datetime | None = Field(default=None, sa_type=MOMENT)


class Submission(Base, table=True):
    """
    A form as it came, until the worker has decided about it; never changed.

    Attributes:
        submission_id: The id of the sign-up that it becomes.
        person_id: The key under which it is sealed, and the id of the person that it opens.
        form_index: The blind index of the whole form.
        address_index, mailbox_index, mobile_bucket: As of a :class:`Person`.
        proven: True if it came with proof of work, with the key of a centre, or by staff.
        wishes: The columns of the sign-up that the form fills.
        consent: The columns of the consent that the form gives.
        correlation_id: That of the request with the form, which the events about it take over.
    """

    __tablename__ = "submissions"
    __table_args__ = (sa.Index("submissions_undecided", "received_at", "submission_id"),)

    submission_id: UUID = Field(primary_key=True)
    person_id: UUID
    form_index: bytes
    address_index: bytes | None = None
    mailbox_index: bytes | None = None
    mobile_bucket: int | None = None
    email_sealed: bytes | None = None
    first_name_sealed: bytes
    mobile_sealed: bytes | None = None
    wishes: dict[str, Any] = Field(sa_type=JSONB)
    consent: dict[str, Any] = Field(sa_type=JSONB)
    correlation_id: UUID | None = None
    proven: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    received_at: datetime = Field(sa_type=MOMENT)


class Signup(Base, table=True):
    """
    A sign-up, with the wishes that are published to grouping.

    Attributes:
        version: The version of the newest event of this sign-up.
        first_name_sealed, mobile_sealed: Unconfirmed values from the form; moved to the person on confirmation.
        slots_if_needed: Other times, if need be; none of them is in ``slots``.
        digital: Whether a group on screen is no choice, one among others, or the only one.
        form_index: The blind index of the whole form while it is unconfirmed; an identical form is the same sign-up.
        groups_also: Wishes about the group that the person accepts, in the words of the policy.
        groups_only: The wishes among them that the person requires.
        read_version: The version of the information that was read at ``read_at``; None if it is not known.
        signed_up_at: Decides the position on the waiting list.
        expires_at: When an unconfirmed sign-up is deleted.
        paused_at: Start of the pause that the person has asked for; None without one.
        renewed_at: When the person last said that the wish for a group still holds; None until then.
        renewal_deadline: When the sign-up is withdrawn unless the person says so again; None until they are asked.
        asked_consent, asked_information: The versions of changed texts that the person is asked about while waiting.
        seat_slot, seat_starts_at: The time of the newest seat: the slot of the group, and its first meeting once that
            is called.
        group_id, group_version, placed_at: The newest seat change. After the group is cleared, ``placed_at`` is the end
            of that day, or a random moment.
        seat_id: The seat in that group. A member without one is in a group that started before grouping followed the
            lives of groups; only then does retention count from ``placed_at``.
        forgotten_at: A random moment of the day before grouping forgot the member, from which retention counts.
    """

    __tablename__ = "signups"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", SignupState), name="signups_state"),
        sa.CheckConstraint("version >= 1", name="signups_version"),
        sa.CheckConstraint(one_of("language", _LANGUAGES), name="signups_language"),
        sa.CheckConstraint(r"kommune ~ '^\d{4}$'", name="signups_kommune"),
        sa.CheckConstraint("cardinality(slots) between 1 and 21", name="signups_slots"),
        sa.CheckConstraint("cardinality(languages) between 1 and 10", name="signups_languages"),
        sa.CheckConstraint(
            "not slots && slots_if_needed and cardinality(slots_if_needed) <= 20", name="signups_slots_if_needed"
        ),
        sa.CheckConstraint("digital in ('no', 'also', 'only')", name="signups_digital"),
        sa.CheckConstraint("max_travel_km between 1 and 500", name="signups_travel"),
        sa.CheckConstraint("groups_only <@ groups_also and cardinality(groups_also) <= 5", name="signups_groups"),
        sa.CheckConstraint("(state = 'received') = (expires_at is not null)", name="signups_expire_unconfirmed"),
        sa.CheckConstraint("state = 'received' or form_index is null", name="signups_form_forgotten"),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at is not null)", name="signups_withdrawn"),
        sa.CheckConstraint(
            "state in ('received', 'withdrawn') or confirmed_at is not null", name="signups_confirmed_first"
        ),
        sa.CheckConstraint(
            "num_nulls(group_id, group_version) in (0, 2) and (group_id is null or placed_at is not null)",
            name="signups_placed_whole",
        ),
        sa.CheckConstraint("seat_id is null or group_id is not null", name="signups_seat_of_group"),
        sa.CheckConstraint(
            "forgotten_at is null or (state = 'member' and group_id is null)", name="signups_forgotten_member"
        ),
        sa.Index("signups_same_form", "form_index", unique=True, postgresql_where=sa.text("form_index is not null")),
        sa.Index(
            "signups_one_announced",
            "person_id",
            unique=True,
            postgresql_where=sa.text("state in ('ready', 'offered', 'seated')"),
        ),
        sa.Index("signups_one_confirmed", "person_id", unique=True, postgresql_where=sa.text("state = 'confirmed'")),
        sa.Index("signups_expiring", "expires_at", postgresql_where=sa.text("expires_at is not null")),
        sa.Index("signups_leaving", "withdrawn_at", postgresql_where=sa.text("withdrawn_at is not null")),
        sa.Index("signups_members", "placed_at", postgresql_where=sa.text("state = 'member'")),
        sa.Index("signups_forgotten", "forgotten_at", postgresql_where=sa.text("forgotten_at is not null")),
        sa.Index("signups_of_group", "group_id", postgresql_where=sa.text("group_id is not null")),
        sa.Index("signups_of_centre", "centre", "state", "signed_up_at"),
    )

    signup_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.person_id", ondelete="CASCADE", index=True)
    state: str = Field(max_length=16)
    version: int
    centre: str = Field(max_length=63)
    area: str = Field(max_length=63)
    kommune: str = Field(max_length=4)
    latitude: float
    longitude: float
    slots: list[str] = Field(sa_type=TEXTS)
    slots_if_needed: list[str] = Field(
        default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"}
    )
    digital: str = Field(default="no", max_length=4, sa_column_kwargs={"server_default": "no"})
    languages: list[str] = Field(sa_type=TEXTS)
    max_travel_km: int = Field(sa_type=sa.SmallInteger)
    wheelchair: bool
    groups_also: list[str] = Field(default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"})
    groups_only: list[str] = Field(default_factory=empty_list, sa_type=TEXTS, sa_column_kwargs={"server_default": "{}"})
    language: str = Field(max_length=2)
    by_mail: bool
    first_name_sealed: bytes | None = None
    mobile_sealed: bytes | None = None
    form_index: bytes | None = None
    signed_up_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime | None = Field(default=None, sa_type=MOMENT)
    confirmed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    read_at: datetime | None = Field(default=None, sa_type=MOMENT)
    read_version: str | None = Field(default=None, max_length=64)
    talked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    withdrawn_at: datetime | None = Field(default=None, sa_type=MOMENT)
    paused_at: datetime | None = Field(default=None, sa_type=MOMENT)
    renewed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    renewal_deadline: datetime | None = Field(default=None, sa_type=MOMENT)
    asked_consent: str | None = Field(default=None, max_length=64)
    asked_information: str | None = Field(default=None, max_length=64)
    seat_slot: str | None = Field(default=None, max_length=16)
    seat_starts_at: datetime | None = Field(default=None, sa_type=MOMENT)
    group_id: UUID | None = None
    group_version: int | None = None
    placed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    seat_id: UUID | None = None
    forgotten_at: datetime | None = Field(default=None, sa_type=MOMENT)


class Confirmation(Base, table=True):
    """
    The request in one mail to confirm that the address is the person's own.

    Attributes:
        signup_id: The sign-up to confirm; the older one after two sign-ups of a person were merged.
        asked_at: When the mail was requested; None while it is postponed because of a limit of mails.
        proven: As of the submission.
    """

    __tablename__ = "confirmations"
    __table_args__ = (sa.Index("confirmations_held_back", "person_id", postgresql_where=sa.text("asked_at is null")),)

    confirmation_id: UUID = Field(primary_key=True)
    signup_id: UUID = Field(foreign_key="signups.signup_id", ondelete="CASCADE", index=True)
    person_id: UUID = Field(foreign_key="people.person_id", ondelete="CASCADE", index=True)
    asked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    expires_at: datetime = Field(sa_type=MOMENT)
    confirmed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    proven: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})


class Consent(Base, table=True):
    """
    A consent: to which text, when and how.

    Attributes:
        how: ``web``, ``api`` or ``oral``.
        recorded_by: For an oral consent, the username of the member of staff on the phone.
    """

    __tablename__ = "consents"
    __table_args__ = (
        sa.CheckConstraint("how in ('web', 'api', 'oral')", name="consents_how"),
        sa.CheckConstraint("(how = 'oral') = (recorded_by is not null)", name="consents_heard_by"),
    )

    consent_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.person_id", ondelete="CASCADE", index=True)
    centre: str = Field(max_length=63)
    text_version: str = Field(max_length=64)
    information_version: str | None = Field(default=None, max_length=64)
    language: str = Field(max_length=2)
    given_at: datetime = Field(sa_type=MOMENT)
    how: str = Field(max_length=8)
    recorded_by: str | None = Field(default=None, max_length=63)


class Draft(Base, table=True):
    """
    An unfinished form of the web, sealed under a key that is only in the address of its pages.

    Attributes:
        draft_id: Derived from the key, which nobody can compute from it.
        expires_at: When the row is deleted, in wall time.
    """

    __tablename__ = "drafts"

    draft_id: bytes = Field(primary_key=True)
    sealed: bytes
    expires_at: datetime = Field(sa_type=MOMENT, index=True)


class IdempotencyKey(Base, table=True):
    """A used idempotency key with its form, both as blind indexes; kept for a day."""

    __tablename__ = "idempotency_keys"

    key_index: bytes = Field(primary_key=True)
    form_index: bytes
    used_at: datetime = Field(sa_type=MOMENT, index=True)


class Erasure(Base, table=True):
    """An entry of the erasure journal, by opaque id; the key database has the same entries."""

    __tablename__ = "erasures"

    person_id: UUID = Field(primary_key=True)
    erased_at: datetime = Field(sa_type=MOMENT)


class ContactReading(Base, table=True):
    """
    A reading of a person's contact details; see ``store.contact_readings``.

    Attributes:
        reader: A service, or the username of a member of staff.
        service: The service that asked, by its connection to the broker; None for a reading in intake itself.
        purpose: A :class:`~intake.domain.contacts.Purpose`.
    """

    __tablename__ = "contact_readings"

    reading_id: int | None = Field(default=None, primary_key=True, sa_type=sa.BigInteger)
    person_id: UUID = Field(index=True)
    reader: str = Field(max_length=63)
    service: str | None = Field(default=None, max_length=16)
    purpose: str = Field(max_length=16)
    read_at: datetime = Field(sa_type=MOMENT, index=True)
    recorded_at: datetime = Field(sa_column=recorded_at())


class ListedTask(Base, table=True):
    """
    A task of any service as its newest event states it; see ``store.tasks``.

    Attributes:
        version: The highest that has come; an older event changes nothing.
        closed_at: Closed tasks stay for a while without their contents, so that a late event does not open them.
    """

    __tablename__ = "listed_tasks"
    __table_args__ = (
        sa.Index("listed_tasks_open", "centre", "kind", postgresql_where=sa.text("closed_at IS NULL")),
        sa.Index("listed_tasks_closed", "closed_at", postgresql_where=sa.text("closed_at IS NOT NULL")),
        sa.Index("listed_tasks_person", "person_id", postgresql_where=sa.text("person_id IS NOT NULL")),
    )

    task_id: UUID = Field(primary_key=True)
    version: int
    kind: str | None = Field(default=None, max_length=40)
    centre: str | None = Field(default=None, max_length=63)
    visible_from: datetime | None = Field(default=None, sa_type=MOMENT)
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    urgent_from: datetime | None = Field(default=None, sa_type=MOMENT)
    person_id: UUID | None = None
    group_id: UUID | None = None
    path: str | None = Field(default=None, max_length=200)
    facts: dict[str, str | int] = Field(sa_type=JSON)
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT)


class PolicyVersion(Base, table=True):
    """
    A version of a centre's policy and texts; the database refuses to change or delete one.

    Attributes:
        number: Grows by one with each version of the centre; the highest holds.
        version: What it is called, as groups state it.
        source: ``file`` from the presets or the installation's file, ``web`` from the pages.
        created_at: When it began to hold.
        created_by: The username, for one from the pages.
    """

    __tablename__ = "policies"
    __table_args__ = (
        sa.CheckConstraint("number >= 1", name="policies_number"),
        sa.CheckConstraint("source in ('file', 'web')", name="policies_source"),
        sa.CheckConstraint("(source = 'web') = (created_by is not null)", name="policies_written_by"),
        sa.UniqueConstraint("centre", "version", name="policies_one_version"),
    )

    centre: str = Field(primary_key=True, max_length=63)
    number: int = Field(primary_key=True)
    version: str = Field(max_length=16)
    policy: dict[str, Any] = Field(sa_type=JSON)
    texts: dict[str, Any] = Field(sa_type=JSON)
    source: str = Field(max_length=8)
    created_at: datetime = Field(sa_type=MOMENT)
    created_by: str | None = Field(default=None, max_length=63)
