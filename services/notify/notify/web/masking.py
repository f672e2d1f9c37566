"""Previews without links that answer: a link acts in the recipient's name, so staff see it without its token."""

from typing import Final
from uuid import UUID

from pydantic import SecretStr

from notify.rendering import Renderer
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS

MASK: Final = "…"


class MaskedLinks(Links):
    """Links of every purpose that show their page and open nothing: there is no key to make a token with."""

    def __init__(self) -> None:
        super().__init__(SecretStr(""), LINK_PATHS)

    def token(self, purpose: str, id_: UUID) -> str:
        """Return a mark in place of the token."""
        del purpose, id_
        return MASK


def for_staff(renderer: Renderer) -> Renderer:
    """Return the renderer of previews."""
    return renderer.with_links(MaskedLinks())
