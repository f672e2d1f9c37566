"""One page with every mail: all languages, light and dark, on a phone and on a wide screen."""

from collections.abc import Mapping, Sequence
from importlib import resources

from jinja2 import Environment, StrictUndefined

from notify.domain.mail_spec import MailSpec
from notify.mails.registry import mail_registry
from selvhjelp.gallery.samples import DESKTOP, PHONE, Sample, renderer
from shared.kit.i18n import LANGUAGE_NAMES


def page(kinds: Mapping[str, Sequence[Sample]]) -> str:
    """Return the page as HTML, complete in one file."""
    source = resources.files("selvhjelp.gallery").joinpath("gallery.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source).render(
        kinds=[(mail_registry()[kind], samples) for kind, samples in kinds.items()],
        languages=LANGUAGE_NAMES,
        widths={"telefon": PHONE, "bred": DESKTOP},
        call=_call,
    )


def _call(spec: MailSpec, sample: Sample, language: str) -> str:
    """Return what staff say in place of the mail; empty if nobody is called."""
    return renderer().call_script(sample.contents[language], told=True) if spec.call else ""
