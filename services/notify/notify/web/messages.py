"""Sentences for refused commands."""

from collections.abc import Mapping
from typing import Final

from shared.kit.i18n import N_

SENTENCES: Final[Mapping[str, str]] = {
    "mail_not_open": N_("E-posten er ute allerede."),
    "mail_not_waiting": N_("E-posten er ute allerede, sendes akkurat nå, eller er holdt tilbake."),
    "mail_not_held": N_("E-posten er ikke holdt tilbake lenger."),
    "mail_not_stuck": N_("E-posten trenger ikke sendes på nytt."),
    "nothing_to_call_about": N_("Dette trenger dere ikke ringe om lenger."),
    "kontaktmote_is_draft": N_("Invitasjonene er ikke sendt ennå."),
    "kontaktmote_is_announced": N_("Invitasjonene er sendt allerede."),
    "kontaktmote_is_cancelled": N_("Møtet er avlyst."),
    "kontaktmote_is_held": N_("Møtet er holdt."),
    "meeting_has_begun": N_("Tidspunktet må være fram i tid."),
    "meeting_not_begun": N_("Møtet har ikke begynt ennå."),
    "meeting_too_long": N_("Et møte kan vare høyst et døgn."),
    "meeting_is_full": N_("Det er ikke plass til så mange, og ventelisten er stengt."),
    "kontaktmoter_are_off": N_("Etter reglene har dere ikke kontaktmøter. Det kan dere endre under Regler."),
    "nobody_to_invite": N_("Det er ingen å invitere nå."),
    "mail_text_changed_meanwhile": N_(
        "En annen har lagret en ny tekst mens du skrev. Se på forskjellen en gang til før du lagrer."
    ),
    "message_is_draft": N_("Meldingen er ikke sendt ennå."),
    "message_is_sent": N_("Meldingen er sendt allerede."),
    "message_is_taken_back": N_("Meldingen er trukket tilbake."),
    "message_changed_meanwhile": N_("Noen har endret meldingen mens du leste. Les den en gang til før du sender."),
    "messages_used_up": N_("Senteret har sendt ti meldinger det siste døgnet. Vent litt med den neste."),
    "nobody_to_tell": N_("Det er ingen å sende til nå."),
    "group_on_its_own": N_("Gruppa går for seg selv. Senteret har trukket seg ut og skriver ikke til den."),
    "group_is_over": N_("Gruppa finnes ikke lenger."),
    "message_has_left": N_("Alle har fått meldingen, så den kan ikke trekkes tilbake."),
    "next_call_too_late": N_("Da er fristen ute. Velg et tidligere tidspunkt for neste samtale."),
}
"""Slug of a ``DomainError`` to the sentence (msgid) for staff."""
