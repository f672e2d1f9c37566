"""Acts of staff on people, accounts, talks and rules: how each is undone, or what asks before it."""

from types import MappingProxyType
from typing import Final

from shared.kit.i18n import N_
from shared.kit.web.acts import ON_A_PAGE, ON_THE_FORM, READ, SPOKEN, SURE, Acts, Asked, Undone

_USER: Final = "/stab/brukere/{user_id}"
_TALK: Final = "/stab/forsamtaler/{signup_id}"
_ACCOUNT: Final = "/stab/kontoer/{account_id}"
_PERSON: Final = "/stab/personer/{person_id}"
_POLICY: Final = "/stab/regler/{centre_id}"

ACTS: Final[Acts] = MappingProxyType(
    {
        f"{_USER}/apne": ON_A_PAGE,
        f"{_USER}/okter": ON_A_PAGE,
        f"{_USER}/passord": ON_A_PAGE,
        f"{_USER}/sikring": ON_A_PAGE,
        f"{_USER}/steng": ON_A_PAGE,
        f"{_USER}/tilgang": ON_THE_FORM,
        "/stab/forsamtaler": ON_THE_FORM,
        "/stab/forsamtaler/tider/{time_id}/lukk": Asked(
            N_("Vil du lukke tiden?"),
            N_("Har noen valgt den, får de beskjed med en gang og kan velge en annen. Det kan ikke angres."),
            N_("Ja, lukk tiden"),
        ),
        f"{_TALK}/gi-opp": SPOKEN,
        f"{_TALK}/ikke-svar": SPOKEN,
        f"{_TALK}/tid": SPOKEN,
        f"{_TALK}/utfall": SPOKEN,
        "/stab/historikk": READ,
        "/stab/kontoer/ny": ON_THE_FORM,
        f"{_ACCOUNT}/apne": Undone(f"{_ACCOUNT}/steng", {SURE: "ja"}),
        f"{_ACCOUNT}/inviter": Asked(
            N_("Vil du sende invitasjonen en gang til?"),
            N_("Igangsetteren får en ny e-post med en ny lenke."),
            N_("Ja, send invitasjonen"),
        ),
        f"{_ACCOUNT}/slett": ON_A_PAGE,
        f"{_ACCOUNT}/steng": Asked(
            N_("Vil du stenge kontoen?"),
            N_("Igangsetteren blir logget ut med en gang. Grupper som ikke har startet, får en annen."),
            N_("Ja, steng kontoen"),
            danger=True,
        ),
        "/stab/pamelding": ON_THE_FORM,
        "/stab/personer": READ,
        "/stab/personer/flere": READ,
        # Renewals cannot be undone: the question that they answer is closed, and nothing asks it anew at once.
        "/stab/personer/flere/gjor": ON_A_PAGE,
        "/stab/personer/sok": READ,
        f"{_PERSON}/avmeld": Asked(
            N_("Vil du melde av personen?"),
            N_(
                "Personen står ikke på ventelisten lenger, og mister plassen i en gruppe. "
                "De som har bekreftet, får beskjed. Alt om personen slettes etter et døgn."
            ),
            N_("Ja, meld av personen"),
            danger=True,
        ),
        f"{_PERSON}/bekreftet": SPOKEN,
        f"{_PERSON}/eksport": READ,
        f"{_PERSON}/endre": ON_THE_FORM,
        f"{_PERSON}/fortsatt": SPOKEN,
        f"{_PERSON}/informasjon": SPOKEN,
        f"{_PERSON}/pause": Asked(
            N_("Vil du gi personen en pause?"),
            N_(
                "Personen får beskjed, og får ingen tilbud før pausen er over. "
                "Har personen en plass i en gruppe, går den til en annen."
            ),
            N_("Ja, gi personen en pause"),
        ),
        f"{_PERSON}/samtale": SPOKEN,
        f"{_PERSON}/slett": ON_A_PAGE,
        f"{_PERSON}/tekst": SPOKEN,
        f"{_PERSON}/tilbake": SPOKEN,
        f"{_POLICY}/endre": ON_A_PAGE,
        f"{_POLICY}/tekster": ON_A_PAGE,
        f"{_POLICY}/utseende": ON_THE_FORM,
    }
)
"""Path of a POST route to what protects it."""
