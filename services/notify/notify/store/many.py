"""Conditions on many ids."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped


def among(column: Mapped[Any], ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    """Return the condition that a column is one of these ids: an array, so that any number has the same statement."""
    return column == sa.func.any(sa.bindparam(None, list(ids), type_=sa.ARRAY(sa.Uuid)))
