"""The page of a service's security events, for admins: one day, all kinds or one."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from shared.kit.i18n import N_
from shared.kit.security_events import SENTENCES, SecurityKind, SecurityRecorder
from shared.kit.text import is_id
from shared.kit.web.auth import signed_in
from shared.kit.web.pages import pages_of
from shared.timezone import OSLO_TZ, oslo_moment

ROWS_MAX: Final = 200

REASONS: Final[Mapping[str, str]] = {
    "more": N_("flere enn vi skriver ned hver for seg"),
    "unknown_name": N_("navnet finnes ikke"),
    "wrong_password": N_("feil passord"),
    "wrong_second_factor": N_("feil kode eller nøkkel"),
    "disabled": N_("kontoen er stengt"),
    "expired": N_("engangspassordet er for gammelt"),
    "name_rests": N_("mange feil forsøk på samme navn"),
    "hash_queue_full": N_("for mange passord på en gang"),
    "command": N_("med kommandoen på maskinen"),
    "admin": N_("av en administrator"),
    "provider": N_("hos en innloggingstjeneste"),
    "oidc_away": N_("innloggingstjenesten svarer ikke"),
    "oidc_attempt": N_("for gammelt, eller fra en annen nettleser"),
    "oidc_denied": N_("innloggingstjenesten sa nei"),
    "oidc_code": N_("koden fra innloggingstjenesten er brukt eller ukjent"),
    "oidc_token": N_("svaret fra innloggingstjenesten er ikke ekte"),
    "oidc_used": N_("svaret fra innloggingstjenesten er brukt før"),
    "oidc_unknown": N_("innloggingstjenesten kjenner personen, vi har ingen konto"),
    "oidc_other": N_("kontoen er en annens hos innloggingstjenesten"),
    "oidc_no_access": N_("ikke med i noen gruppe som har tilgang"),
    "password": N_("passord"),
    "totp": N_("kode fra app"),
    "passkey": N_("passnøkkel"),
    "recovery": N_("reservekode"),
    "recovery_codes": N_("nye reservekoder"),
    "factors": N_("passnøkkel eller kodeapp fjernet"),
    "sign_in_failures": N_("innlogging"),
    "signups": N_("påmelding"),
    "drafts": N_("påbegynte skjema"),
    "api_key_signups": N_("påmelding fra serveren til et senter"),
}
"""The words of pages for the reasons that tell more than their kind (msgid); others are not shown."""


def routes(path: str) -> APIRouter:
    """Return the page at a path."""
    router = APIRouter(include_in_schema=False)

    @router.get(path, dependencies=[Depends(signed_in)])
    async def show_security_events(request: Request, slag: str = "", dag: str = "") -> Response:
        """Show the events of one day, newest first."""
        service = request.app.state.service
        recorder: SecurityRecorder = service.security
        today = service.clock.now().astimezone(OSLO_TZ).date()
        day = _day(dag, today)
        since, until = _bounds(day)
        kind = slag if slag in set(SecurityKind) else None
        async with service.database.transaction() as session:
            counts = await recorder.events.count_by_kind(session, since=since, until=until)
            rows = await recorder.events.newest(session, kind=kind, since=since, until=until, limit=ROWS_MAX)
        _ = pages_of(request).gettext(request)
        words = {each.value: _(sentence) for each, sentence in SENTENCES.items()}
        return pages_of(request).html(
            request,
            "security_events.html",
            path_here=path,
            day=day,
            today=today,
            before=day - timedelta(days=1),
            after=day + timedelta(days=1) if day < today else None,
            kind=kind,
            kinds={each.value: (words[each], counts[each]) for each in SecurityKind if counts.get(each)},
            rows=rows,
            typed_names=_numbers(row.event.account for row in rows),
            networks=_numbers(row.event.network for row in rows),
            is_id=is_id,
            shown_route=_shown,
            words=words,
            reasons={reason: _(words) for reason, words in REASONS.items()},
            rows_max=ROWS_MAX,
        )

    return router


def _day(text: str, today: date) -> date:
    try:
        return min(max(date.fromisoformat(text), date(2000, 1, 1)), today)
    except ValueError:
        return today


def _bounds(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and when the next one does."""
    return oslo_moment(day, time()), oslo_moment(day + timedelta(days=1), time())


def _numbers(names: Iterable[str]) -> dict[str, int]:
    """Return a number for each keyed name, in the order of the page: the names themselves tell nobody anything."""
    return {name: number for number, name in enumerate(dict.fromkeys(name for name in names if name[:1] == "~"), 1)}


def _shown(route: str) -> str:
    """Return the path of a route without the names of its parameters, which are written for machines."""
    return re.sub(r"{\w+}", "…", route.partition(" ")[2])
