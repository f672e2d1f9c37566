"""The course of a form that changes a centre's policy, texts or look: written, seen first, and saved as a version."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from fastapi import Request
from starlette.responses import Response

from intake.domain.text_versions import Edition, edition
from intake.queries import policies as queries
from intake.usecases import policies
from intake.web.deps import Deps
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.web import csrf, forms
from shared.kit.web.csrf import FormCheck
from shared.reference.centre_texts import CentreTexts
from shared.reference.centres import Centre
from shared.reference.policy import Policy

POLICIES: Final = "/stab/regler"

TOO_LONG: Final = N_("Tekstene er for lange til sammen. Kort dem litt ned.")
NOTHING_CHANGED: Final = N_("Du har ikke endret noe ennå.")
MEANWHILE: Final = N_("Noen andre har lagret nye regler mens du skrev. Se over forskjellen på nytt før du lagrer.")

_MEANWHILE: Final = "policy_changed_meanwhile"

Decided = tuple[Policy, CentreTexts]


class FormPage(Protocol):
    """Shows the form; ``number`` is the version that it is based on."""

    def __call__(self, request: Request, deps: Deps, centre: Centre, form: forms.Form, number: int) -> Response: ...


class Preview(Protocol):
    """Shows what would be saved."""

    async def __call__(
        self, request: Request, deps: Deps, centre: Centre, form: forms.Form, new: Edition, number: int
    ) -> Response: ...


@dataclass(frozen=True)
class Steps:
    """
    The pages of one form.

    Attributes:
        decided: Returns what was decided, None if nothing was changed, or the form with what is wrong.
    """

    form_page: FormPage
    preview: Preview
    decided: Callable[[forms.Form], Awaitable[Decided | forms.Form | None]]


async def follow(
    request: Request, deps: Deps, centre: Centre, form: forms.Form, steps: Steps, *, actor: Actor, check: FormCheck
) -> Response:
    """Show the form again, or a preview, and save when the member says so; nothing that was written is lost."""
    sent, gettext = await request.form(), deps.pages.gettext(request)
    async with deps.database.transaction() as session:
        number = await queries.newest_number(session, centre)

    def again(form: forms.Form) -> Response:
        return steps.form_page(request, deps, centre, form, number)

    if not check.fresh:
        return again(form.saying(gettext(csrf.STALE)))
    if forms.SWITCH in sent or sent.get("steg") == "endre":
        return again(form)
    decided = await steps.decided(form)
    if not isinstance(decided, tuple):
        return again(decided or form.saying(gettext(NOTHING_CHANGED)))
    policy, texts = decided
    if sent.get("steg") == "lagre":
        asks = {name: sent.get(name) == "true" for name in ("read_again", "consent_again")}
        refusal = _MEANWHILE
        if sent.get("based_on") == str(number):
            refusal = await _save(deps, centre, policy, texts, number, actor, asks)
        if not refusal:
            return deps.pages.redirect(request, f"{POLICIES}/{centre.id}?lagret=ja")
        if refusal == "texts_too_long":
            return again(form.refusing("", gettext(TOO_LONG)))
        form = form.saying(gettext(MEANWHILE))
    return await steps.preview(request, deps, centre, form, edition(centre, policy, texts, number + 1), number)


async def _save(
    deps: Deps, centre: Centre, policy: Policy, texts: CentreTexts, number: int, actor: Actor, asks: Mapping[str, bool]
) -> str:
    """Write the version; return why it cannot be, where the form can say it, or nothing."""
    try:
        async with deps.database.transaction() as session:
            await policies.save(session, deps.directory, centre, policy, texts, based_on=number, actor=actor, **asks)
    except DomainError as error:
        if error.slug not in {_MEANWHILE, "texts_too_long"}:
            raise
        return error.slug
    return ""
