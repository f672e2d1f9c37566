"""Words that staff read about mails (msgids), by the fixed words of the database and of addresses."""

from collections.abc import Callable, Mapping
from typing import Final

from notify.domain.calls import Outcome
from notify.domain.delivery import Status
from notify.domain.mail_lists import ListName
from notify.domain.remedies import Remedy
from shared.kit.i18n import N_
from shared.reference.refusals import Refusal, refusal_of

LIST_LABELS: Final[Mapping[ListName, str]] = {
    "ring": N_("Ring"),
    "ikke-nadd": N_("Ikke nådd"),
    "feil": N_("Feilet"),
    "uvisst": N_("Uklart om den kom fram"),
    "ko": N_("Venter"),
    "sendes": N_("Sendes nå"),
    "holdt": N_("Holdt tilbake"),
    "sendt": N_("Sendt"),
    "stoppet": N_("Stoppet"),
}
"""Names of the lists of mails."""

STATES: Final[dict[Status, str]] = {
    Status.QUEUED: N_("venter"),
    Status.SENDING: N_("sendes nå"),
    Status.SENT: N_("sendt"),
    Status.RETRY: N_("prøves igjen"),
    Status.FAILED: N_("feilet"),
    Status.UNKNOWN: N_("uklart om den kom fram"),
    Status.CANCELLED: N_("stoppet"),
    Status.CALL: N_("må ringes"),
    Status.CALLED: N_("ringt"),
    Status.NOT_REACHED: N_("ikke fått tak i"),
}

HELD: Final = N_("holdt tilbake")
"""State of a mail that staff hold."""

REMEDIES: Final[Mapping[Remedy, str]] = {
    Remedy.SEND_AGAIN: N_("Send på nytt"),
    Remedy.CALL: N_("Ring i stedet"),
    Remedy.LET_BE: N_("La den ligge"),
}

LANGUAGES: Final[dict[str, str]] = {"nb": N_("bokmål"), "nn": N_("nynorsk"), "en": N_("engelsk")}
"""Languages of mails and calls, by code."""

OUTCOMES: Final[dict[str, str]] = {
    Outcome.TOLD: N_("ga beskjeden"),
    Outcome.NO_ANSWER: N_("fikk ikke svar"),
    Outcome.NOTED: N_("så at personen ikke er nådd"),
}

SEAT_RELEASED: Final = N_("Plassen er gitt fra seg.")
REFUSALS: Final[Mapping[Refusal, str]] = {
    "address_unknown": N_(
        "Adressen finnes trolig ikke, eller den tar ikke imot e-post. Hør med personen, og rett adressen."
    ),
    "mailbox_full": N_("Postkassa til personen er full. Ring, eller send på nytt om noen dager."),
    "sign_in_refused": N_("Postserveren godtar ikke innloggingen vår. Si fra til den som drifter systemet."),
    "not_accepted": N_(
        "Postserveren hos personen tok ikke imot e-posten. Hør med personen om adressen er riktig, eller ring."
    ),
    "busy": N_("Postserveren hos personen kunne ikke ta imot akkurat da. Vi prøver igjen av oss selv i et par dager."),
}
"""What a refusal means and what to do about it; the code itself helps nobody at a centre."""

GAVE_UP: Final = N_("Postserveren hos personen tok ikke imot e-posten på flere dager. Send på nytt, eller ring.")
SERVER_REFUSES: Final = N_(
    "Postserveren vår avviser oss. Si fra til den som drifter systemet. Vi prøver igjen av oss selv i mellomtiden."
)
REASONS: Final[dict[str, str]] = {
    "outcome_unknown": N_(
        "Forbindelsen ble brutt midt i sendingen, så e-posten kan ha kommet fram likevel. Hør med personen, eller send "
        "den på nytt."
    ),
    "no_email": N_("Personen har ingen e-postadresse."),
    "address_refused": N_("Adressen er avvist to ganger. Spør om den når dere ringer, og rett den hos personen."),
    "complained": N_(
        "Personen har merket e-post fra dere som søppelpost. Nå sender vi bare det personen selv ber om. Ring og hør "
        "om personen fortsatt vil være med."
    ),
    "delayed": N_("Postserveren hos personen har ikke tatt imot den ennå. Vår server prøver videre."),
    "person_gone": N_("Personen er slettet."),
    "not_answered": N_("Personen har ikke svart på e-posten."),
    "no_number": N_("Vi ringer om det samme alt, eller har ikke noe nummer."),
    "no_call_needed": N_("Det er ikke noe personen trenger å vite på telefon."),
    "replaced": N_("En nyere samtale gjelder."),
    "told": N_("Personen har fått beskjeden på telefon."),
    "not_reached": N_("Vi har ringt tre ganger uten å få svar."),
    "seat_declined": N_("Personen sa nei."),
    "withdrawn": N_("Personen har meldt seg av."),
    "expired": N_("Det var for sent til at den ga mening. Ring hvis det er noe personen bør vite."),
    "answered": N_("Spørsmålet er besvart."),
    "told_already": N_("Det samme sto i en tidligere e-post."),
    "told_in_welcome": N_("Velkomsten etter det første møtet sier det samme."),
    "has_seat": N_("Personen har alt fått vite om en plass."),
    "told_in_offer": N_("Tilbudet om en annen plass sier det samme."),
    "told_just_now": N_("En annen e-post hadde nettopp sagt det samme."),
    "never_told": N_("Personen hadde ikke hørt om planen."),
    "too_late": N_("Møtet var allerede for nært."),
    "not_addressed": N_("Meldingen ble trukket tilbake, eller personen hører ikke lenger til dem den er til."),
    "overtaken": N_("Noe nyere gjelder."),
    "plan_changed": N_("Planen er endret."),
    "meeting_postponed": N_("Møtet er utsatt."),
    "meeting_reported": N_("Det er skrevet ned hvordan møtet gikk."),
    "paused": N_("Personen har tatt en pause."),
    "group_started": N_("Møtet er holdt."),
    "group_cancelled": N_("Planen er avlyst."),
    "by_staff": N_("Stoppet av en medarbeider."),
    "held_too_long": N_("Den ble holdt tilbake i en uke, og ingen slapp den."),
    "told_by_sms": N_("Personen fikk påminnelsen på SMS."),
    "call_chosen": N_("En medarbeider valgte å ringe i stedet."),
    "not_made": N_("E-posten kunne ikke lages. Si fra til den som drifter systemet."),
}


def reason_text(reason: str | None, gettext: Callable[[str], str], *, retried: bool = False) -> str:
    """Return the reason of a mail's state as a sentence; empty if there is none."""
    label = reason_label(reason, retried=retried)
    return gettext(label) if label else ""


def reason_label(reason: str | None, *, retried: bool = False) -> str:
    """
    Return the msgid for the reason of a mail's state; empty if there is none.

    A final refusal of a mail that is tried again is not about its recipient: our own mail server refuses.
    """
    if reason is None:
        return ""
    if reason.isdigit():
        if retried and int(reason) >= 500 and refusal_of(int(reason)) != "sign_in_refused":
            return SERVER_REFUSES
        if not retried and int(reason) < 500 and refusal_of(int(reason)) == "busy":
            return GAVE_UP
        return REFUSALS[refusal_of(int(reason))]
    return REASONS.get(reason, SEAT_RELEASED if reason.startswith("seat_") else "")
