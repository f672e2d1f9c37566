"""All actions of the audit log, each with its sentence (msgid)."""

from types import MappingProxyType
from typing import Final

from shared.kit.i18n import N_

ACTIONS: Final = MappingProxyType(
    {
        "account.invited": N_("Inviterte en igangsetter"),
        "account.recorded": N_("La inn en igangsetter som sa ja på telefon"),
        "account.opened": N_("Sa ja til å være igangsetter"),
        "account.declined": N_("Sa nei til å være igangsetter"),
        "account.viewed": N_("Åpnet siden om igangsetteren"),
        "account.activated": N_("Åpnet kontoen til igangsetteren igjen"),
        "account.deactivated": N_("Stengte kontoen til igangsetteren"),
        "account.erased": N_("Slettet igangsetteren"),
        "group.addresses_opened": N_("Åpnet de forseglede adressene til gruppa for et kontaktmøte"),
        "group.people_viewed": N_("Så hvem som er i gruppa"),
        "group.sheet_viewed": N_("Åpnet kontaktarket til gruppa"),
        "list.exported": N_("Hentet en liste som fil"),
        "people.searched": N_("Søkte etter personer"),
        "person.viewed": N_("Åpnet siden om personen"),
        "person.exported": N_("Hentet ut alt om personen"),
        "person.erased": N_("Slettet personen"),
        "person.corrected": N_("Endret det personen har svart"),
        "policy.saved": N_("Lagret nye regler eller tekster for senteret"),
        "signup.registered": N_("Meldte på personen på telefon"),
        "signup.confirmed": N_("Bekreftet påmeldingen på telefon"),
        "signup.talk_booked": N_("Avtalte tid for forsamtale på telefon"),
        "signup.talk_given_up": N_("Ga opp tiden for forsamtalen på telefon"),
        "signup.talk_held": N_("Skrev ned at forsamtalen er holdt"),
        "signup.talk_missed": N_("Skrev ned at personen ikke var å få tak i"),
        "signup.talk_not_now": N_("Skrev ned at det ikke passer med en gruppe nå"),
        "signup.talk_referred": N_("Skrev ned at personen er henvist videre"),
        "signup.talk_viewed": N_("Åpnet siden om forsamtalen"),
        "signup.information_read": N_("Skrev ned at informasjonen er lest"),
        "signup.renewed": N_("Skrev ned at personen fortsatt vil ha en gruppe"),
        "signup.paused": N_("Satte påmeldingen på pause"),
        "signup.resumed": N_("Avsluttet pausen"),
        "signup.texts_accepted": N_("Skrev ned at personen har sagt ja til de nye tekstene"),
        "staff.access_changed": N_("Endret hva brukeren har tilgang til"),
        "staff.added": N_("La til brukeren etter innlogging hos en annen"),
        "staff.bound": N_("Knyttet brukeren til innlogging hos en annen"),
        "staff.disabled": N_("Stengte brukeren"),
        "staff.enabled": N_("Åpnet brukeren igjen"),
        "staff.factors_removed": N_("Fjernet passnøkler og kodeapper fra brukeren"),
        "staff.password_reset": N_("Laget et engangspassord til brukeren"),
        "staff.sessions_ended": N_("Logget brukeren ut alle steder"),
        "talks.closed": N_("Lukket en tid for forsamtale"),
        "talks.opened": N_("Åpnet tider for forsamtale"),
        "talks.viewed": N_("Så hvem som har avtalt forsamtale"),
        "signup.withdrawn": N_("Meldte av personen"),
    }
)
