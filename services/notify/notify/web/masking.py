"""Links in a preview: they answer in the recipient's name, so staff see them without their tokens."""

import re
from typing import Final

from shared.reference.link_purposes import LINK_PATHS

_TOKEN: Final = re.compile(rf"((?:{'|'.join(map(re.escape, LINK_PATHS.values()))})/)[\w-]+")


def masked(text: str) -> str:
    """Return the text of a mail without the tokens of its links."""
    return _TOKEN.sub(r"\1…", text)
