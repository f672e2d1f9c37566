"""Templates: the service's own, and the kit's as their common base."""

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse

from shared.kit import i18n
from shared.kit.text import sentence_case, spaced_number
from shared.kit.web import csrf, undo
from shared.kit.web.acts import Undone, act_of
from shared.kit.web.auth import member_of
from shared.kit.web.forms import SWITCH, Form
from shared.kit.web.locale import localised
from shared.kit.web.state import WebState, locale_of, state_of
from shared.kit.web.static import StaticFiles
from shared.kit.web.undo import Undo

KIT_TEMPLATES = Path(__file__).parent / "templates"
QUICK_EXIT_URL = "https://www.yr.no/"
"""The target of the quick exit: the weather, a page that reveals nothing."""


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The same page in one language."""

    locale: str
    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class _Rendering:
    """The request that is being answered, for globals and macros."""

    locale: str
    request: Request
    state: WebState


_rendering: ContextVar[_Rendering] = ContextVar("rendering")


class Pages:
    """
    The pages of one service.

    Args:
        package: The import name of the service; ``templates/``, ``locales/`` and ``static/`` are looked for in it.
        locales_dirs: Further folders of catalogues.
        extra_globals: Further globals of the templates by name, each a function of the reader's language; templates
            call them without an argument.
    """

    def __init__(
        self,
        package: str,
        locales_dirs: Iterable[Path] = (),
        *,
        extra_globals: Mapping[str, Callable[[str], object]] | None = None,
    ) -> None:
        root = _root(package)
        self.texts = i18n.Texts([root / "locales", *locales_dirs])
        self.static = StaticFiles(*[folder for folder in [root / "static"] if folder.is_dir()])
        self.environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(root / "templates"), FileSystemLoader(KIT_TEMPLATES)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self.environment.policies["ext.i18n.trimmed"] = True
        self._install()
        for name, of_locale in (extra_globals or {}).items():
            self.environment.globals[name] = _in_current_locale(of_locale)

    def html(
        self, request: Request, name: str, status_code: int | None = None, *, form: Form | None = None, **context: Any
    ) -> HTMLResponse:
        """
        Return a page.

        Args:
            request: The request that is answered.
            name: The template.
            status_code: 200 when not given, or 422 when the form has errors.
            form: The form on the page, if it has one; its errors also mark the title.
            context: Further values for the template.
        """
        status = status_code or (422 if form is not None and form.errors else 200)
        return HTMLResponse(self.render(request, name, form=form, **context), status)

    def render(self, request: Request, name: str, **context: Any) -> str:
        """Return the text of a page or a fragment."""
        rendering = _Rendering(locale_of(request), request, state_of(request))
        token = _rendering.set(rendering)
        try:
            common = {
                "form": None,
                "locale": rendering.locale,
                "staff": member_of(request),
                "environment_label": rendering.state.environment_label,
                "here": request.url.path,
            }
            return self.environment.get_template(name).render(common | context)
        finally:
            _rendering.reset(token)

    def path(self, request: Request, path: str) -> str:
        """Return a path of ours in the reader's language."""
        return localised(locale_of(request), path)

    def redirect(self, request: Request, path: str, back: Undo | None = None) -> RedirectResponse:
        """
        Return the redirect after a POST: 303 to a page of ours in the reader's language.

        After an act of staff that can be undone, the next pages offer that.

        Args:
            request: The request that is answered.
            path: The next page.
            back: The act that takes this one back, where the table of acts does not name it.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("only pages of our own")
        response = RedirectResponse(self.path(request, path), 303)
        if request.method == "POST":
            _offer_undo(request, response, back)
        return response

    def gettext(self, request: Request) -> Callable[[str], str]:
        """Return a function to call ``_``, for the reader's language."""
        return self.texts.translator(locale_of(request))

    def _install(self) -> None:
        def gettext(msgid: str) -> str:
            return self.texts.gettext(_rendering.get().locale, msgid)

        def ngettext(singular: str, plural: str, n: int) -> str:
            return self.texts.ngettext(_rendering.get().locale, singular, plural, n)

        self.environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # of the extension jinja2.ext.i18n
        self.environment.globals.update(
            path=lambda path: localised(_rendering.get().locale, path),
            static=self.static.url,
            csrf=_csrf,
            languages=_languages,
            may_open=_may_open,
            undo=_undo,
            quick_exit_url=QUICK_EXIT_URL,
            switch_name=SWITCH,
        )
        filters: Mapping[str, Callable[[Any, str], str]] = {
            "when": i18n.format_when,
            "date": i18n.format_date,
            "short": i18n.format_short,
            "clock": i18n.format_clock,
        }
        for name, format_ in filters.items():
            self.environment.filters[name] = _in_locale(format_)
        self.environment.filters["number"] = spaced_number
        self.environment.filters["sentence_case"] = sentence_case


def pages_of(request: Request) -> Pages:
    """Return the pages that ``create_app`` put on the application."""
    pages: Pages = request.app.state.pages
    return pages


def _in_current_locale(of_locale: Callable[[str], object]) -> Callable[[], object]:
    return lambda: of_locale(_rendering.get().locale)


def _in_locale(format_: Callable[[Any, str], str]) -> Callable[[Any], str]:
    return lambda value: format_(value, _rendering.get().locale)


def _csrf(action: str | None = None) -> Markup:
    """Return the hidden field of a form that posts to a path (without language), or to the page's own."""
    now = _rendering.get()
    path = (action or now.request.url.path).partition("?")[0]
    value = csrf.token(now.state.form_keys, path, member_of(now.request), now.state.wall())
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, value)


def _undo() -> undo.Offer | None:
    """Return the form that undoes what the reader has just done, None without one."""
    now = _rendering.get()
    return undo.offered(now.request, secure=now.state.secure) if member_of(now.request) else None


def _offer_undo(request: Request, response: RedirectResponse, back: Undo | None) -> None:
    state, sent = state_of(request), getattr(request.state, "sent", FormData())
    act, member, now = act_of(state.acts, request, sent), member_of(request), state.wall()
    if undo.FIELD in sent:
        undo.offer(response, "", [], secure=state.secure)
        return
    if back is None and isinstance(act, Undone) and act.path:
        given = {name: value for name, value in sent.items() if isinstance(value, str)} | request.path_params
        filled = {name: value.format_map(given) for name, value in act.fields.items()}
        back = Undo(act.path.format_map(request.path_params), filled)
    if back is None or not isinstance(act, Undone):
        if undo.is_offered(request, secure=state.secure):
            undo.forget(response, secure=state.secure)
        return
    fields = undo.pairs(back.fields)
    fields += [("neste", value) for value in sent.getlist("neste") if isinstance(value, str)]
    fields.append((csrf.FIELD, csrf.token(state.form_keys, back.path, member, now)))
    fields.append((undo.FIELD, undo.token(state.form_keys, back.path, member, now)))
    undo.offer(response, back.path, fields, secure=state.secure)


def _may_open(path: str) -> bool:
    """Return True if the reader may open a page of any service, by the table of access."""
    now = _rendering.get()
    return now.state.access.opens(member_of(now.request), path)


def _languages(action: str | None = None) -> list[LanguageLink]:
    """Return links to this page, or another path, in each language."""
    now = _rendering.get()
    url = now.request.url
    target = action or (f"{url.path}?{url.query}" if url.query else url.path)
    return [
        LanguageLink(locale, i18n.LANGUAGE_NAMES[locale], localised(locale, target), locale == now.locale)
        for locale in i18n.LOCALES
    ]


def _root(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(package)
    return Path(next(iter(spec.submodule_search_locations)))
