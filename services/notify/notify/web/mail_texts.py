"""Staff pages about the words of mails: the list, one mail with a preview, the difference before saving, versions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from notify.domain import mail_spec
from notify.domain.mail_spec import MailSpec
from notify.domain.mail_texts import NO_WORDS, Block, Texts, difference
from notify.domain.own_words import FieldName
from notify.examples import example
from notify.own_words import fields_of_block
from notify.queries import mail_texts as queries
from notify.queries.mail_texts import TextHistory
from notify.usecases import mail_texts
from notify.web.deps import Acting, Deps, LooseCheck, SignedIn, WebDeps
from notify.web.mail_previews import Preview, framing, preview_of
from notify.web.mail_text_forms import (
    BLOCKS,
    FIELDS,
    LABELS,
    LONGEST,
    LONGEST_REASON,
    Written,
    field_name,
    read,
    values_of,
)
from notify.web.messages import SENTENCES
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.i18n import LOCALES, N_
from shared.kit.text import without_marks
from shared.kit.web import csrf, forms, messages
from shared.kit.web.auth import object_access
from shared.kit.web.state import locale_of, state_of
from shared.reference.centres import Centre

router = APIRouter(include_in_schema=False)

LIST: Final = "/stab/brev"

_TO_WAITING: Final = N_("Til den som har meldt seg på")
_TO_SEATS: Final = N_("Til den som har plass, eller tilbud om det, før gruppa starter")
_TO_MEMBERS: Final = N_("Til dem som er i en gruppe etter starten")
_TO_HELPERS: Final = N_("Til igangsettere")
_TO_INVITED: Final = N_("Til dem som er invitert til et møte")
_TO_CHOSEN: Final = N_("Til dem dere velger")
RECIPIENTS: Final[Mapping[type, str]] = {
    mail_spec.FromSignup: _TO_WAITING,
    mail_spec.FromTalk: _TO_WAITING,
    mail_spec.FromPageLink: _TO_WAITING,
    mail_spec.FromSeat: _TO_SEATS,
    mail_spec.FromMeeting: _TO_SEATS,
    mail_spec.FromMeetingAhead: _TO_MEMBERS,
    mail_spec.FromAnnouncement: _TO_MEMBERS,
    mail_spec.FromNotice: _TO_HELPERS,
    mail_spec.FromInvitation: _TO_INVITED,
    mail_spec.FromMessage: _TO_CHOSEN,
}
"""To whom a mail goes, by what it is planned from (msgids)."""

_NOTHING_CHANGED: Final = N_("Ingenting er endret.")


@object_access
async def own_centre(centre_id: str, member: SignedIn, deps: WebDeps) -> Centre:
    """
    Return a centre of the member.

    Raises:
        NotFoundError: ``unknown_centre``, also for another one.
    """
    centre = deps.directory.current().get(centre_id) if member.covers(centre_id) else None
    if centre is None:
        raise NotFoundError("unknown_centre")
    return centre


OwnCentre = Annotated[Centre, Depends(own_centre)]


async def mail_of(mail_kind: str, deps: WebDeps) -> MailSpec:
    """
    Return a mail by its kind.

    Raises:
        NotFoundError: ``unknown_mail_kind``.
    """
    spec = deps.registry.get(mail_kind)
    if spec is None:
        raise NotFoundError("unknown_mail_kind")
    return spec


MailKind = Annotated[MailSpec, Depends(mail_of)]


@dataclass(frozen=True)
class Page:
    """One mail of a centre on its pages, with the words of the system by language."""

    request: Request
    deps: Deps
    centre: Centre
    spec: MailSpec
    history: TextHistory
    system: Texts

    @property
    def path(self) -> str:
        """The address of the page."""
        return f"{LIST}/{self.centre.id}/{self.spec.kind}"

    @property
    def gettext(self) -> Callable[[str], str]:
        """Translates a msgid into the reader's language."""
        return self.deps.pages.gettext(self.request)

    def blank(self, values: Mapping[str, forms.Value] | None = None) -> forms.Form:
        """Return the form with the words as they are now, or with others."""
        return forms.blank(self.request, LABELS, values or values_of(self.spec, self.system, self.history.texts))


async def page_of(request: Request, deps: WebDeps, centre: OwnCentre, spec: MailKind) -> Page:
    """Return what all pages about one mail need."""
    async with deps.database.transaction() as session:
        history = await queries.history(session, centre.id, spec.kind)
    system = {language: deps.renderer.system_words(example(spec.kind, language, centre)) for language in LOCALES}
    return Page(request, deps, centre, spec, history, system)


MailPage = Annotated[Page, Depends(page_of)]


@router.get(LIST)
async def choose_centre(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """Show the mails of the member's centre, or the centres if there are several."""
    centres = [centre for id_ in sorted(member.tenants) if (centre := deps.directory.current().get(id_)) is not None]
    if len(centres) == 1:
        return await _list(request, deps, centres[0])
    return deps.pages.html(request, "stab/mail_texts_centres.html", centres=centres)


@router.get(f"{LIST}/{{centre_id}}")
async def list_texts(request: Request, deps: WebDeps, centre: OwnCentre) -> Response:
    """Show all mails: what each is, when it is sent, and to whom."""
    return await _list(request, deps, centre)


async def _list(request: Request, deps: Deps, centre: Centre) -> Response:
    async with deps.database.transaction() as session:
        newest = await queries.newest(session, centre.id)
    sections: dict[str, list[tuple[MailSpec, object]]] = {name: [] for name in RECIPIENTS.values()}
    for spec in deps.registry:
        sections[RECIPIENTS[type(spec.plan)]].append((spec, newest.get(spec.kind)))
    return deps.pages.html(request, "stab/mail_texts.html", centre=centre, sections=sections)


@router.get(f"{LIST}/{{centre_id}}/{{mail_kind}}")
async def show_text(page: MailPage) -> Response:
    """Show one mail in three languages, and the form with the words that are the centre's to write."""
    return _form_page(page, page.blank(), page.history.texts)


@router.post(f"{LIST}/{{centre_id}}/{{mail_kind}}")
async def change_text(page: MailPage, actor: Acting, check: LooseCheck) -> Response:
    """Show a preview or the difference, and save a new version when the member says so; nothing written is lost."""
    sent = await page.request.form()
    values = forms.texts_of(sent, (*LABELS, "restored"))
    texts, locale = state_of(page.request).texts, locale_of(page.request)
    unstorable = [name for name, text in values.items() if text != forms.without_control(text)]
    values = {name: forms.without_control(text) for name, text in values.items()}
    form, step = page.blank(dict(values)), sent.get("steg")
    for name in unstorable:
        form = form.refusing(name, messages.control_characters(locale, texts))
    written = read(page.spec, page.centre, page.system, values, page.gettext)
    if forms.SWITCH in sent:
        return _form_page(page, form, written.texts)
    for name, words in written.problems:
        form = form.refusing(name, words)
    if not check.fresh:
        form = form.saying(page.gettext(csrf.STALE))
    if not check.fresh or form.errors or step not in ("videre", "lagre"):
        return _form_page(page, form, written.texts, status=200 if step in ("se", "endre") else None)
    if written.texts == page.history.texts:
        return _form_page(page, form.saying(page.gettext(_NOTHING_CHANGED)), written.texts)
    if step == "videre":
        return _difference_page(page, form, written)
    return await _save(page, form, written, str(sent.get("based_on", "")), actor)


async def _save(page: Page, form: forms.Form, written: Written, based_on: str, actor: Actor) -> Response:
    """Save a new version of the words that the member has seen beside those before; else show them again."""
    try:
        async with page.deps.database.transaction() as session:
            await mail_texts.save(
                session,
                page.centre.id,
                page.spec.kind,
                written.texts,
                based_on=int(based_on) if based_on.isdecimal() and len(based_on) < 9 else -1,
                reason=without_marks(form.value("reason"))[:LONGEST_REASON],
                restored=_restored(page, written, form.value("restored")),
                actor=actor,
            )
    except DomainError as error:
        return _difference_page(page, form.saying(page.gettext(SENTENCES[error.slug])), written)
    return page.deps.pages.redirect(page.request, f"{page.path}/versjoner")


def _restored(page: Page, written: Written, number: str) -> int | None:
    """Return the version that is taken up again as it was; None if the words are new."""
    if not number.isdecimal() or len(number) > 6:
        return None
    version = page.history.version(int(number))
    texts: Texts = version.texts if version is not None else {}
    return int(number) if written.texts == texts else None


@router.get(f"{LIST}/{{centre_id}}/{{mail_kind}}/versjoner")
async def show_versions(page: MailPage) -> Response:
    """Show all versions, each with the words that were the centre's own."""
    kept = [
        (version, values_of(page.spec, page.system, version.texts), _own_words(page, version.texts))
        for version in page.history.versions
    ]
    return page.deps.pages.html(
        page.request,
        "stab/mail_text_versions.html",
        page=page,
        versions=kept,
        system_values=values_of(page.spec, page.system, {}),
    )


def _own_words(page: Page, texts: Texts) -> list[tuple[str, str, str]]:
    """Return the own words of a version, each with its name and its language."""
    names = page.blank().labels
    return [
        (names[field_name(block, language)], language, text)
        for block in BLOCKS
        for language in LOCALES
        if (text := texts.get(language, {}).get(block))
    ]


def _form_page(page: Page, form: forms.Form, texts: Texts, *, status: int | None = None) -> Response:
    fields = {block: _field_words(page, block) for block in BLOCKS if block in page.spec.own_words}
    response = page.deps.pages.html(
        page.request,
        "stab/mail_text.html",
        status,
        page=page,
        form=form,
        blocks=[(block, page.gettext(BLOCKS[block]), LONGEST[block], fields[block]) for block in fields],
        languages_of=LOCALES,
        recipients=RECIPIENTS[type(page.spec.plan)],
        previews=_previews(page, texts),
        typing=status is not None,
    )
    return framing(response)


def _field_words(page: Page, block: Block) -> list[tuple[FieldName, str]]:
    """Return the fields of a block, each with what it stands for."""
    allowed = fields_of_block(page.spec, block, has_phone=page.centre.phone is not None)
    return [(name, page.gettext(words)) for name, words in FIELDS.items() if name in allowed]


def _difference_page(page: Page, form: forms.Form, written: Written) -> Response:
    before = values_of(page.spec, page.system, page.history.texts)
    after = values_of(page.spec, page.system, written.texts)
    changed = [
        (form.label(name), name.rpartition("_")[2], difference(str(before[name]), str(after[name])))
        for name in before
        if before[name] != after[name]
    ]
    response = page.deps.pages.html(
        page.request,
        "stab/mail_text_difference.html",
        page=page,
        form=form,
        changed=changed,
        names=[*before, "restored"],
        longest_reason=LONGEST_REASON,
        previews=_previews(page, written.texts),
    )
    return framing(response)


def _previews(page: Page, texts: Texts) -> tuple[Preview, ...]:
    """Return the mail with invented people in each language."""
    return tuple(
        preview_of(
            page.deps.renderer.render,
            example(page.spec.kind, language, page.centre, own_words=texts.get(language, NO_WORDS)),
        )
        for language in LOCALES
    )
