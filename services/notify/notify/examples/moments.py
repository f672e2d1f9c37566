"""When the examples happen, and who makes one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

from notify.domain.content import MailContent

Example = partial[MailContent]
"""Makes the content of a mail from its kind, language, centre and so on."""

Examples = Mapping[str, Mapping[str, Example]]
"""The examples of each kind by their names; the first one is what most people get."""

PLAIN: Final[Mapping[str, Example]] = {"plain": partial(MailContent)}
NOW: Final = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
DEADLINE: Final = datetime(2027, 3, 12, 12, 0, tzinfo=UTC)
MEETS_AT: Final = datetime(2027, 3, 25, 17, 0, tzinfo=UTC)
MEETS_UNTIL: Final = datetime(2027, 3, 25, 19, 0, tzinfo=UTC)
