"""Labels of the sign-up form's fields, the sentences for its errors, and sentences for refused commands."""

from collections.abc import Iterable, Mapping
from typing import Final

from intake.domain.form import FieldError
from shared.kit.i18n import N_, Texts
from shared.kit.web import forms

LABELS: Final[Mapping[str, str]] = {
    "place": N_("Postnummer eller sted"),
    "place_choice": N_("Hvilket sted mener du?"),
    "nearby": N_("Hvilket senter vil du høre til?"),
    "first_name": N_("Fornavn"),
    "channel": N_("Hvordan kan vi nå deg?"),
    "email": N_("E-post"),
    "mobile": N_("Mobilnummer"),
    "quiet_name": N_("E-posten eller mobilnummeret til personen"),
    "slots": N_("Når kan det passe å møtes?"),
    "slots_if_needed": N_("Tider som kan gå om det trengs"),
    "digital": N_("Kan du være med i en gruppe på skjerm?"),
    "languages": N_("Hvilke språk kan du snakke i en gruppe?"),
    "max_travel_km": N_("Hvor langt kan du reise?"),
    "wheelchair": N_("Jeg trenger et møtested uten trapper"),
    "wishes": N_("Hvem vil du være i gruppe med?"),
    "wish_women": N_("En gruppe med bare kvinner?"),
    "wish_men": N_("En gruppe med bare menn?"),
    "wish_young": N_("En gruppe for unge voksne, 18 til 30 år?"),
    "adult": N_("Jeg er 18 år eller eldre"),
    "information_version": N_("Lest informasjonen"),
    "consent_version": N_("Samtykke"),
    "mail_language": N_("Språk i e-post"),
}
"""Field name to label (msgid), in the order of the page."""

_UNCOVERED = N_("Ingen av sentrene dekker dette stedet ennå.")

EMAIL_INVALID: Final = N_("Se over e-postadressen. Den skal se ut som navn@eksempel.no.")
MOBILE_INVALID: Final = N_("Se over mobilnummeret. Norske numre har åtte siffer.")

_FIELD_ERRORS: Final[Mapping[tuple[str, str], str]] = {
    ("place", "missing"): N_("Skriv postnummeret ditt, eller navnet på stedet der du bor."),
    ("place", "unknown_place"): N_("Vi finner ikke stedet. Prøv med postnummeret, fire siffer."),
    ("place", "unknown_code"): N_("Vi kjenner ikke postnummeret. Se over det, eller skriv navnet på stedet."),
    ("place", "several_places"): N_("Flere steder heter det samme. Velg hvilket du mener."),
    ("place", "uncovered"): _UNCOVERED,
    ("place", "other_centre"): N_("Stedet hører til et senter du ikke arbeider for."),
    ("place", "moved_centre"): N_("Stedet hører til et annet senter. Meld på der, eller ring senteret."),
    ("nearby", "missing"): N_("Velg et av sentrene, eller skriv et annet sted."),
    ("nearby", "not_a_choice"): N_("Ingen av sentrene dekker stedet. Velg i «nearby» et som tar imot folk derfra."),
    ("place_choice", "missing"): N_("Flere steder heter det samme. Velg hvilket du mener."),
    ("first_name", "missing"): N_("Skriv fornavnet ditt, eller det du vil bli kalt."),
    ("first_name", "too_long"): N_("Fornavnet kan ha høyst 100 tegn."),
    ("email", "contact_missing"): N_("Skriv e-postadressen eller mobilnummeret ditt, så vi kan nå deg."),
    ("email", "email_invalid"): EMAIL_INVALID,
    ("email", "missing"): N_("Skriv e-postadressen din."),
    ("email", "email_local_too_long"): N_("Det er for mange tegn før krøllalfa. En e-postadresse kan ha høyst 64."),
    ("email", "email_local_not_ascii"): N_(
        "Vi kan dessverre ikke sende til adresser med tegn som æ, ø og å før krøllalfa. Har du en annen adresse, eller "
        "et mobilnummer?"
    ),
    ("email", "asked_often"): N_(
        "Vi har skrevet til flere nye adresser for deg. Åpne e-posten i en av dem, eller ring senteret."
    ),
    ("email", "too_long"): EMAIL_INVALID,
    ("channel", "contact_missing"): N_("Velg hvordan vi kan nå deg, og skriv e-postadressen eller mobilnummeret."),
    ("mobile", "missing"): N_("Skriv mobilnummeret ditt."),
    ("mobile", "mobile_invalid"): MOBILE_INVALID,
    ("mobile", "too_long"): MOBILE_INVALID,
    ("quiet_name", "invalid"): N_("Skriv en e-postadresse, eller et mobilnummer."),
    ("quiet_name", "full"): N_(
        "Du har skrevet så mange ganger du kan. Ring senteret, så hjelper de deg. Nummeret står på denne siden."
    ),
    ("slots", "missing"): N_("Velg minst ett tidspunkt som kan passe."),
    ("languages", "missing"): N_("Velg minst ett språk."),
    ("languages", "not_a_choice"): N_("Velg blant språkene i listen."),
    ("max_travel_km", "missing"): N_("Velg hvor langt du kan reise."),
    ("max_travel_km", "out_of_range"): N_("Hvor langt du kan reise, må være fra 1 til 500 km."),
    ("digital", "not_offered"): N_("Senteret har ikke grupper på skjerm."),
    ("wishes", "not_a_choice"): N_("Et ønske er «women», «men» eller «young», og svaret er «also» eller «only»."),
    ("wishes", "wrong_type"): N_("Et ønske er «women», «men» eller «young», og svaret er «also» eller «only»."),
    ("wishes", "contradict"): N_(
        "Du har valgt bare kvinner eller bare menn som eneste mulighet. La det andre av de to spørsmålene stå på en "
        "vanlig gruppe."
    ),
    ("adult", "missing"): N_("Gruppene er for voksne. Kryss av hvis du er 18 år eller eldre."),
    ("adult", "adult_required"): N_("Gruppene er for voksne. Kryss av hvis du er 18 år eller eldre."),
    ("consent_version", "missing"): N_("Vi må ha ditt samtykke for å ta vare på det du har skrevet."),
    ("consent_version", "outdated"): N_("Samtykketeksten er endret. Les den på nytt og kryss av."),
    ("information_version", "unread"): N_("Senteret ber deg lese informasjonen først. Kryss av når du har lest den."),
    ("information_version", "outdated"): N_("Informasjonen er endret. Les den på nytt og kryss av."),
}

_ANY_FIELD: Final[Mapping[str, str]] = {
    "missing": N_("Feltet mangler."),
    "unknown_field": N_("Her er et felt vi ikke kjenner. Send bare de feltene som er beskrevet."),
    "control_character": N_("Teksten har tegn som ikke kan lagres. Skriv den på nytt."),
    "not_offered": N_(
        "Senteret kan ikke tilby en slik gruppe som du ønsker. Er en vanlig gruppe også fint, så send påmeldingen "
        "igjen uten det ønsket."
    ),
    "not_a_choice": N_("Velg et av alternativene."),
    "too_long": N_("Teksten er for lang."),
    "too_many": N_("Her er det valgt for mange."),
}
_WRONG = N_("Se over dette feltet.")


def sentence(error: FieldError) -> str:
    """Return the sentence (msgid) for one error."""
    return _FIELD_ERRORS.get((error.field, error.code)) or _ANY_FIELD.get(error.code) or _WRONG


def explain(errors: Iterable[FieldError], texts: Texts, locale: str) -> tuple[forms.FieldError, ...]:
    """Return all errors as sentences in the reader's language, in the order of the page."""
    order = list(LABELS)
    by_page = sorted(errors, key=lambda error: order.index(error.field) if error.field in order else len(order))
    return tuple(forms.FieldError(error.field, texts.gettext(locale, sentence(error))) for error in by_page)


SENTENCES: Final[Mapping[str, str]] = {
    "staff_own": N_("Din egen konto endrer du under navnet ditt øverst. Rollene dine endrer en annen administrator."),
    "staff_beyond": N_("Brukeren har tilgang til sentre som du ikke har. Det kan bare en administrator for alle dem."),
    "staff_more_roles": N_(
        "Det ville gi tilgang til mer enn du selv har. Be en administrator med de samme rollene, eller den som driver "
        "systemet."
    ),
    "staff_disabled": N_("Brukeren er stengt. Åpne kontoen først."),
    "no_roles": N_("Velg minst én rolle."),
    "no_centre": N_("Velg minst ett senter."),
    "nobody_in_group": N_("Ingen har plass i denne gruppa nå."),
    "not_confirmed": N_("Påmeldingen må bekreftes først."),
    "answered_otherwise": N_(
        "Noen har alt skrevet et annet svar. Last inn siden på nytt, og se hva som gjelder hos personen."
    ),
    "signup_over": N_("Personen har meldt seg av."),
    "address_asked": N_("Dette er bare spørsmålet om en ny e-postadresse. Personen bekrefter den i e-posten."),
    "talk_closed": N_("Personen kan ikke avtale en prat nå."),
    "talk_number_missing": N_("Skriv mobilnummeret ditt, så vi kan ringe."),
    "talk_outcome_impossible": N_("Det er ingen prat å skrive ned noe om nå. Last inn siden på nytt."),
    "talk_time_changed": N_("Noen valgte eller ga opp tiden akkurat nå. Last inn siden på nytt, og prøv igjen."),
    "talk_time_past": N_("Den første tiden er alt begynt. Velg et tidspunkt fram i tid."),
    "talk_time_taken": N_("Noen andre tok den tiden akkurat nå. Velg en av de andre."),
    "talk_times_overlap": N_("Den som holder samtalen, har alt en tid da. Velg et annet klokkeslett."),
    "unknown_talk_time": N_("Tiden finnes ikke lenger. Velg en av de andre."),
    "signup_not_waiting": N_("Personen venter ikke på en gruppe nå."),
    "consent_outdated": N_("Samtykketeksten er endret. Les den på nytt og kryss av."),
    "last_factor": N_("Du må ha minst én passnøkkel eller kodeapp. Legg til en ny før du fjerner den siste."),
    "too_many_factors": N_(
        "Du har ti passnøkler og kodeapper, og flere er det ikke plass til. Fjern en du ikke bruker."
    ),
    "no_factor": N_("Legg til en passnøkkel eller en kodeapp først."),
    "account_exists": N_("Dere har allerede en konto med den adressen."),
    "account_answered": N_("Invitasjonen er besvart."),
    "account_unanswered": N_("Invitasjonen er ikke besvart ennå."),
    "consent_missing": N_("Uten e-postadresse må dere ha fått et ja på telefonen først."),
    "unknown_account": N_("Den kontoen finnes ikke."),
    "unknown_signup": N_("Påmeldingen finnes ikke lenger."),
}
"""Slug of a ``DomainError`` to the sentence (msgid) for staff."""
