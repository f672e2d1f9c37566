"""Acts on all mails of a list: a page that counts and asks, and the press that does it."""

from dataclasses import replace
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from notify.queries import mails as queries
from notify.usecases import many_mails
from notify.usecases.many_mails import LIST_OF, SOME, ManyAct
from notify.web.deps import Acting, Check, SignedIn, WebDeps
from notify.web.labels import LIST_LABELS
from notify.web.mail_filters import LIST, ChosenMails, moment_in
from shared.kit.i18n import N_

Word = Literal["hold", "slipp", "igjen"]
WORDS: Final[dict[ManyAct, Word]] = {ManyAct.HOLD: "hold", ManyAct.RELEASE: "slipp", ManyAct.RETRY: "igjen"}
"""The acts by their word in the address."""

SHORT: Final = {
    ManyAct.HOLD: N_("Hold alle disse tilbake"),
    ManyAct.RELEASE: N_("Slipp alle disse"),
    ManyAct.RETRY: N_("Send alle disse på nytt"),
}
"""Texts of the links to the questions (msgids)."""

MANY: Final = f"{LIST}/alle"

_ACTS: Final = {word: act for act, word in WORDS.items()}
_MAX_DIGITS: Final = 9

router = APIRouter(include_in_schema=False)


@router.get(MANY)
async def ask_many(request: Request, deps: WebDeps, _member: SignedIn, chosen: ChosenMails, gjor: Word) -> Response:
    """Count the mails that an act on all of a list is about, and ask."""
    act, now = _ACTS[gjor], deps.clock.now()
    async with deps.database.transaction() as session:
        total, together = await queries.count_together(session, LIST_OF[act], replace(chosen.filter, made_by=now))
    return deps.pages.html(
        request,
        "stab/many_mails.html",
        act=act.value,
        action=chosen.link(MANY, gjor=gjor),
        back=chosen.link(vis=LIST_OF[act]),
        list_name=LIST_LABELS[LIST_OF[act]],
        chosen=chosen,
        together=together,
        left_out=total - together,
        made_by=now.isoformat(),
    )


@router.post(MANY)
async def act_on_many(
    request: Request,
    deps: WebDeps,
    _member: SignedIn,
    actor: Acting,
    _check: Check,
    chosen: ChosenMails,
    gjor: Word,
    laget_for: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Do it, on those mails that the question counted: later ones are not among them."""
    act = _ACTS[gjor]
    counted = replace(chosen.filter, made_by=moment_in(laget_for) or actor.now)
    number = 0
    while True:
        async with deps.database.transaction() as session:
            some = await many_mails.act_on_some(session, deps.registry, act, counted, actor=actor)
        number += some
        if some < SOME:
            break
    return deps.pages.redirect(request, chosen.link(vis=LIST_OF[act], gjort=gjor, antall=str(number)))


def done(word: str, number: str) -> tuple[str, int] | None:
    """Return the act that an address says is done, and on how many mails; None if it says nothing."""
    act = next((act for act, known in WORDS.items() if known == word), None)
    is_number = number.isascii() and number.isdecimal() and len(number) <= _MAX_DIGITS
    return (act.value, int(number)) if act is not None and is_number else None
