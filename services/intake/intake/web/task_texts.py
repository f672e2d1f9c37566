"""The sentence, the button and the name of each kind of task on the list of today."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from fastapi import Request

from intake.store import ListedTask
from shared.kit import i18n
from shared.kit.i18n import N_
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of
from shared.reference import slots
from shared.reference.group_names import group_name
from shared.reference.refusals import Refusal, refusal_of


@dataclass(frozen=True)
class KindText:
    """
    The words of one kind (msgids).

    Attributes:
        label: Its name in the filter.
        sentence: The sentence of a task, with the facts of the kind, ``name`` and ``group``.
        button: The one button of the row.
        by_name: True if the sentence names the person.
    """

    label: str
    sentence: str
    button: str
    by_name: bool = False


KIND_TEXTS: Final[Mapping[str, KindText]] = {
    "call": KindText(N_("Ringe"), N_("Ring %(name)s %(question)s."), N_("Ring"), by_name=True),
    "talk": KindText(N_("Forsamtaler"), N_("%(name)s venter på en forsamtale."), N_("Hold forsamtalen"), by_name=True),
    "talk_asked": KindText(
        N_("Forsamtaler"),
        N_("Ring %(name)s og ta praten, eller avtal en tid."),
        N_("Ring"),
        by_name=True,
    ),
    "talk_phone": KindText(
        N_("Forsamtaler"), N_("Ring %(name)s %(starts_at)s. Dere har avtalt en prat."), N_("Ring"), by_name=True
    ),
    "talk_office": KindText(
        N_("Forsamtaler"),
        N_("%(name)s kommer til kontoret %(starts_at)s for en prat."),
        N_("Åpne praten"),
        by_name=True,
    ),
    "talk_outcome": KindText(
        N_("Forsamtaler"),
        N_("Hvordan gikk praten med %(name)s %(starts_at)s?"),
        N_("Skriv det ned"),
        by_name=True,
    ),
    "information": KindText(
        N_("Skal lese informasjonen"),
        N_("%(name)s har ikke lest informasjonen ennå. Les den sammen på telefon."),
        N_("Åpne personen"),
        by_name=True,
    ),
    "offer_expiring": KindText(
        N_("Tilbud som går ut"),
        N_("%(name)s har ikke svart på plassen i gruppa %(group)s, og fristen er %(deadline)s."),
        N_("Åpne gruppa"),
        by_name=True,
    ),
    "group_filling": KindText(
        N_("Grupper som leter"),
        N_("%(group)s har %(taken)s av minst %(size_min)s og leter etter flere til %(until)s."),
        N_("Åpne gruppa"),
    ),
    "group_below_minimum": KindText(
        N_("Grupper med for få"),
        N_("%(group)s har for få: %(taken)s av minst %(size_min)s. Første møte er %(starts_at)s."),
        N_("Åpne gruppa"),
    ),
    "group_to_decide": KindText(
        N_("Grupper å bestemme for"),
        N_("Bestem hva som skjer med %(group)s: %(taken)s av minst %(size_min)s, første møte %(starts_at)s."),
        N_("Bestem"),
    ),
    "meeting_lacks_address": KindText(
        N_("Møter uten adresse"), N_("%(group)s mangler adresse. Første møte er %(starts_at)s."), N_("Skaff rom")
    ),
    "meeting_lacks_igangsetter": KindText(
        N_("Møter uten igangsetter"),
        N_("%(group)s mangler igangsetter. Første møte er %(starts_at)s."),
        N_("Finn igangsetter"),
    ),
    "meeting_without_date": KindText(
        N_("Utsatte grupper"),
        N_("%(group)s skulle møttes %(since)s, men er utsatt og har ingen ny dato."),
        N_("Sett ny dato"),
    ),
    "pledge_missing": KindText(
        N_("Taushetsplikten"),
        N_("%(group)s startet %(since)s. Det er ikke skrevet ned at gruppa har snakket om taushetsplikt."),
        N_("Skriv det ned"),
    ),
    "group_without_meeting": KindText(
        N_("Grupper uten neste møte"),
        N_("%(group)s har ingen møter framover. Det siste var %(since)s."),
        N_("Sett neste møte"),
    ),
    "handover_question": KindText(
        N_("Kan gruppa gå videre alene?"),
        N_("Spør om %(group)s er klar til å fortsette alene. Antall møter til nå: %(meetings)s."),
        N_("Åpne gruppa"),
    ),
    "follow_up_due": KindText(
        N_("Besøk etter en tid alene"),
        N_("%(group)s har møttes alene noen ganger siden %(since)s. Avtal når dere kommer på besøk."),
        N_("Avtal besøket"),
    ),
    "visit_asked": KindText(
        N_("Grupper som ber om besøk"),
        N_("%(group)s ba om besøk %(since)s."),
        N_("Svar gruppa"),
    ),
    "conflict_visit_agreed": KindText(
        N_("Besøk til grupper som strever"),
        N_("Alle i %(group)s ønsker at dere kommer. De bestemte det %(since)s. Dere velger selv om dere vil."),
        N_("Svar gruppa"),
    ),
    "group_rest": KindText(
        N_("Grupper med få igjen"),
        N_("%(group)s har %(members)s igjen. Spør om de vil starte en ny gruppe sammen med flere."),
        N_("Åpne gruppa"),
    ),
    "newcomer_wanted": KindText(
        N_("Grupper som vil ha en ny"),
        N_("Alle i %(group)s har sagt ja til én ny deltaker. Spør en som venter. Det gjelder til %(until)s."),
        N_("Finn en ny"),
    ),
    "mail_failed": KindText(
        N_("E-post som ikke kom fram"),
        N_("%(name)s fikk ikke e-posten «%(mail)s». %(reason)s"),
        N_("Åpne e-posten"),
        by_name=True,
    ),
    "mail_complaint": KindText(
        N_("E-post som er meldt som søppelpost"),
        N_(
            "%(name)s har merket e-posten «%(mail)s» som søppelpost. Ring og hør om personen fortsatt vil være med. Nå "
            "sender vi bare det personen selv ber om."
        ),
        N_("Åpne e-posten"),
        by_name=True,
    ),
    "mail_server": KindText(
        N_("Postserveren"),
        N_(
            "E-post kan ikke sendes nå. %(reason)s Si fra til dem som drifter postserveren. Det som venter, sendes av "
            "seg selv når den virker igjen."
        ),
        N_("Se hva som venter"),
    ),
    "meeting_to_announce": KindText(
        N_("Invitasjoner som ikke er sendt"),
        N_("Dere har planlagt et møte %(starts_at)s, men invitasjonene er ikke sendt."),
        N_("Åpne møtet"),
    ),
    "meeting_attendance": KindText(
        N_("Møter som er over"),
        N_("Møtet %(starts_at)s er over. Hvor mange kom?"),
        N_("Skriv det ned"),
    ),
    "lending_deadline": KindText(
        N_("Frister for lån av rom"),
        N_("Søk %(lender)s om %(what)s. Siste dag er %(last_day)s."),
        N_("Åpne fristene"),
    ),
    "area_on_hold": KindText(
        N_("Områder på vent"),
        N_("%(area_name)s er satt på vent siden %(since)s. %(waiting)s venter der."),
        N_("Åpne området"),
    ),
    "long_wait": KindText(
        N_("Lang ventetid"),
        N_("%(name)s har ventet i %(waited_days)s dager i %(area_name)s."),
        N_("Åpne personen"),
        by_name=True,
    ),
    "dead_letters": KindText(
        N_("Hendelser som stoppet"), N_("Noe om %(service)s kunne ikke behandles. Antall: %(count)s."), N_("Åpne")
    ),
}
"""By the keys of :mod:`shared.reference.task_kinds`."""

SERVICES: Final[Mapping[str, str]] = {
    "intake": N_("påmeldinger"),
    "grouping": N_("grupper"),
    "notify": N_("e-post og samtaler"),
}
"""What each service is about, for those who do not know its name."""

UNKNOWN_KIND: Final = KindText(N_("Annet"), N_("Noe trenger et menneske."), N_("Åpne"))
"""For a kind of a newer version of another service."""

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
SOMEBODY: Final = N_("En person")

QUESTIONS: Final[Mapping[str, str]] = {
    "address_to_confirm": N_("for å bekrefte påmeldingen"),
    "seat_offered": N_("om plassen i gruppa"),
    "question_moved": N_("om plassen i gruppa"),
    "starter_asked": N_("for å høre om det passer å starte en gruppe"),
    "still_coming": N_("og hør om det første møtet fortsatt passer"),
    "still_coming_again": N_("og hør om det første møtet fortsatt passer"),
    "coming_unanswered": N_("og hør om det første møtet fortsatt passer"),
    "not_reached": N_("eller si fra til gruppa: tre samtaler om møtet er ikke besvart"),
    "still_wanted": N_("for å høre om det fortsatt passer med en gruppe"),
    "sign_of_life": N_("for å høre om det fortsatt passer med en gruppe"),
    "renewal": N_("for å høre om det fortsatt passer med en gruppe"),
    "texts_changed": N_("for å lese opp en tekst som er endret"),
    "talk_to_come": N_("om forsamtalen"),
    "talk_offered": N_("om forsamtalen"),
    "talk_cancelled": N_("om forsamtalen"),
    "talk_tomorrow": N_("om forsamtalen"),
}
"""The subject of a call by the kind of the mail that it replaces."""

UNANSWERED: Final = N_("Ringt uten svar: %(attempts)s.")
"""Follows the sentence of a call that was not answered the last time."""

NEWS: Final = N_("med en beskjed")
"""The subject of all other calls."""

MAILS: Final[Mapping[str, str]] = {
    "address_to_confirm": N_("Bekreft påmeldingen"),
    "talk_to_come": N_("Forsamtalen"),
    "on_the_list": N_("Du står på ventelisten"),
    "seat_offered": N_("Plass i en gruppe"),
    "starter_asked": N_("Spørsmål til igangsetter"),
    "starter_agreed": N_("Igangsetter er avtalt"),
    "starter_released": N_("Igangsetter trengs ikke likevel"),
    "starter_names": N_("Fornavnene til igangsetteren"),
    "starter_asked_back": N_("Spørsmål til igangsetter om besøk"),
    "group_confirmed": N_("Gruppa er klar"),
    "meeting_tomorrow": N_("Møtet i morgen"),
    "still_coming": N_("Kommer du fortsatt?"),
    "still_coming_again": N_("Kommer du?"),
    "coming_unanswered": N_("Kommer du?"),
    "plan_changed": N_("Planen er endret"),
    "start_cancelled": N_("Planen er avlyst"),
    "goodbye": N_("Du er meldt av"),
    "address": N_("Adressen"),
    "meeting_postponed": N_("Utsatt møte"),
    "question_moved": N_("Spørsmål om annet sted eller tid"),
    "seat_gone": N_("Mistet plassen"),
    "seat_given_up": N_("Ga fra seg plassen"),
    "still_wanted": N_("Vil du fortsatt være med?"),
    "sign_of_life": N_("Livstegn"),
    "renewal": N_("Fornye plassen på ventelisten"),
    "texts_changed": N_("Endret tekst"),
    "paused": N_("Tatt pause"),
    "page_link": N_("Lenken til egen side"),
    "account_invited": N_("Invitasjon til igangsetter"),
    "account_link": N_("Lenken til igangsetteren"),
    "talk_booked": N_("Tid for en prat"),
    "talk_tomorrow": N_("Praten i morgen"),
    "talk_cancelled": N_("Praten er avlyst"),
    "talk_offered": N_("Nye tider for en prat"),
    "group_started": N_("Velkommen etter oppstart"),
    "rhythm_set": N_("Faste møtetider"),
    "meetings_changed": N_("Endrede møter"),
    "absence_told": N_("En kan ikke komme"),
    "weekly_reminder": N_("Påminnelse om fast møte"),
    "handover_asked": N_("Klare til å fortsette alene?"),
    "handed_over": N_("På egen hånd"),
    "follow_up_offered": N_("Tilbud om besøk"),
    "visit_agreed": N_("Avtalt besøk"),
    "visit_declined": N_("Ikke noe besøk"),
    "member_left": N_("Sluttet"),
    "vote_opened": N_("Hemmelig spørsmål til alle"),
    "vote_closed": N_("Svar på hemmelig spørsmål"),
    "keep_alive": N_("Møtes dere fortsatt?"),
    "dissolved": N_("Oppløst, tre veier videre"),
    "way_on": N_("Valgte vei videre"),
    "member_admitted": N_("Velkommen som ny"),
    "newcomer_joined": N_("En ny blir med"),
    "centre_message": N_("Melding fra senteret"),
    "kontaktmote_invited": N_("Invitasjon til møte"),
    "kontaktmote_guest": N_("Bekreftelse til møte"),
    "kontaktmote_place": N_("Tid og sted for møte"),
    "kontaktmote_given_up": N_("Plass gitt tilbake"),
    "kontaktmote_changed": N_("Endret møte"),
    "kontaktmote_cancelled": N_("Avlyst møte"),
    "kontaktmote_reminder": N_("Påminnelse om møte"),
    "kontaktmote_full": N_("Møtet er fullt"),
}

REASONS: Final[Mapping[str, str]] = {
    "address_refused": N_("Postserveren hos mottakeren avviser adressen. Rett den sammen med personen."),
    "not_made": N_("E-posten kunne ikke lages. Si fra til den som drifter systemet."),
    "outcome_unknown": N_("Forbindelsen ble brutt midt i sendingen. Hør med personen om den kom fram."),
    "expired": N_("Det var for sent til at den ga mening. Ring hvis det er noe personen bør vite."),
    "unreachable": N_("Postserveren svarer ikke."),
    "refused": N_("Postserveren avviser oss."),
}

REFUSALS: Final[Mapping[Refusal, str]] = {
    "address_unknown": N_("Adressen finnes trolig ikke, eller den tar ikke imot e-post. Rett den sammen med personen."),
    "mailbox_full": N_("Postkassa til personen er full. Ring personen."),
    "sign_in_refused": N_("Postserveren godtar ikke innloggingen vår."),
    "not_accepted": N_("Postserveren tok ikke imot. Hør med personen om adressen er riktig."),
    "busy": N_("Postserveren kunne ikke ta imot."),
}
"""What a refusal of a mail server means; the sentence of the kind says what to do."""


def kind_text(kind: str | None) -> KindText:
    """Return the words of a kind."""
    return KIND_TEXTS.get(kind or "", UNKNOWN_KIND)


def sentence(request: Request, task: ListedTask, name: str | None) -> str:
    """
    Return the sentence of a task in the reader's language.

    Args:
        request: Of the reader.
        task: The task; facts that it lacks are left empty, so that an old event never breaks the page.
        name: The first name of the person that it is about.
    """
    _ = pages_of(request).gettext(request)
    locale = locale_of(request)
    values = _Values({name: _fact(fact, locale) for name, fact in task.facts.items()})
    values["name"] = name or _(SOMEBODY)
    if "slot" in task.facts:
        values["group"] = _group(task.facts, locale)
    for fact, labels, default in (("question", QUESTIONS, NEWS), ("mail", MAILS, ""), ("service", SERVICES, "")):
        if fact in task.facts:
            values[fact] = _(labels.get(str(task.facts[fact]), default)) or str(task.facts[fact])
    if "reason" in task.facts:
        reason = _reason(str(task.facts["reason"]), of_mail=task.kind == "mail_failed")
        values["reason"] = _(reason) if reason else ""
    text = _(kind_text(task.kind).sentence) % values
    return f"{text} {_(UNANSWERED) % values}" if task.facts.get("attempts") else text


def _reason(reason: str, *, of_mail: bool) -> str:
    """Return the msgid of a reason: a word, or the reply code of a mail server, about one mail or about all."""
    if reason.isdecimal() and not of_mail:
        meaning = refusal_of(int(reason))
        return REFUSALS[meaning] if meaning in {"sign_in_refused", "busy"} else REASONS["refused"]
    return REFUSALS[refusal_of(int(reason))] if reason.isdecimal() else REASONS.get(reason, "")


def _fact(value: str | int, locale: str) -> str:
    """Return a fact in words: a slot, a time, or itself."""
    text = str(value)
    if isinstance(value, str) and _DAY.fullmatch(text):
        return i18n.format_date(date.fromisoformat(text), locale)
    if text in slots.SLOTS:
        return slots.label(text, locale)
    try:
        moment = datetime.fromisoformat(text) if isinstance(value, str) and "T" in text else None
    except ValueError:
        return text
    return text if moment is None or moment.tzinfo is None else i18n.format_when(moment, locale)


def _group(facts: Mapping[str, str | int], locale: str) -> str:
    """Return the name of a group; older tasks state neither its date nor its number."""
    slot, number = str(facts["slot"]), facts.get("number", 1)
    if slot not in slots.SLOTS:
        return str(facts.get("place", ""))
    try:
        date = datetime.fromisoformat(str(facts.get("date", "")))
    except ValueError:
        date = None
    known = date if date is not None and date.tzinfo is not None else None
    return group_name(str(facts.get("place", "")), slot, known, locale, number if isinstance(number, int) else 1)


class _Values(dict[str, str]):
    def __missing__(self, _key: str) -> str:
        return ""
