"""All actions of the audit log, each with its sentence (msgid)."""

from types import MappingProxyType
from typing import Final

from shared.kit.i18n import N_

ACTIONS: Final = MappingProxyType(
    {
        "mail.previewed": N_("Så på innholdet"),
        "mail.cancelled": N_("Stoppet den"),
        "mail.held": N_("Holdt den tilbake"),
        "mail.released": N_("Slapp den"),
        "mail.call_chosen": N_("Valgte å ringe i stedet"),
        "mail.retried": N_("Sendte på nytt"),
        "mail.set_aside": N_("Lot den ligge"),
        "mail.called": N_("Ringte"),
        "call.no_answer": N_("Ringte, men fikk ikke svar"),
        "call.told": N_("Ringte og ga beskjeden"),
        "list.exported": N_("Hentet en liste som fil"),
        "kontaktmote.planned": N_("Planla møtet"),
        "kontaktmote.deleted": N_("Slettet utkastet"),
        "kontaktmote.changed": N_("Endret møtet"),
        "kontaktmote.announced": N_("Sendte invitasjonene"),
        "kontaktmote.cancelled": N_("Avlyste møtet"),
        "kontaktmote.held": N_("Skrev ned hvor mange som kom"),
        "message.written": N_("Skrev meldingen"),
        "message.changed": N_("Endret meldingen"),
        "message.deleted": N_("Slettet utkastet til meldingen"),
        "message.sent": N_("Sendte meldingen"),
        "message.taken_back": N_("Trakk meldingen tilbake"),
        "mail_text.saved": N_("Lagret en ny tekst"),
        "mail_text.restored": N_("Tok en tidligere tekst i bruk igjen"),
        "call.noted": N_("Så at personen ikke er nådd"),
    }
)
