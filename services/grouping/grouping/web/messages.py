"""Sentences for refused commands."""

from collections.abc import Mapping
from typing import Final

from shared.errors import DomainError
from shared.kit.i18n import N_

IN_THE_PAST: Final = N_("Møtet må være fram i tid.")
HOLIDAY: Final = N_("%(day)s er %(holiday)s. Velg en annen dag, eller trykk en gang til for å bruke dagen likevel.")
HELD_IN_THE_FUTURE: Final = N_("Den tiden har ikke vært ennå.")

SENTENCES: Final[Mapping[str, str]] = {
    "too_few": N_("Det er ikke lenger så mange som venter på dette. Last inn siden på nytt og se hvem som venter nå."),
    "area_not_held": N_("Området er ikke på vent lenger, så grupper settes sammen av seg selv."),
    "size_outside_policy": N_("Så stor eller liten kan ikke en gruppe være hos dere."),
    "group_closed": N_("Gruppa har startet og er lukket. Ingen kan komme inn, og møtet kan ikke endres."),
    "group_cancelled": N_("Gruppa er avlyst, og de som var med, står på ventelisten igjen."),
    "not_confirmed": N_("Det første møtet er ikke satt opp ennå. Det kommer når nok har sagt ja."),
    "meeting_in_the_past": IN_THE_PAST,
    "no_meeting_ahead": N_("Personen har ikke plass på noe møte som er fram i tid."),
    "not_met": N_("Møtet har ikke begynt ennå. Skal det være en annen dag, kan dere flytte det."),
    "held_in_the_future": HELD_IN_THE_FUTURE,
    "report_too_late": N_("Det er mer enn to uker siden, så møtet kan ikke endres lenger."),
    "too_few_members": N_("Gruppa har for få medlemmer til å starte."),
    "igangsetter_taken": N_("Igangsetteren er med en annen gruppe på den tiden."),
    "room_taken": N_("En annen gruppe har rommet på den tiden."),
    "room_not_usable": N_("Gruppa kan ikke ha det rommet. Last inn siden på nytt og se hvorfor."),
    "not_the_next_deadline": N_("Fristen er en annen nå. Last inn siden på nytt."),
    "room_in_use": N_("Gruppa har rommet til den har startet. Da kan dere gi det tilbake."),
    "room_used": N_("En gruppe har hatt rommet, så det kan ikke slettes. Sett det på pause i stedet."),
    "has_igangsetter": N_("Gruppa har en igangsetter. Ta bort igangsetteren først, hvis gruppa skal starte uten."),
    "igangsetter_busy": N_(
        "Igangsetteren har en gruppe nå, og kan ikke slettes før den er ferdig eller har fått en annen."
    ),
    "igangsetter_not_free": N_("Igangsetteren har pause, har nok grupper eller har en annen gruppe på den tiden."),
    "told_already": N_("Alle har fått beskjed, så det kan ikke angres."),
    "enough_members": N_("Gruppa har nok medlemmer, så det er ingenting å velge. Last inn siden på nytt."),
    "reason_missing": N_("Skriv hvorfor gruppa kan starte med så få."),
    "too_few_to_start": N_("Det må være minst to for å starte en gruppe."),
    "does_not_fit": N_("Den gruppa passer ikke med tid, språk, reisevei eller hvem som er med."),
    "group_full": N_("Det er ikke flere plasser i den gruppa."),
    "no_seat": N_("Personen har ingen plass i et utkast lenger. Last inn siden på nytt."),
    "not_offered": N_("Ingen har fått beskjed om denne gruppa ennå, så det er ikke noe å svare på."),
    "answered_otherwise": N_(
        "Noen har alt skrevet at personen sa ja. Last inn siden på nytt. Har personen ombestemt seg, sier du fra på "
        "gruppas side."
    ),
    "seat_lapsed": N_("Fristen er ute, og plassen er gått videre. Personen står fortsatt på ventelisten."),
    "seat_released": N_("Personen har ikke denne plassen lenger. Last inn siden på nytt."),
    "unknown_seat": N_("Plassen finnes ikke lenger. Last inn siden på nytt."),
    "together_already": N_("De to har alt fått beskjed om plass i samme gruppe."),
    "unknown_group": N_("Gruppa er ikke her lenger. Last inn siden på nytt."),
    "unknown_signup": N_("Personen venter ikke her lenger. Last inn siden på nytt."),
    "too_early": N_("Det er for tidlig. Dere må møtes noen ganger til med igangsetteren først."),
    "on_its_own": N_("Gruppa er på egen hånd nå, og avtaler møtene sine selv."),
    "not_independent": N_("Igangsetteren er fortsatt med, så dette gjelder først når gruppa er på egen hånd."),
    "not_started": N_("Gruppa har ikke startet ennå."),
    "group_ended": N_("Gruppa er avsluttet."),
    "not_a_member": N_("Du er ikke lenger med i gruppa."),
    "members_unknown": N_("Vi vet ikke hvem alle i gruppa er, og da kan vi ikke spørre alle."),
    "members_known": N_("Alle i gruppa må si det hver for seg, med sin egen lenke."),
    "unknown_meeting": N_("Det møtet finnes ikke lenger."),
    "meeting_over": N_("Det møtet er avlyst eller har begynt."),
    "not_in_rhythm": N_("Dere møtes ikke på den dagen."),
    "rhythm_impossible": N_("Møtet må begynne mellom kl. 07 og kl. 22."),
    "pledge_in_the_future": N_("Den dagen har ikke vært ennå."),
    "pledge_before_start": N_("Det er før gruppa startet."),
    "pause_impossible": N_("Velg en dag fra i dag og høyst et år fram."),
    "no_open_visit": N_("Det er ikke noe besøk å svare på nå."),
    "no_visits": N_("Senteret kommer ikke på besøk til grupper. Ring eller skriv til senteret."),
    "no_question": N_("Det er ikke tid for det spørsmålet ennå."),
    "no_vote": N_("Dette trenger dere ikke å stemme over."),
    "vote_needed": N_("Dette må alle i gruppa ville. Spør dem først."),
    "vote_rest": N_("Gruppa er nettopp spurt om noe. Vent to uker før dere spør igjen."),
    "vote_closed": N_("Fristen er ute. Svaret ble ikke talt med."),
    "answered_already": N_("Du har svart. Et svar kan ikke endres."),
    "unknown_vote": N_("Fristen er ute, og svarene er slettet."),
    "unknown_ballot": N_("Fristen er ute, og svarene er slettet."),
    "not_asked": N_("Dette spør vi ikke om hos dere."),
    "not_dissolved": N_("Gruppa møtes fortsatt, så det er ikke noe å velge ennå."),
}
"""Slug of a ``DomainError`` to the sentence (msgid) for staff and members."""

_OTHERWISE: Final = N_("Det går ikke nå. Noe har endret seg siden du åpnet siden.")


def sentence_of(error: DomainError) -> str:
    """Return the sentence (msgid) for an act that the rules refuse."""
    return SENTENCES.get(error.slug, _OTHERWISE)
