"""Column types that all services' tables use, and the text of a check."""

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

# Any: SQLModel's ``sa_type`` takes an instance as well as a class, but is annotated for the class alone.
MOMENT: Final[Any] = sa.DateTime(timezone=True)
"""A moment in time, with time zone."""

TEXTS: Final[Any] = ARRAY(sa.Text)
"""A list of texts."""

JSON: Final[Any] = JSONB
"""A document."""


def one_of(column: str, words: Iterable[object]) -> str:
    """Return the condition of a CHECK constraint: the column holds one of these words."""
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"
