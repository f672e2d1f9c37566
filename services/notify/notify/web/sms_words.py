"""How a short message stands, in words for staff. No delivery report is read: that a phone got it is never said."""

from datetime import datetime
from typing import Final

from notify.domain.delivery import Status
from notify.store.sms import NUMBER_REFUSED
from notify.store.sms_tables import Sms
from shared.kit.i18n import N_

_SENT: Final = N_("Gikk ut %(when)s. Vi får ikke vite om den kom fram.")
_WAITS: Final = N_("Går ut %(when)s.")
_SENDING: Final = N_("Går ut nå.")
_RETRY: Final = N_("Tjenesten tok ikke imot. Vi prøver igjen %(when)s.")
_UNKNOWN: Final = N_("Forbindelsen ble brutt, så vi vet ikke om den gikk ut.")
_REFUSED: Final = N_("Tjenesten avviste nummeret. Spør om det når dere ringer.")
_FAILED: Final = N_("Den gikk ikke ut.")


def sms_text(sms: Sms) -> tuple[str, datetime | None]:
    """Return how a message stands (msgid, with ``when``), and the time in it."""
    status = Status(sms.status)
    if status in {Status.QUEUED, Status.RETRY} or (status is Status.UNKNOWN and sms.next_at is not None):
        return (_RETRY if sms.attempt else _WAITS), sms.next_at
    if status is Status.SENDING:
        return _SENDING, None
    if status is Status.SENT:
        return _SENT, sms.settled_at
    if status is Status.UNKNOWN:
        return _UNKNOWN, None
    return (_REFUSED if sms.reason == NUMBER_REFUSED else _FAILED), None
