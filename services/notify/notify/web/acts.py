"""Acts of staff on mails, calls, messages and meetings of a centre: how each is undone, or what asks before it."""

from types import MappingProxyType
from typing import Final

from shared.kit.i18n import N_
from shared.kit.web.acts import ON_A_PAGE, ON_THE_FORM, READ, SPOKEN, Acts, Asked, Undone

_MESSAGE: Final = "/stab/meldinger/{message_id}"
_MEETING: Final = "/stab/moter/{kontaktmote_id}"
_MAIL: Final = "/stab/post/{mail_id}"
_CALL: Final = "/stab/ring/{mail_id}"

_DELETE_DRAFT: Final = Asked(
    N_("Vil du slette utkastet?"),
    N_("Det er ikke sendt, så ingen får beskjed. Det kan ikke hentes tilbake."),
    N_("Ja, slett utkastet"),
    danger=True,
)

ACTS: Final[Acts] = MappingProxyType(
    {
        "/stab/brev/{centre_id}/{mail_kind}": ON_A_PAGE,
        "/stab/historikk/post": READ,
        "/stab/meldinger": READ,
        "/stab/meldinger/ny": ON_THE_FORM,
        f"{_MESSAGE}/endre": ON_THE_FORM,
        f"{_MESSAGE}/send": ON_A_PAGE,
        f"{_MESSAGE}/slett": _DELETE_DRAFT,
        f"{_MESSAGE}/trekk-tilbake": Asked(
            N_("Vil du trekke meldingen tilbake?"),
            N_("De som ikke har fått den ennå, får den ikke. Den kan ikke sendes igjen."),
            N_("Ja, trekk den tilbake"),
            danger=True,
        ),
        "/stab/moter": READ,
        "/stab/moter/nytt": ON_THE_FORM,
        f"{_MEETING}/avlys": ON_A_PAGE,
        f"{_MEETING}/endre": ON_THE_FORM,
        f"{_MEETING}/holdt": ON_THE_FORM,
        f"{_MEETING}/send": ON_A_PAGE,
        f"{_MEETING}/slett": _DELETE_DRAFT,
        "/stab/post": READ,
        "/stab/post/alle": ON_A_PAGE,
        f"{_MAIL}/hold": Undone(f"{_MAIL}/slipp"),
        f"{_MAIL}/igjen": Asked(
            N_("Vil du sende den på nytt?"),
            N_("Kom den fram likevel, får personen den to ganger."),
            N_("Ja, send den på nytt"),
        ),
        f"{_MAIL}/la-ligge": Asked(
            N_("Vil du la den ligge?"),
            N_("Den blir ikke sendt, og ingen blir minnet på den."),
            N_("Ja, la den ligge"),
        ),
        f"{_MAIL}/ring": Asked(
            N_("Vil du ringe i stedet?"),
            N_("E-posten blir ikke sendt. Den blir en samtale blant oppgavene."),
            N_("Ja, jeg ringer"),
        ),
        f"{_MAIL}/se": READ,
        f"{_MAIL}/slipp": Undone(f"{_MAIL}/hold"),
        f"{_MAIL}/stopp": Asked(
            N_("Vil du stoppe den?"),
            N_("Personen får den ikke, og den kan ikke sendes igjen."),
            N_("Ja, stopp den"),
            danger=True,
        ),
        f"{_CALL}/ikke-svar": SPOKEN,
        f"{_CALL}/notert": Asked(
            N_("Vil du ta bort oppgaven?"),
            N_("Ingen blir minnet på at dere ikke fikk tak i personen."),
            N_("Ja, ta den bort"),
        ),
        f"{_CALL}/sagt": SPOKEN,
    }
)
"""Path of a POST route to what protects it."""
