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


def acts(
    gettext: Callable[[str], str],
    audit_log: AuditLog,
    entries: Iterable[AuditEntry],
    more: Callable[[AuditEntry], str] = lambda _entry: "",
) -> list[Moment]:
    """Return acts as lines that say who did what, with ``more`` behind it."""

    def line(entry: AuditEntry) -> str:
        sentence = gettext(audit_log.sentence(entry.action))
        return f"{actor_name(gettext, entry.actor)} {sentence[:1].lower()}{sentence[1:]}{more(entry)}"

    return [Moment(entry.at, line(entry), entry.action.endswith(".viewed")) for entry in entries]


def timeline(*parts: Iterable[Moment]) -> list[Moment]:
    """Return lines of several sources, the newest first; of one moment the later source first."""
    return sorted((moment for part in reversed(parts) for moment in part), key=lambda moment: moment.at, reverse=True)
