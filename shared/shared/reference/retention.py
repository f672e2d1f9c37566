"""
How long each kind of data is kept: functions of the centre's policy, used by all three services.

The source is the project's list of data to be erased. Spans are in the system's time. Policies do not
differ in them today; None stands for a centre that the installation no longer has.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from shared.reference.centres import Centres
from shared.reference.policy import Policy

Retention = Callable[[Policy | None], timedelta]


def unconfirmed_signup_kept(_policy: Policy | None) -> timedelta:
    """Return for how long a sign-up waits for its confirmation by mail; then everything about it is erased."""
    return timedelta(hours=72)


def uncalled_signup_kept(_policy: Policy | None) -> timedelta:
    """Return for how long a sign-up with only a phone number waits for the centre's call; then it is erased."""
    return timedelta(days=14)


def withdrawn_signup_kept(_policy: Policy | None) -> timedelta:
    """Return for how long a withdrawn sign-up is kept, so that the goodbye can be sent."""
    return timedelta(hours=24)


def renewal_asked_after(_policy: Policy | None) -> timedelta:
    """Return for how long a person waits before the question whether the wish for a group still holds."""
    return timedelta(days=335)


def waiting_signup_kept(_policy: Policy | None) -> timedelta:
    """Return for how long a person waits without an answer to that question; then the sign-up is withdrawn."""
    return timedelta(days=365)


def membership_kept(_policy: Policy | None) -> timedelta:
    """Return for how long after its start the members of a group are kept that has no life in grouping."""
    return timedelta(weeks=8)


def forgotten_member_kept(_policy: Policy | None) -> timedelta:
    """Return for how long a member is kept whom grouping has forgotten, so that the last mail can be sent."""
    return timedelta(hours=24)


def group_links_kept(_policy: Policy | None) -> timedelta:
    """Return for how long after a group is closed rows may link two of its people."""
    return timedelta(days=14)


def accompaniment_kept(policy: Policy | None) -> timedelta:
    """Return for how long after its start a group counts as accompanied if nobody says that it was handed over."""
    meetings = None if policy is None or policy.starter_meetings == "agreed_with_group" else policy.starter_meetings.max
    return timedelta(weeks=26) if meetings is None else timedelta(weeks=8 + 2 * meetings)


def return_visit_awaited(policy: Policy | None) -> timedelta:
    """Return for how long after the handover a return visit can be awaited, pauses of the group included."""
    after = None if policy is None else policy.followup_after_solo
    return timedelta() if after is None else timedelta(weeks=8 + 2 * after.max)


def left_ids_kept(_policy: Policy | None) -> timedelta:
    """Return for how long grouping keeps ids of people who left: longer than streams (7 days) and inboxes (14 days)."""
    return timedelta(days=30)


def erased_ids_kept(_policy: Policy | None) -> timedelta:
    """Return for how long notify keeps ids of erased people: longer than any stream keeps an event about them."""
    return timedelta(days=14)


def mails_kept(_policy: Policy | None) -> timedelta:
    """Return for how long a mail is kept after it was sent or given up, or its sign-up was withdrawn."""
    return timedelta(days=30)


def audit_log_kept(_policy: Policy | None) -> timedelta:
    """Return for how long acts of staff are kept."""
    return timedelta(days=365)


def contact_readings_kept(_policy: Policy | None) -> timedelta:
    """Return for how long the readings of contact details by staff are kept."""
    return timedelta(days=365)


def cutoffs(centres: Centres, kept: Retention, now: datetime) -> dict[str, datetime]:
    """Return, for each centre by id, the moment before which such data is deleted; for others use ``kept(None)``."""
    return {centre.id: now - kept(centre.policy) for centre in centres.all}
