"""What has happened with a person, a group or a meeting, in sentences: acts of the audit log beside facts of events."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.kit.audit import AuditEntry, AuditLog
from shared.kit.web.audit_page import actor_name


@dataclass(frozen=True)
class Moment:
    """
    One line.

    Attributes:
        text: A sentence without its full stop.
        quiet: True for a line that is shown with all the others only, as a look at a page.
    """

    at: datetime
    text: str
    quiet: bool = False


def act_sentence(gettext: Callable[[str], str], audit_log: AuditLog, entry: AuditEntry) -> str:
    """Return who did what."""
    sentence = gettext(audit_log.sentence(entry.action))
    return f"{actor_name(gettext, entry.actor)} {sentence[:1].lower()}{sentence[1:]}"


def acts(gettext: Callable[[str], str], audit_log: AuditLog, entries: Iterable[AuditEntry]) -> list[Moment]:
    """Return acts as lines."""
    return [
        Moment(entry.at, act_sentence(gettext, audit_log, entry), entry.action.endswith(".viewed")) for entry in entries
    ]


def timeline(*parts: Iterable[Moment]) -> list[Moment]:
    """Return lines of several sources, the newest first; of one moment the later source first."""
    return sorted((moment for part in reversed(parts) for moment in part), key=lambda moment: moment.at, reverse=True)
