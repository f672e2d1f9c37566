"""Sentences for refused commands."""

from collections.abc import Mapping
from typing import Final

from shared.kit.i18n import N_

SENTENCES: Final[Mapping[str, str]] = {
    "mail_not_open": N_("E-posten er ute allerede, eller sendes akkurat nå."),
    "mail_not_stuck": N_("E-posten trenger ikke sendes på nytt."),
    "nothing_to_call_about": N_("Dette trenger dere ikke ringe om lenger."),
    "next_call_too_late": N_("Da er fristen ute. Velg et tidligere tidspunkt for neste samtale."),
}
"""Slug of a ``DomainError`` to the sentence (msgid) for staff."""
