"""All actions of the audit log, each with its sentence (msgid), which follows the username on pages."""

from types import MappingProxyType
from typing import Final

from shared.kit.i18n import N_

ACTIONS: Final = MappingProxyType(
    {
        "area.put_on_hold": N_("satte området på vent"),
        "area.resumed": N_("lot grupper settes sammen igjen"),
        "decision.date_kept": N_("beholdt datoen, selv om det mangler folk"),
        "decision.merged": N_("spurte medlemmene om en annen gruppe"),
        "decision.prolonged": N_("lot gruppa lete etter flere litt lenger"),
        "decision.put_off": N_("utsatte møtet, så flere kan bli med"),
        "decision.small_start_allowed": N_("lot gruppa starte med færre"),
        "draft.member_placed": N_("ga personen en plass, så flere får en gruppe"),
        "draft.member_moved": N_("flyttet personen, så flere får en gruppe"),
        "draft.relocated": N_("flyttet hele gruppa, så flere får en gruppe"),
        "draft.member_released": N_("satte personen tilbake på listen"),
        "draft.published": N_("sa fra til dem som er med"),
        "draft.undone": N_("angret gruppa før noen fikk vite om den"),
        "group.cancelled": N_("avlyste gruppa"),
        "group.formed": N_("satte sammen gruppa"),
        "group.room_released": N_("ga rommet tilbake"),
        "group.starters_set": N_("valgte hvem som starter gruppa"),
        "igangsetter.paused": N_("satte igangsetteren på pause"),
        "igangsetter.removed": N_("slettet igangsetteren"),
        "igangsetter.resumed": N_("lot igangsetteren ta grupper igjen"),
        "igangsetter.saved": N_("lagret igangsetteren"),
        "meeting.held": N_("skrev at møtet ble holdt"),
        "meeting.held_at": N_("skrev at møtet ble holdt en annen dag"),
        "meeting.not_held": N_("skrev at møtet ikke ble holdt"),
        "meeting.postponed": N_("utsatte møtet"),
        "meeting.set": N_("bestemte tid og sted"),
        "person.asked_again": N_("lot personen bli spurt igjen"),
        "person.excluded": N_("holdt personen tilbake"),
        "person.exclusion_added": N_("holdt personen fra en annen"),
        "person.exclusion_removed": N_("lot to møtes igjen"),
        "person.included": N_("lot personen få plass igjen"),
        "person.moved": N_("ga personen plass i gruppa"),
        "person.pinned": N_("holdt fast på plassen"),
        "person.unpinned": N_("slapp plassen løs"),
        "person.wait_seen": N_("så på den lange ventetiden"),
        "room.paused": N_("satte rommet på pause"),
        "room.removed": N_("slettet rommet"),
        "room.resumed": N_("tok rommet i bruk igjen"),
        "room.saved": N_("lagret rommet"),
        "seat.accepted_by_phone": N_("tok imot et ja på telefon"),
        "seat.declined_by_phone": N_("tok imot et nei på telefon"),
    }
)
