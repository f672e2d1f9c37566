"""Table of the pictures that centres have uploaded (decision 63)."""

from datetime import datetime

from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class CentrePicture(Base, table=True):
    """
    A picture of a centre, in a version of its look or only seen in a preview.

    Attributes:
        digest: SHA-256 of the content, by which versions name it.
        stored_at: When it was last uploaded.
    """

    __tablename__ = "centre_pictures"

    centre: str = Field(primary_key=True, max_length=63)
    digest: str = Field(primary_key=True, max_length=64)
    media_type: str = Field(max_length=31)
    content: bytes
    stored_at: datetime = Field(sa_type=MOMENT)
