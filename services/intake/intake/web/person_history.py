"""What has happened with a person, in sentences, for the staff of the person's centres."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from intake.store import Signup, audit_log
from shared.kit.audit import AuditEntry
from shared.kit.i18n import N_
from shared.kit.web.timeline import Moment, acts, timeline

_FACTS: Final = {
    "signed_up_at": N_("Meldte seg på"),
    "confirmed_at": N_("Bekreftet påmeldingen"),
    "read_at": N_("Leste informasjonen"),
    "paused_at": N_("Tok en pause"),
    "renewed_at": N_("Viste at ønsket om en gruppe fortsatt gjelder"),
    "withdrawn_at": N_("Meldte seg av"),
}
"""Moments of a sign-up (msgids)."""

_PLACED: Final = {
    "offered": N_("Fikk tilbud om plass i en gruppe"),
    "seated": N_("Fikk plass i en gruppe"),
    "member": N_("Begynte i en gruppe"),
}


def person_history(
    gettext: Callable[[str], str], signups: Iterable[Signup], entries: Iterable[AuditEntry]
) -> list[Moment]:
    """Return what has happened, the newest first."""
    facts = [Moment(at, gettext(sentence)) for row in signups for at, sentence in _facts(row)]
    return timeline(facts[::-1], acts(gettext, audit_log, entries))


def _facts(row: Signup) -> Iterator[tuple[datetime, str]]:
    for name, sentence in _FACTS.items():
        if (at := getattr(row, name)) is not None:
            yield at, sentence
    if row.group_id is not None and row.placed_at is not None and row.state in _PLACED:
        yield row.placed_at, _PLACED[row.state]
