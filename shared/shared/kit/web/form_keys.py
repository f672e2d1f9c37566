"""The keys of form tokens: a service's own, and those of forms that pages of several services have."""

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from shared.kit.keys import Keys


@dataclass(frozen=True)
class FormKeys:
    """
    The keys of form tokens.

    Attributes:
        own: Those of forms that only pages of this service have.
        shared: Pattern of a path, and the keys of forms that post to it and that pages of other services have too.
    """

    own: Keys
    shared: Sequence[tuple[re.Pattern[str], Keys]] = ()

    def of(self, path: str) -> Keys:
        """Return the keys of forms that post to a path."""
        return next((keys for pattern, keys in self.shared if pattern.fullmatch(path)), self.own)

    def stamp(self, path: str, binding: str, at: datetime) -> str:
        """Return a signed time for a form that posts to a path; ``binding`` begins with what it is for."""
        moment = at.timestamp().hex()
        return f"{moment}~{_mac(self.of(path).newest, binding, moment)}"

    def stamped_at(self, value: str, path: str, binding: str) -> float | None:
        """Return the time of a stamp in seconds since 1970; None if it was not made here for this."""
        moment, _, mac = value.partition("~")

        def verify(key: bytes) -> bool | None:
            return hmac.compare_digest(mac.encode(), _mac(key, binding, moment).encode()) or None

        return float.fromhex(moment) if self.of(path).first(verify) else None


def _mac(key: bytes, binding: str, moment: str) -> str:
    digest = hmac.new(key, f"{binding}\0{moment}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
