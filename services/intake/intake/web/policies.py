"""The page of a centre's policy in plain words, its form, the difference before saving, and its history."""

from itertools import pairwise
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from intake.domain import policies as rules
from intake.domain.form import FieldError
from intake.domain.policies import Value
from intake.domain.text_versions import Edition
from intake.queries import policies as queries
from intake.web import policy_words as words
from intake.web.deps import Acting, Deps, LooseCheck, SignedIn, WebDeps
from intake.web.policy_steps import POLICIES, Decided, Steps, follow
from shared.errors import NotFoundError
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.auth import object_access
from shared.kit.web.state import locale_of
from shared.reference.centre_texts import CentreTexts
from shared.reference.centres import Centre
from shared.reference.policy import DECISIONS, Policy

router = APIRouter(include_in_schema=False)

_ERRORS: Final = {
    "choose": N_("Velg et av alternativene."),
    "number": N_("Skriv et helt tall fra %(least)s til %(most)s."),
    "weeks": N_("Skriv hele uker i dager: 0, 7, 14 og så videre, høyst %(most)s."),
    "order": N_("Dette tallet kan ikke være mindre enn det over."),
}


@object_access
async def own_centre(centre_id: str, member: SignedIn, deps: WebDeps) -> Centre:
    """
    Return one of the member's centres.

    Raises:
        NotFoundError: ``unknown_centre``, also for a centre of others.
    """
    centre = deps.centres.get(centre_id)
    if centre is None or not member.covers(centre.id):
        raise NotFoundError("unknown_centre", centre=centre_id)
    return centre


OwnCentre = Annotated[Centre, Depends(own_centre)]


@router.get(POLICIES)
async def list_centres(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """List the member's centres; the page of the only one opens at once."""
    own = [centre for centre in deps.centres.all if member.covers(centre.id)]
    if len(own) == 1:
        return deps.pages.redirect(request, f"{POLICIES}/{own[0].id}")
    return deps.pages.html(request, "stab/policies.html", centres=own)


@router.get(f"{POLICIES}/{{centre_id}}")
async def show_policy(
    request: Request, deps: WebDeps, centre: OwnCentre, lagret: str = "", utgave: str = ""
) -> Response:
    """Show what a centre does, or did in an older version, and which running groups keep which version."""
    async with deps.database.transaction() as session:
        versions = await queries.versions(session, centre)
        kept = await queries.kept_versions(session, centre, locale_of(request))
    shown = next((version for version in versions if utgave == str(version.number)), None)
    if utgave and shown is None:
        raise NotFoundError("unknown_version", centre=centre.id)
    gettext = deps.pages.gettext(request)
    policy = shown.policy if shown else centre.policy
    return deps.pages.html(
        request,
        "stab/policy.html",
        centre=centre,
        policy=policy,
        shown=shown,
        newest=versions[0] if versions else None,
        several_versions=len(versions) > 1,
        kept=kept,
        saved=bool(lagret),
        sections=words.SECTIONS,
        sentence=lambda key: words.sentence(key, policy, gettext),
    )


@router.get(f"{POLICIES}/{{centre_id}}/utgaver")
async def show_versions(request: Request, deps: WebDeps, centre: OwnCentre) -> Response:
    """Show all versions with what was changed in each, in words."""
    async with deps.database.transaction() as session:
        versions = await queries.versions(session, centre)
    gettext = deps.pages.gettext(request)
    history = [
        (newer, [words.difference(key, older.policy, newer.policy, gettext) for key in _changed(older, newer)],
         _written(older) != _written(newer), _look(older) != _look(newer))
        for newer, older in pairwise(versions)
    ]  # fmt: skip
    return deps.pages.html(
        request, "stab/policy_versions.html", centre=centre, history=history, first=versions[-1] if versions else None
    )


@router.get(f"{POLICIES}/{{centre_id}}/endre")
async def show_form(request: Request, deps: WebDeps, centre: OwnCentre) -> Response:
    """Show the form with what holds now."""
    async with deps.database.transaction() as session:
        number = await queries.newest_number(session, centre)
    form = forms.blank(request, words.labels(), rules.form_values(centre.policy))
    return _form_page(request, deps, centre, form, number)


@router.post(f"{POLICIES}/{{centre_id}}/endre")
async def change_policy(
    request: Request, deps: WebDeps, centre: OwnCentre, actor: Acting, check: LooseCheck
) -> Response:
    """Show the difference in words, and save it when the member says so; nothing that was filled in is lost."""
    sent = await request.form()
    values: dict[str, Value] = {
        name: [text for text in sent.getlist(name) if isinstance(text, str)] for name in rules.field_names()
    }

    async def decided(form: forms.Form) -> Decided | forms.Form | None:
        policy, errors = rules.parse(values, centre.policy)
        if policy is None:
            return _refused(request, deps, form, errors)
        return (policy, centre.texts) if rules.changed_keys(centre.policy, policy) else None

    form = forms.blank(request, words.labels(), values)
    steps = Steps(_form_page, _difference_page, decided)
    return await follow(request, deps, centre, form, steps, actor=actor, check=check)


def _written(version: queries.Version) -> CentreTexts:
    """Return the texts of a version without its look."""
    return version.texts.model_copy(update={"look": None, "pictures": None})


def _look(version: queries.Version) -> tuple[object, object]:
    return version.texts.look, version.texts.pictures


def _changed(older: queries.Version, newer: queries.Version) -> tuple[str, ...]:
    return rules.changed_keys(older.policy, newer.policy)


def _form_page(request: Request, deps: Deps, centre: Centre, form: forms.Form, number: int) -> Response:
    gettext = deps.pages.gettext(request)
    undecided = words.default_policy()
    return deps.pages.html(
        request,
        "stab/policy_form.html",
        form=form,
        centre=centre,
        number=number,
        sections=words.SECTIONS,
        words=words.WORDS,
        kind=_kind,
        options=lambda key: words.options(key, gettext),
        is_decision=lambda key: key in DECISIONS,
        default_sentence=lambda key: words.sentence(key, undecided, gettext),
    )


async def _difference_page(
    request: Request, deps: Deps, centre: Centre, form: forms.Form, new: Edition, number: int
) -> Response:
    gettext = deps.pages.gettext(request)
    async with deps.database.transaction() as session:
        kept = await queries.kept_versions(session, centre, locale_of(request), current_too=True)
    return deps.pages.html(
        request,
        "stab/policy_difference.html",
        form=form,
        centre=centre,
        number=number,
        differences=_differences(centre.policy, new.policy, gettext),
        kept=kept,
        new=new,
        names=rules.field_names(),
    )


def _differences(old: Policy, new: Policy, gettext: words.Gettext) -> list[str]:
    return [words.difference(key, old, new, gettext) for key in rules.changed_keys(old, new)]


def _kind(key: str) -> str:
    """Return the kind of field that stands for a key."""
    if key in rules.NUMBERS:
        return "number"
    if key in rules.SPANS:
        return "span"
    return "many" if key == rules.WISHES else "choice"


def _refused(request: Request, deps: Deps, form: forms.Form, errors: tuple[FieldError, ...]) -> forms.Form:
    gettext = deps.pages.gettext(request)
    order = list(words.labels())
    for error in sorted(errors, key=lambda error: order.index(error.field)):
        key = error.field.removesuffix("_from").removesuffix("_to")
        limits = rules.bounds(key) if error.code == "number" else None
        template = "weeks" if limits and limits.step > 1 else error.code
        values = {"least": limits.least, "most": limits.most} if limits else {}
        form = form.refusing(error.field, gettext(_ERRORS[template]) % values)
    return form
