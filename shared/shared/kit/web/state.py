"""The state of an application that every request can read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request

from shared.kit.assertions import LiveVerifier
from shared.kit.i18n import Texts
from shared.kit.web.access import Access
from shared.kit.web.acts import Acts
from shared.kit.web.form_keys import FormKeys
from shared.kit.web.messages import Label


@dataclass(frozen=True, slots=True)
class WebState:
    """
    The parts of an application that pages, form tokens and staff checks share.

    Attributes:
        texts: The texts of pages and messages.
        form_keys: Sign form tokens.
        assertions: Verifies who is signed in, as intake asserts it through the gateway.
        access: Who may open which route.
        public_url: Scheme and host of the system.
        environment_label: The kind of installation, shown to staff; empty in production.
        wall: Returns the real time, also in a rehearsal at high speed.
        labels: Field name to label, for the messages of the API.
        sentences: Slug of a ``DomainError`` to the sentence (msgid) that explains it.
        acts: What keeps each act of staff from being a slip, by the path of its route.
    """

    texts: Texts
    form_keys: FormKeys
    assertions: LiveVerifier
    access: Access
    public_url: str
    environment_label: str
    wall: Callable[[], datetime]
    labels: Mapping[str, Label] = field(default_factory=dict)
    sentences: Mapping[str, str] = field(default_factory=dict)
    acts: Acts = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Return True if browsers come by HTTPS."""
        return self.public_url.startswith("https://")


def state_of(request: Request) -> WebState:
    """Return the state that ``create_app`` put on the application."""
    state: WebState = request.app.state.web
    return state


def locale_of(request: Request) -> str:
    """Return the reader's language: nb, nn or en."""
    return getattr(request.state, "locale", "nb")
