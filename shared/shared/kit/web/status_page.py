"""The page that tells people what is away and how long things have waited; it holds no number or name of a person."""

from collections.abc import Iterator, Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from shared.kit.i18n import N_
from shared.kit.observation import Observation, Observer
from shared.kit.web.pages import pages_of

PART_NAMES: Final[Mapping[str, str]] = {
    "intake": N_("Påmelding"),
    "grouping": N_("Grupper"),
    "notify": N_("E-post"),
}
DATABASE_AWAY: Final = N_("Databasen svarer ikke. Sider og skjemaer virker ikke før den er tilbake.")
BROKER_AWAY: Final = N_(
    "Meldingskøen svarer ikke. Skjemaer kan sendes som før. Det som skjer etterpå, venter til den er tilbake."
)
STARTING: Final = N_("Denne delen er i ferd med å starte. Det som har kommet, venter så lenge.")
CONSUMER_MISSING: Final = N_(
    "Denne delen får ikke det som de andre sender. Den som drifter systemet, må kjøre «selvhjelp migrate»."
)
OUTBOX_LATE: Final = N_("Det eldste som skal videre til de andre delene, har ventet i %(minutes)s minutter.")
DEAD_LETTERS: Final = N_("Noe lot seg ikke behandle, og venter på at noen ser på det.")


def routes(observer: Observer, service: str) -> APIRouter:
    """Return ``/status``, which the gateway serves to anybody under ``/-/<service>/status``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/status")
    async def show_status(request: Request) -> Response:
        """Tell in plain words what works and what is away; always 200, since the page itself works."""
        pages = pages_of(request)
        _ = pages.gettext(request)
        observation = await observer.latest()
        return pages.html(
            request,
            "status.html",
            service=service,
            parts={name: _(words) for name, words in PART_NAMES.items()},
            remarks=[_(sentence) % values for sentence, values in remarks(observation)],
        )

    return router


def remarks(observation: Observation) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Yield a sentence (msgid) and its numbers for each thing that is not as it should be."""
    if not observation.database:
        yield DATABASE_AWAY, {}
    if not observation.broker:
        yield BROKER_AWAY, {}
    elif observation.missing:
        yield CONSUMER_MISSING, {}
    elif not observation.listening:
        yield STARTING, {}
    for sample in observation.samples:
        if sample.value >= sample.family.late_seconds:
            yield sample.family.sentence, {"minutes": int(sample.value // 60)}
    if observation.queues is None:
        return
    if observation.outbox_is_late:
        yield OUTBOX_LATE, {"minutes": int(observation.queues.outbox_age_seconds // 60)}
    if observation.queues.dead_letters:
        yield DEAD_LETTERS, {}
