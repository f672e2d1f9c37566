"""Acts of staff on groups, people, rooms and igangsettere: how each is undone, or what asks before it."""

from types import MappingProxyType
from typing import Final

from shared.kit.i18n import N_
from shared.kit.web.acts import ON_A_PAGE, ON_THE_FORM, READ, SPOKEN, Acts, Asked, Undone

_GROUP: Final = "/stab/grupper/{group_id}"
_IGANGSETTER: Final = "/stab/igangsettere/{igangsetter_id}"
_AREA: Final = "/stab/omrader/{area_id}"
_PERSON: Final = "/stab/omrader/{area_id}/personer/{signup_id}"
_DEADLINE: Final = "/stab/rom/frister/{deadline_id}"
_ROOM: Final = "/stab/rom/{room_id}"

_PUT_OFF: Final = Asked(
    N_("Vil du utsette møtet?"),
    N_("Alle som har sagt ja, får beskjed med en gang. De beholder plassene sine. Det kan ikke angres."),
    N_("Ja, utsett møtet og gi beskjed"),
)
_MEETING_NOT_HELD: Final = Undone(
    f"{_GROUP}/moter",
    {"act": "holdt", "meeting": "{meeting}"},
    {"act": "ikke-holdt"},
    other=Asked(
        N_("Vil du avlyse dette møtet?"),
        N_("Alle i gruppa får beskjed om at møtet ikke blir noe av. De andre møtene står."),
        N_("Ja, avlys møtet og gi beskjed"),
        danger=True,
    ),
)

ACTS: Final[Acts] = MappingProxyType(
    {
        "/stab/grupper": READ,
        "/stab/grupper/sok": READ,
        "/stab/historikk/grupper": READ,
        f"{_GROUP}/angre": Asked(
            N_("Vil du forkaste forslaget?"),
            N_("Ingen får beskjed. De som er med, står på ventelisten som før, og området settes på vent."),
            N_("Ja, forkast forslaget"),
        ),
        f"{_GROUP}/avlys": ON_A_PAGE,
        f"{_GROUP}/avslutt": ON_A_PAGE,
        f"{_GROUP}/behold-dato": Asked(
            N_("Vil du beholde datoen?"),
            N_("Ingen får beskjed. Vi leter etter flere til kort før møtet."),
            N_("Ja, behold datoen"),
        ),
        f"{_GROUP}/besok": ON_THE_FORM,
        f"{_GROUP}/besok-nei": Asked(
            N_("Vil du si nei til besøket?"),
            N_("Gruppa får beskjed om at dere ikke kommer. Det kan ikke angres."),
            N_("Ja, gi beskjed om at vi ikke kommer"),
        ),
        f"{_GROUP}/en-gang-til": ON_THE_FORM,
        f"{_GROUP}/igangsettere": ON_THE_FORM,
        f"{_GROUP}/ikke-holdt": _PUT_OFF,
        f"{_GROUP}/let-videre": Asked(
            N_("Vil du lete lenger?"),
            N_("Ingen får beskjed. De som har sagt ja, venter lenger på en dato."),
            N_("Ja, let videre"),
        ),
        f"{_GROUP}/mote": ON_THE_FORM,
        f"{_GROUP}/moter": Undone(
            f"{_GROUP}/moter",
            {"act": "ikke-holdt", "meeting": "{meeting}"},
            {"act": "holdt"},
            other=_MEETING_NOT_HELD,
        ),
        f"{_GROUP}/moter/flytt": ON_THE_FORM,
        f"{_GROUP}/motes-likevel": Asked(
            N_("Skal gruppa møtes likevel?"),
            N_("Alle i gruppa får beskjed om møtet."),
            N_("Ja, gi beskjed om møtet"),
        ),
        f"{_GROUP}/ny-deltaker": SPOKEN,
        f"{_GROUP}/rapport": ON_THE_FORM,
        f"{_GROUP}/rom": ON_A_PAGE,
        f"{_GROUP}/rom-ledig": Asked(
            N_("Vil du gi rommet tilbake?"),
            N_("En annen gruppe kan få rommet med en gang. Ingen i denne gruppa får beskjed."),
            N_("Ja, gi rommet tilbake"),
        ),
        f"{_GROUP}/si-fra": Asked(
            N_("Vil du sende tilbudene nå?"),
            N_("Alle som er med i forslaget, får tilbud om plass med en gang. Det kan ikke angres."),
            N_("Ja, send tilbudene"),
        ),
        f"{_GROUP}/sla-sammen": Asked(
            N_("Vil du spørre om den andre gruppa?"),
            N_("Alle som har sagt ja, får spørsmål om å bli med i den andre gruppa. Det kan ikke angres."),
            N_("Ja, spør dem"),
        ),
        f"{_GROUP}/start-likevel": ON_THE_FORM,
        f"{_GROUP}/taushet": ON_THE_FORM,
        f"{_GROUP}/tider": ON_THE_FORM,
        f"{_GROUP}/uten-igangsetter": Asked(
            N_("Vil du endre hvordan gruppa starter?"),
            N_("Er det første møtet satt opp, får alle som har sagt ja, beskjed om at dette er endret."),
            N_("Ja, endre det"),
        ),
        f"{_GROUP}/utsett": _PUT_OFF,
        f"{_GROUP}/videre": Asked(
            N_("Vil du spørre medlemmene?"),
            N_("Alle i gruppa får spørsmål om de er klare til å gå videre alene."),
            N_("Ja, spør medlemmene"),
            when={"act": "spor"},
            other=Asked(
                N_("Går gruppa videre alene?"),
                N_("Gruppa får beskjed, og igangsetteren er ikke med lenger. Det kan ikke angres."),
                N_("Ja, gruppa går videre alene"),
                when={"act": "overlat"},
                other=SPOKEN,
            ),
        ),
        "/stab/igangsettere": READ,
        "/stab/igangsettere/ny": Undone(),
        "/stab/igangsettere/sporsmal/{question_id}/svar": SPOKEN,
        _IGANGSETTER: Undone(),
        f"{_IGANGSETTER}/pause": Undone(f"{_IGANGSETTER}/tilbake"),
        f"{_IGANGSETTER}/slett": Asked(
            N_("Vil du slette igangsetteren?"),
            N_(
                "Det som står her, blir borte, også hvilke grupper de har startet. "
                "En konto slettes for seg. Det kan ikke angres."
            ),
            N_("Ja, slett igangsetteren"),
            danger=True,
        ),
        f"{_IGANGSETTER}/tilbake": Undone(f"{_IGANGSETTER}/pause"),
        f"{_AREA}/grupper": Asked(
            N_("Vil du lage denne gruppa?"),
            N_("De som er med, får tilbud om plass når tiden for å forkaste forslaget er ute."),
            N_("Ja, lag gruppa"),
        ),
        f"{_AREA}/flere": READ,
        f"{_AREA}/flere/gjor": Undone(when={"gjor": "hold"}, other=Undone(when={"gjor": "videre"}, other=ON_A_PAGE)),
        f"{_PERSON}/fest": Undone(
            f"{_PERSON}/fest", {"pinned": "nei"}, {"pinned": "ja"}, other=Undone(f"{_PERSON}/fest", {"pinned": "ja"})
        ),
        f"{_PERSON}/flytt": Asked(
            N_("Vil du gi personen plassen?"),
            N_("Har de andre i gruppa fått tilbud, får personen også tilbud med en gang. Det kan ikke angres."),
            N_("Ja, gi personen plassen"),
        ),
        f"{_PERSON}/samle": Asked(
            N_("Kan de to være i samme gruppe?"),
            N_("De kan få plass i samme gruppe med en gang. Ingen av dem får vite at de ble holdt fra hverandre."),
            N_("Ja, de kan være i samme gruppe"),
        ),
        f"{_PERSON}/sett": Undone(f"{_PERSON}/sett", {"igjen": "ja"}),
        f"{_PERSON}/skill": Undone(),
        f"{_PERSON}/vent": Undone(f"{_PERSON}/videre"),
        f"{_PERSON}/videre": Undone(),
        f"{_AREA}/spor-igjen": Asked(
            N_("Vil du tilby dette igjen?"),
            N_("Personen kan få tilbud om det samme som det ble sagt nei til, kanskje med en gang."),
            N_("Ja, tilby det igjen"),
        ),
        f"{_AREA}/vent": Undone(f"{_AREA}/videre"),
        f"{_AREA}/videre": Undone(f"{_AREA}/vent"),
        "/stab/plasser/{seat_id}/svar": Asked(
            N_("Sa personen nei?"),
            N_("Plassen går til en annen med en gang, og personen står på ventelisten. Det kan ikke angres."),
            N_("Ja, personen sa nei"),
            danger=True,
            when={"svar": "nei"},
            other=SPOKEN,
        ),
        "/stab/rom": READ,
        "/stab/rom/frister": Undone(),
        _DEADLINE: Undone(),
        f"{_DEADLINE}/gjort": Undone(),
        f"{_DEADLINE}/slett": Asked(
            N_("Vil du slette fristen?"),
            N_("Dere blir ikke minnet på den lenger."),
            N_("Ja, slett fristen"),
            danger=True,
        ),
        "/stab/rom/nytt": Undone(),
        _ROOM: Undone(),
        f"{_ROOM}/pause": Undone(f"{_ROOM}/tilbake"),
        f"{_ROOM}/slett": Asked(
            N_("Vil du slette rommet?"),
            N_("Rommet blir borte for godt. Ingen gruppe har hatt det."),
            N_("Ja, slett rommet"),
            danger=True,
        ),
        f"{_ROOM}/tilbake": Undone(f"{_ROOM}/pause"),
    }
)
"""Path of a POST route to what protects it. ``Undone()`` without a path: the route itself names the act."""
