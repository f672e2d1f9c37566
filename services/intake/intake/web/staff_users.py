"""Pages of admins about the accounts of members of staff; every act asks first, and no name is in an address."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from intake.queries import staff as queries
from intake.store import StaffUser, audit_log, staff
from intake.usecases import staff_access as commands
from intake.usecases.password_hashes import QueueFull
from intake.usecases.staff import new_one_time_password
from intake.web import sign_in_events
from intake.web.deps import Acting, Check, Deps, LooseCheck, OwnStaff, SignedIn, StaffAndAdmin, WebDeps
from intake.web.labels import ROLES, centre_names, translated
from intake.web.messages import SENTENCES
from intake.web.sessions import BUSY, BUSY_SECONDS, later
from intake.web.staff_account import USERS, OwnSession, to_proof
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.security_events import SecurityKind
from shared.kit.web import csrf, forms, timeline
from shared.kit.web.state import state_of

router = APIRouter(include_in_schema=False)

_PAGE: Final = f"{USERS}/{{user_id}}"

LABELS: Final = {"roles": N_("Roller"), "centres": N_("Sentre"), "all_centres": N_("Alle sentre, også de som kommer")}


class AccessForm(BaseModel):
    """Roles and centres of a user."""

    roles: list[str] = Field(default_factory=list)
    centres: list[str] = Field(default_factory=list)
    all_centres: bool = False


@dataclass(frozen=True)
class Question:
    """
    The question of a page before an act.

    Attributes:
        act: The last part of its address.
        title, lead, button: Its words (msgid); the title names the user.
        kind: The security event of the act.
        command: The act; None for the password, which needs a hash first.
    """

    act: str
    title: str
    lead: str
    button: str
    kind: SecurityKind
    command: Callable[..., Awaitable[None]] | None = None
    danger: bool = False


PASSWORD: Final = Question(
    "passord",
    N_("Vil du lage et engangspassord til %(name)s?"),
    N_(
        "Passordet fra før slutter å virke, og brukeren blir logget ut overalt. Vær sikker på hvem som spør: se "
        "personen, eller ring et nummer du hadde fra før. Gi passordet muntlig eller på papir."
    ),
    N_("Ja, lag engangspassord"),
    SecurityKind.CREDENTIAL_RESET,
)
FACTORS: Final = Question(
    "sikring",
    N_("Vil du fjerne passnøkler og kodeapper fra %(name)s?"),
    N_(
        "For den som har mistet telefonen og reservekodene. Brukeren blir logget ut overalt, logger inn med passordet "
        "og legger til noe nytt. Vær sikker på hvem som spør."
    ),
    N_("Ja, fjern alle"),
    SecurityKind.CREDENTIAL_RESET,
    commands.remove_factors,
    danger=True,
)
SESSIONS: Final = Question(
    "okter",
    N_("Vil du logge ut %(name)s overalt?"),
    N_("Brukeren må logge inn på nytt. Det som ikke er lagret, går tapt."),
    N_("Ja, logg ut overalt"),
    SecurityKind.SESSION_ENDED,
    commands.end_sessions,
)
DISABLE: Final = Question(
    "steng",
    N_("Vil du stenge %(name)s ute?"),
    N_("Brukeren blir logget ut med en gang og kan ikke logge inn. Det brukeren har gjort, står i loggen som før."),
    N_("Ja, steng brukeren"),
    SecurityKind.SESSION_ENDED,
    commands.disable,
    danger=True,
)
ENABLE: Final = Question(
    "apne",
    N_("Vil du åpne %(name)s igjen?"),
    N_("Brukeren får tilgangen fra før og logger inn med passordet fra før."),
    N_("Ja, åpne brukeren"),
    SecurityKind.CREDENTIAL_RESET,
    commands.enable,
)


@router.get(USERS)
async def list_users(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """List the users of the admin's centres."""
    async with deps.database.transaction() as session:
        admin = await staff.get(session, member.username)
        users = await queries.of_admin(session, admin) if admin else []
    roles, centre_name = translated(request, ROLES), centre_names(deps.centres)
    return deps.pages.html(request, "stab/users.html", users=users, roles=roles, centre_name=centre_name)


@router.get(_PAGE)
async def show_user(request: Request, deps: WebDeps, own: OwnStaff) -> Response:
    """Show one user, with what the admin may do."""
    async with deps.database.transaction() as session:
        view = await queries.view(session, own.admin, own.user)
    _ = deps.pages.gettext(request)
    return deps.pages.html(
        request,
        "stab/user.html",
        view=view,
        user=own.user,
        base=_path(own.user),
        why={act: _(SENTENCES[slug]) for act, slug in view.faults.items() if slug},
        moments=timeline.acts(_, audit_log, view.acts),
        roles=translated(request, ROLES),
        centre_name=centre_names(deps.centres),
    )


@router.get(f"{_PAGE}/passord")
async def ask_password(request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession) -> Response:
    """Ask before a one-time password is made."""
    return to_proof(request, deps, session, USERS) or _ask(request, deps, own, PASSWORD)


@router.post(f"{_PAGE}/passord")
async def give_password(
    request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession, actor: Acting, _check: Check
) -> Response:
    """Make a one-time password, and show it once."""
    if away := to_proof(request, deps, session, USERS):
        return away
    password = new_one_time_password()
    try:
        password_hash = await deps.users.hashes.make(password)
    except QueueFull:
        busy = deps.pages.gettext(request)(BUSY)
        return later(_ask(request, deps, own, PASSWORD, 503, notice=busy), BUSY_SECONDS)
    async with deps.database.transaction() as transaction:
        await commands.give_password(transaction, own.user, password_hash, wall=state_of(request).wall(), actor=actor)
    await sign_in_events.reset_by_admin(request, PASSWORD.kind, own.user.username)
    return deps.pages.html(request, "stab/user_password.html", password=password, user=own.user, base=_path(own.user))


@router.get(f"{_PAGE}/sikring")
async def ask_factors(request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession) -> Response:
    """Ask before second factors are removed."""
    return to_proof(request, deps, session, USERS) or _ask(request, deps, own, FACTORS)


@router.post(f"{_PAGE}/sikring")
async def remove_factors(
    request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession, actor: Acting, _check: Check
) -> Response:
    """Remove the second factors of a user."""
    return await _do(request, deps, own, session, FACTORS, actor)


@router.get(f"{_PAGE}/okter")
async def ask_sessions(request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession) -> Response:
    """Ask before a user is signed out."""
    return to_proof(request, deps, session, USERS) or _ask(request, deps, own, SESSIONS)


@router.post(f"{_PAGE}/okter")
async def end_sessions(
    request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession, actor: Acting, _check: Check
) -> Response:
    """Sign a user out everywhere."""
    return await _do(request, deps, own, session, SESSIONS, actor)


@router.get(f"{_PAGE}/steng")
async def ask_disable(request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession) -> Response:
    """Ask before a user is disabled."""
    return to_proof(request, deps, session, USERS) or _ask(request, deps, own, DISABLE)


@router.post(f"{_PAGE}/steng")
async def disable(
    request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession, actor: Acting, _check: Check
) -> Response:
    """Take the access away."""
    return await _do(request, deps, own, session, DISABLE, actor)


@router.get(f"{_PAGE}/apne")
async def ask_enable(request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession) -> Response:
    """Ask before a user is enabled."""
    return to_proof(request, deps, session, USERS) or _ask(request, deps, own, ENABLE)


@router.post(f"{_PAGE}/apne")
async def enable(
    request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession, actor: Acting, _check: Check
) -> Response:
    """Give the access of before back."""
    return await _do(request, deps, own, session, ENABLE, actor)


@router.get(f"{_PAGE}/tilgang")
async def ask_access(request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession) -> Response:
    """Show the roles and centres of a user, to be changed."""
    user = own.user
    values: dict[str, forms.Value] = {"roles": list(user.roles), "centres": list(user.centres)}
    if user.all_centres:
        values["all_centres"] = "true"
    form = forms.blank(request, LABELS, values)
    return to_proof(request, deps, session, USERS) or _access_page(request, deps, own, form)


@router.post(f"{_PAGE}/tilgang")
async def change_access(
    request: Request, deps: WebDeps, own: OwnStaff, session: OwnSession, actor: Acting, check: LooseCheck
) -> Response:
    """Change the roles and centres of a user."""
    if away := to_proof(request, deps, session, USERS):
        return away
    submission = await forms.submitted(request, AccessForm, LABELS)
    form, access = submission.form, submission.model
    _ = deps.pages.gettext(request)
    if not check.fresh:
        return _access_page(request, deps, own, form.saying(_(csrf.STALE)), 422)
    if access is None:
        return _access_page(request, deps, own, form, 422)
    if unknown := [centre for centre in access.centres if deps.centres.get(centre) is None]:
        raise NotFoundError("unknown_centre", centre=unknown[0])
    try:
        async with deps.database.transaction() as transaction:
            await commands.change_access(
                transaction, own.user, access.roles, access.centres, all_centres=access.all_centres, actor=actor
            )
    except DomainError as error:
        field = {"no_roles": "roles", "no_centre": "centres"}.get(error.slug)
        if field is None:
            raise
        return _access_page(request, deps, own, form.refusing(field, _(SENTENCES[error.slug])), 422)
    await sign_in_events.reset_by_admin(request, SecurityKind.SESSION_ENDED, own.user.username)
    return deps.pages.redirect(request, _path(own.user))


async def _do(
    request: Request, deps: Deps, own: StaffAndAdmin, session: OwnSession, question: Question, actor: Actor
) -> Response:
    if away := to_proof(request, deps, session, USERS):
        return away
    if question.command is not None:
        async with deps.database.transaction() as transaction:
            await question.command(transaction, own.user, actor=actor)
    await sign_in_events.reset_by_admin(request, question.kind, own.user.username)
    return deps.pages.redirect(request, _path(own.user))


def _ask(
    request: Request, deps: Deps, own: StaffAndAdmin, question: Question, status: int = 200, *, notice: str = ""
) -> Response:
    _ = deps.pages.gettext(request)
    return deps.pages.html(
        request,
        "stab/user_question.html",
        status,
        title=_(question.title) % {"name": own.user.username},
        lead=_(question.lead),
        button=_(question.button),
        danger=question.danger,
        action=f"{_path(own.user)}/{question.act}",
        base=_path(own.user),
        notice=notice,
    )


def _access_page(request: Request, deps: Deps, own: StaffAndAdmin, form: forms.Form, status: int = 200) -> Response:
    mine, theirs = staff.access_of(own.admin), staff.access_of(own.user)
    words = translated(request, ROLES)
    offered = [role for role in words if role in theirs.roles or (role in mine.roles and role in commands.GIVEN)]
    centres = [centre for centre in deps.centres.all if mine.all_centres or centre.id in mine.centres]
    context: dict[str, Any] = {
        "roles": [(role, words[role]) for role in offered],
        "centres": [(centre.id, centre.name) for centre in centres],
        "offers_all": mine.all_centres,
    }
    return deps.pages.html(
        request, "stab/user_access.html", status, form=form, user=own.user, base=_path(own.user), **context
    )


def _path(user: StaffUser) -> str:
    return f"{USERS}/{user.user_id}"
