"""
Proof of work: a browser that has computed for a second sends a form that asks a stranger nothing.

The challenge (ALTCHA, protocol 2) is signed, bound to one unfinished form, and counts once until it expires. A person
never sees it; where no script runs, the confirmation mail has a smaller budget instead.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import altcha
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.drafts import Draft
from intake.store import proofs_of_work
from intake.vault.vault import Vault
from shared.reference.retention import Data, kept_for

ALGORITHM: Final = "PBKDF2/SHA-256"
COST: Final = 4000  # iterations; about a second of a phone, with the 256 tries that the prefix asks for on average
PAYLOAD_MAX: Final = 4096  # characters


def challenge(vault: Vault, draft: Draft, now: datetime, *, cost: int = COST) -> Mapping[str, Any]:
    """Return a challenge for one unfinished form."""
    return altcha.create_challenge(
        ALGORITHM,
        cost,
        expires_at=now + kept_for(Data.DRAFT),
        data={"form": _form(draft)},
        hmac_secret=_secret(vault),
    ).to_dict()


async def is_proven(session: AsyncSession, vault: Vault, draft: Draft, payload: str, now: datetime) -> bool:
    """Return True for the first solution of a challenge of this form; never fails, whatever was sent."""
    if not payload or len(payload) > PAYLOAD_MAX:
        return False
    try:
        sent = json.loads(base64.b64decode(payload, validate=True))
        parameters = sent["challenge"]["parameters"]
        expires_at = datetime.fromtimestamp(int(parameters["expiresAt"]), UTC)
        bound = parameters["data"]["form"] == _form(draft) and parameters["algorithm"] == ALGORITHM
        signature = str(sent["challenge"]["signature"])
        if not bound or not now <= expires_at <= now + kept_for(Data.DRAFT) + timedelta(minutes=1):
            return False
        verified = altcha.verify_solution(payload, _secret(vault)).verified
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error):
        return False
    return verified and await proofs_of_work.use(session, hashlib.sha256(signature.encode()).digest(), expires_at)


def _form(draft: Draft) -> str:
    return hashlib.sha256(f"form|{draft.nonce}".encode()).hexdigest()


def _secret(vault: Vault) -> bytes:
    return vault.index("proof", "challenges")
