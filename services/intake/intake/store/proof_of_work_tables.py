"""The table of solved challenges."""

from datetime import datetime

from sqlmodel import Field

from intake.store.tables import Base
from shared.kit.database.columns import MOMENT


class UsedProof(Base, table=True):
    """A challenge that was solved, by the hash of its signature, until it expires: it counts once."""

    __tablename__ = "used_proofs"

    proof_hash: bytes = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=MOMENT, index=True)
